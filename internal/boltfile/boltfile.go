// Package boltfile reads whole files of go.etcd.io/bbolt, and tells what is wrong with them.
//
// bbolt trusts its file. It maps the file into memory and follows the numbers that it finds there: one that leads
// beyond the end of the file is a fault that ends the process, and pages that lead to each other are a loop without end
// (https://github.com/etcd-io/bbolt/issues/105, 335, 701). This package reads the file with plain reads and believes
// nothing, so that a file in which it has found no problem is safe to be opened by bbolt. What bbolt itself has no
// checksums for, the content, is handed to the caller.
//
// The format is version 2 of https://github.com/etcd-io/bbolt (internal/common), in the byte order of the machine.
package boltfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// Bucket is a bucket of a file.
type Bucket struct {
	Path     []string // its name, after those of the buckets that it is in; empty for the one that holds all others
	Sequence uint64

	name string // for problems
}

// Visit is told of every value, in the order of the keys of a bucket. A nested bucket is told as a key with the value
// nil. Key and value are valid during the call only.
type Visit func(b *Bucket, key, value []byte)

// maxProblems is how many problems are told at most.
const maxProblems = 100

// Read reads a file of size bytes. It returns all buckets whose content was visited, and what is wrong with the file;
// after many problems the rest are left out.
func Read(r io.ReaderAt, size int64, visit Visit) ([]*Bucket, []error) {
	f := &file{r: r, size: size, visit: visit}
	if f.open() {
		f.tree(f.bucket(nil, f.meta.sequence), f.meta.root, 0, nil, nil)
		f.freelist()
	}
	return f.buckets, f.problems
}

// The format.
const (
	magic         = uint32(0xED0CDAED)
	version       = 2
	headerSize    = 16 // of a page: id, flags, count, overflow
	metaSize      = 64
	elementSize   = 16
	bucketSize    = 16 // of a bucket in its parent's value: root page, sequence
	branchPage    = 0x01
	leafPage      = 0x02
	metaPage      = 0x04
	freelistPage  = 0x10
	bucketElement = 0x01
	noFreelist    = 1<<64 - 1
	manyFree      = 0xFFFF // the count of a freelist page whose first number is the count
	maxDepth      = 64     // of a tree; one with two keys a page and 64 levels would be larger than any disk
)

var order = binary.NativeEndian

// file is a file that is being read.
type file struct {
	r        io.ReaderAt
	size     int64
	visit    Visit
	pageSize uint64
	meta     meta
	claimed  []uint64 // a bit for each page that is in use or free
	scratch  [][]byte // a buffer for each level of the tree
	buckets  []*Bucket
	problems []error
}

// meta is what a meta page says.
type meta struct{ root, sequence, freelist, pages, txid uint64 }

func (f *file) problem(format string, args ...any) bool {
	if len(f.problems) < maxProblems {
		f.problems = append(f.problems, fmt.Errorf(format, args...))
	}
	return false
}

// read reads n bytes.
func (f *file) read(buf []byte, at uint64, n uint64) ([]byte, bool) {
	if uint64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	read, err := f.r.ReadAt(buf, int64(at))
	if uint64(read) == n {
		return buf, true
	}
	if errors.Is(err, io.EOF) {
		return nil, f.problem("the file is cut off: it ends within the %d bytes at %d", n, at)
	}
	return nil, f.problem("reading %d bytes at %d: %w", n, at, err)
}

// open reads the two meta pages, which transactions write in turn.
func (f *file) open() bool {
	if f.size < headerSize+metaSize {
		return f.problem("the file is cut off: it has %d bytes", f.size)
	}
	first, ok := f.readMeta(0, 0)
	if !ok {
		return false
	}
	second, ok := f.readMeta(1, f.pageSize)
	if !ok {
		return false
	}
	f.meta = first
	if second.txid > first.txid {
		f.meta = second
	}
	switch {
	case first.txid-second.txid != 1 && second.txid-first.txid != 1:
		return f.problem("the meta pages are of transactions %d and %d: want one after the other", first.txid, second.txid)
	case f.meta.pages > uint64(f.size)/f.pageSize:
		return f.problem("the file is cut off: it has %d bytes, want at least %d pages of %d", f.size, f.meta.pages, f.pageSize)
	case uint64(f.size)%f.pageSize != 0: // bbolt lets a file grow by whole pages, beyond those that it uses
		return f.problem("the file is cut off: it has %d bytes, want whole pages of %d", f.size, f.pageSize)
	}
	f.claimed = make([]uint64, f.meta.pages/64+1)
	return true
}

// readMeta reads a meta page. A disk writes its 80 bytes as a whole, since they are in one sector; so one that is not
// right is damaged, and was not merely cut off by a crash.
func (f *file) readMeta(id, at uint64) (m meta, ok bool) {
	page, ok := f.read(nil, at, headerSize+metaSize)
	if !ok {
		return m, false
	}
	b := page[headerSize:]
	if got := order.Uint32(b); got != magic {
		return m, f.problem("page %d: want the mark %#x of a meta page, got %#x: no file of bbolt, or damaged", id, magic, got)
	}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:metaSize-8])
	if got, want := order.Uint64(b[metaSize-8:]), sum.Sum64(); got != want {
		return m, f.problem("page %d: want checksum %#x of the meta page, got %#x", id, want, got)
	}
	if got := order.Uint32(b[4:]); got != version {
		return m, f.problem("page %d: want version %d of the format, got %d", id, version, got)
	}
	if got := order.Uint64(page); got != id || order.Uint16(page[8:]) != metaPage {
		return m, f.problem("page %d: want a meta page of that number, got page %d with flags %#x", id, got, order.Uint16(page[8:]))
	}
	size := uint64(order.Uint32(b[8:]))
	if size < 512 || size > 1<<24 || size&(size-1) != 0 || f.pageSize != 0 && size != f.pageSize {
		return m, f.problem("page %d: want a power of two as the size of pages, got %d", id, size)
	}
	f.pageSize = size
	u := func(at int) uint64 { return order.Uint64(b[at:]) }
	return meta{root: u(16), sequence: u(24), freelist: u(32), pages: u(40), txid: u(48)}, true
}

// claim notes that a page is in use or free. Each page is so once: this also ends every loop.
func (f *file) claim(id uint64, as string) bool {
	switch {
	case id < 2 || id >= f.meta.pages:
		return f.problem("page %d: is used as %s, but pages go from 2 to %d", id, as, f.meta.pages-1)
	case f.claimed[id/64]>>(id%64)&1 != 0:
		return f.problem("page %d: is used twice, the second time as %s", id, as)
	}
	f.claimed[id/64] |= 1 << (id % 64)
	return true
}

// header claims a page and those that it runs on into, and reads its header.
func (f *file) header(id uint64, as string, want func(flags uint16) bool) (count, overflow uint64, flags uint16, ok bool) {
	if !f.claim(id, as) {
		return 0, 0, 0, false
	}
	b, ok := f.read(nil, id*f.pageSize, headerSize)
	if !ok {
		return 0, 0, 0, false
	}
	flags, count, overflow = order.Uint16(b[8:]), uint64(order.Uint16(b[10:])), uint64(order.Uint32(b[12:]))
	if got := order.Uint64(b); got != id || !want(flags) {
		return 0, 0, 0, f.problem("page %d: want %s, got page %d with flags %#x", id, as, got, flags)
	}
	for i := range overflow {
		if !f.claim(id+1+i, as) {
			return 0, 0, 0, false
		}
	}
	return count, overflow, flags, true
}

// freelist claims the pages that are free.
func (f *file) freelist() {
	id := f.meta.freelist
	if id == noFreelist {
		return
	}
	count, overflow, _, ok := f.header(id, "the list of free pages", func(flags uint16) bool { return flags == freelistPage })
	if !ok {
		return
	}
	at, room := id*f.pageSize+headerSize, ((overflow+1)*f.pageSize-headerSize)/8
	if count == manyFree {
		b, ok := f.read(nil, at, 8)
		if !ok {
			return
		}
		count, at, room = order.Uint64(b), at+8, room-1
	}
	if count > room {
		f.problem("page %d: lists %d free pages, but has room for %d", id, count, room)
		return
	}
	ids, ok := f.read(nil, at, 8*count)
	if !ok {
		return
	}
	for ; len(ids) > 0; ids = ids[8:] {
		if !f.claim(order.Uint64(ids), "a free page") {
			return
		}
	}
}
