package shorttext_test

import (
	"runtime"
	"strings"
	"testing"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/internal/lua/shorttext"
)

// TestACacheReturnsWhatItIsGiven has texts that come again and again, more than the cache has room for.
func TestACacheReturnsWhatItIsGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c shorttext.Cache
		texts := rapid.SliceOfN(rapid.StringN(0, -1, 2*shorttext.Max), 1, 600).Draw(t, "texts")
		for range 3 {
			for _, text := range texts {
				if got := c.Of(text); got != lua.LValue(lua.LString(text)) {
					t.Fatalf("got %q, want %q", got, text)
				}
			}
		}
	})
}

func TestATextThatIsMetAgainIsMadeOnce(t *testing.T) {
	var c shorttext.Cache
	var kept lua.LValue
	for _, text := range []string{"", "a", "abc", "available", "10.0.0.1:/export/of/a/host", strings.Repeat("x", shorttext.Max)} {
		c.Of(text)
		if got := testing.AllocsPerRun(100, func() { kept = c.Of(text) }); got != 0 {
			t.Errorf("%q: got %v allocations, want none", text, got)
		}
	}
	runtime.KeepAlive(kept)
}

func TestATextThatIsMetOnceDrivesNoneOut(t *testing.T) {
	var c shorttext.Cache
	c.Of("available")
	known := c.Of("available")
	for i := range 10_000 {
		c.Of(strings.Repeat(string(rune('a'+i%26)), i%shorttext.Max) + string(rune(i)))
	}
	if again := c.Of("available"); data(again) != data(known) {
		t.Error("the text was made again")
	}
}

// TestACacheKeepsNoBytesOfOthers has a short text that is a part of a long one.
func TestACacheKeepsNoBytesOfOthers(t *testing.T) {
	var c shorttext.Cache
	long := strings.Repeat("x", 1<<20)
	c.Of(long[:10])
	if got := c.Of(long[:10]); data(got) == unsafe.StringData(long) {
		t.Error("the cache keeps the long text")
	}
}

func data(v lua.LValue) *byte { return unsafe.StringData(string(v.(lua.LString))) }
