package stdlib

import (
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// TestEachPieceOfAFormatCounts: a long format of short pieces must not run uncounted.
func TestEachPieceOfAFormatCounts(t *testing.T) {
	const n = 10000
	l, L := newLibrary(t)
	l.Now = func(*lua.LState) time.Time { return time.Unix(0, 0) }
	for _, tt := range []struct {
		function lua.LGFunction
		format   string
	}{
		{l.format, "%%"}, {l.format, "a%%"}, {l.date, "%n"}, {l.date, "%%"}, {l.date, "%Y"}, {l.date, "%D"},
	} {
		before := l.Left
		err := L.CallByParam(lua.P{Fn: L.NewFunction(tt.function), Protect: true}, lua.LString(strings.Repeat(tt.format, n)))
		if counted := before - l.Left; err != nil || counted < n {
			t.Errorf("%d times %s count as %d instructions, error %v; want at least one each", n, tt.format, counted, err)
		}
	}
}

// TestOnlyASmallBufferStays: what a run needed for a long text, or for texts within texts, is let go of.
func TestOnlyASmallBufferStays(t *testing.T) {
	for _, tt := range []struct {
		buffers []int // their capacities
		stay    bool
	}{
		{[]int{64}, true}, {[]int{KeptBuffer}, true}, {[]int{KeptBuffer + 1}, false}, {[]int{64, 64}, false}, {nil, false},
	} {
		var l Library
		for _, size := range tt.buffers {
			l.leaveBuffer(make([]byte, 0, size))
		}
		if l.DropBuffers(KeptBuffer); len(l.buffers) > 0 != tt.stay {
			t.Errorf("buffers of %v bytes: %d stay, want any: %v", tt.buffers, len(l.buffers), tt.stay)
		}
	}
}

// TestOneMatcherStays: what functions needed that matched within each other is let go of.
func TestOneMatcherStays(t *testing.T) {
	l, L := newLibrary(t)
	gsub := L.NewFunction(l.gsub)
	var depth int
	var nest *lua.LFunction
	nest = L.NewFunction(func(L *lua.LState) int {
		if depth++; depth < 10 {
			L.Push(gsub)
			L.Push(lua.LString("b"))
			L.Push(lua.LString("b"))
			L.Push(nest)
			L.Call(3, 0)
		}
		return 0
	})
	if err := L.CallByParam(lua.P{Fn: nest, Protect: true}); err != nil {
		t.Fatal(err)
	}
	before := len(l.matchers)
	if l.DropBuffers(KeptBuffer); before != 9 || len(l.matchers) != 1 || cap(l.matchers) != 1 {
		t.Errorf("of %d matchers %d stay, in room for %d; want 1 of 9", before, len(l.matchers), cap(l.matchers))
	}
}
