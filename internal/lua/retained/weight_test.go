package retained

import (
	"fmt"
	"runtime"
	"testing"
	"unsafe"
)

// TestMapsAreAsTheRuntimeHasThem: with a Go whose maps are others, sizes of maps are guessed, and this file's are to be
// written anew.
func TestMapsAreAsTheRuntimeHasThem(t *testing.T) {
	if !mapsAreKnown {
		t.Errorf("the maps of %s are not as weight.go has them", runtime.Version())
	}
}

// TestGuessedMapsAreNotTooSmall: where the runtime's maps are unknown, what is guessed for them is at least what they
// take, and not much more.
func TestGuessedMapsAreNotTooSmall(t *testing.T) {
	const entry = int(unsafe.Sizeof("")) + SlotSize
	for _, n := range []int{1, 8, 9, 32, 60, 100, 896, 897, 5000, 50_000} {
		m := map[string]any{}
		if n <= 32 {
			m = make(map[string]any, 32)
		}
		for i := range n {
			m[fmt.Sprint(i)] = nil
		}
		known, guessed := mapBytes(mapOf(unsafe.Pointer(&m)), entry, n), guessedMap(entry, n)
		if guessed < known*99/100 || n >= 32 && guessed > 4*known {
			t.Errorf("%d entries: guessed %d bytes, takes %d", n, guessed, known)
		}
	}
}

// TestMarksKnowEveryPlaceOnce adds addresses near and far from one another.
func TestMarksKnowEveryPlaceOnce(t *testing.T) {
	var m marks
	want := map[uintptr]bool{}
	const first = 0xc0000000
	for i := range uint64(20_000) {
		p := first + uintptr(i*i*16%(1<<28)+i%16)
		if isNew := !want[p>>grainShift]; m.add(p) != isNew {
			t.Fatalf("%#x is new: want %v", p, isNew)
		}
		want[p>>grainShift] = true
	}
}
