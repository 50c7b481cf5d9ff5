package shorttext_test

import (
	"runtime"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/shorttext"
)

func TestJoinedStringsAreTheBytesOfBoth(t *testing.T) {
	const alphabet = "abcdefghijklmnopqrstuvwxyz\x00ABCDEFGHIJKLMNOPQRSTUVWXYZ\xff0123456789"
	var made []lua.LValue
	var want []string
	for n := range len(alphabet) {
		for at := range n + 1 {
			made = append(made, shorttext.Join(alphabet[:at], alphabet[at:n]))
			want = append(want, alphabet[:n])
		}
	}
	runtime.GC()
	for i, v := range made {
		if s, ok := v.(lua.LString); !ok || string(s) != want[i] || v != lua.LValue(lua.LString(want[i])) {
			t.Errorf("got %q, want %q", v, want[i])
		}
	}
}

func TestAShortStringIsMadeInOnePiece(t *testing.T) {
	var kept lua.LValue
	for n := range shorttext.Max + 1 {
		a, b := strings.Repeat("a", n/2), strings.Repeat("b", n-n/2)
		if got := testing.AllocsPerRun(100, func() { kept = shorttext.Join(a, b) }); got != 1 {
			t.Errorf("%d bytes: got %v allocations, want 1", n, got)
		}
	}
	runtime.KeepAlive(kept)
}
