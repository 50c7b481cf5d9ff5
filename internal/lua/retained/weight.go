package retained

import (
	"math/bits"
	"runtime/metrics"
	"slices"
	"unsafe"
)

// This file says how much memory Go takes for what it allocates. For maps it must look at the runtime's internals: a
// map never gives room back, so what it has now says little about what it takes.

// allocated is how much Go takes for n bytes without pointers: one of some sizes, and whole pages above 32 KiB.
func allocated(n int) int64 {
	if n > maxClass {
		return int64(n+1<<pageShift-1) &^ (1<<pageShift - 1)
	}
	return int64(sizeClasses[(n+7)/8])
}

// withPointers is how much Go takes for n bytes with pointers: where these are many, Go adds a word that says what they
// are.
func withPointers(n int) int64 {
	if n > 512 {
		n += 8
	}
	return allocated(n)
}

// slots is what Go takes for an array of n values.
func slots(n int) int64 { return withPointers(n * SlotSize) }

const maxClass = 32 << 10

// sizeClasses are the sizes in which Go allocates, by the bytes that are wanted, in eights, rounded up. It packs short
// strings together into blocks of sixteen bytes.
var sizeClasses = func() (sizes [maxClass/8 + 1]uint16) {
	sample := [1]metrics.Sample{{Name: "/gc/heap/allocs-by-size:bytes"}}
	metrics.Read(sample[:])
	var bounds []float64 // each is one more than a size
	if sample[0].Value.Kind() == metrics.KindFloat64Histogram {
		bounds = sample[0].Value.Float64Histogram().Buckets
	}
	for i := 1; i < len(sizes); i++ {
		n := max(8*i, 16)
		at, _ := slices.BinarySearch(bounds, float64(n+1))
		if at < len(bounds) && bounds[at] <= maxClass+1 {
			n = int(bounds[at]) - 1
		}
		sizes[i] = uint16(n)
	}
	return sizes
}()

// goMap is a map as Go's runtime has it from version 1.24 on (internal/runtime/maps): its entries are in groups of
// eight, the groups in tables, and each table belongs to some neighbouring places of a directory. A map that never had
// more than eight entries has one group.
type goMap struct {
	used  uint64
	_     uintptr
	dir   unsafe.Pointer // to place pointers to tables; to a group where place is 0
	place int
	depth uint8 // 1<<depth places
}

type goTable struct {
	used, capacity, _ uint16
	_                 uint8
	_                 int
	_                 [2]unsafe.Pointer
}

// mapOf is the map behind a pointer to a variable that holds one; nil for a nil map.
func mapOf(variable unsafe.Pointer) *goMap { return *(**goMap)(variable) }

const groupSlots = 8

// mapBytes is how much a map takes whose entries are of the given size in bytes. Most is how many entries the map ever
// had, which counts where the runtime's maps are not those that this file knows.
func mapBytes(m *goMap, entry, most int) int64 {
	switch {
	case m == nil:
		return 0
	case !mapsAreKnown:
		return guessedMap(entry, most)
	case m.dir == nil:
		return allocated(int(unsafe.Sizeof(*m)))
	}
	n := allocated(int(unsafe.Sizeof(*m)))
	if m.place == 0 {
		return n + groups(entry, groupSlots)
	}
	n += withPointers(m.place * int(unsafe.Sizeof(m.dir)))
	for t := range m.tables {
		n += allocated(int(unsafe.Sizeof(*t))) + groups(entry, int(t.capacity))
	}
	return n
}

// tables are the tables of a map that has a directory.
func (m *goMap) tables(yield func(*goTable) bool) {
	var last *goTable
	for _, t := range unsafe.Slice((**goTable)(m.dir), m.place) {
		if t != last && !yield(t) {
			return
		}
		last = t
	}
}

// groups is how much the groups of a table with room for the given number of entries take.
func groups(entry, room int) int64 { return withPointers(room / groupSlots * (8 + groupSlots*entry)) }

// guessedMap is how much a map takes at most that ever had the given number of entries: gopher-lua makes some maps with
// room for 32 at once, and a map grows by doubling its room.
func guessedMap(entry, most int) int64 {
	room := 1 << bits.Len(uint(max(most, 32)*groupSlots/(groupSlots-1)))
	return 48 + groups(entry, room)*5/4
}

// mapsAreKnown tells whether Go's maps are as this file describes them, judging by a small one and a large one.
// Pointers are followed only when all the numbers about them are right.
var mapsAreKnown = func() bool {
	small, large := map[int]int{}, map[int]int{}
	for i := range 2000 {
		if large[i] = i; i < groupSlots {
			small[i] = i
		}
	}
	s, l := mapOf(unsafe.Pointer(&small)), mapOf(unsafe.Pointer(&large))
	if s.used != groupSlots || s.place != 0 || s.depth != 0 || s.dir == nil ||
		l.used != 2000 || l.place < 2 || l.place > 2000/groupSlots || l.depth > 10 || 1<<l.depth != l.place || l.dir == nil {
		return false
	}
	used := 0
	for t := range l.tables {
		if t.used > t.capacity || t.capacity < groupSlots || bits.OnesCount16(t.capacity) != 1 {
			return false
		}
		used += int(t.used)
	}
	return used == 2000
}()
