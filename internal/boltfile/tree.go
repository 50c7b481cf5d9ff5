package boltfile

import (
	"bytes"
	"fmt"
	"slices"
)

// bucket notes a bucket.
func (f *file) bucket(path []string, sequence uint64) *Bucket {
	b := &Bucket{Path: path, Sequence: sequence, name: fmt.Sprintf("bucket %q", path)}
	f.buckets = append(f.buckets, b)
	return b
}

// page is a page of a tree: its header, and its elements with their keys and values.
type page struct {
	bucket *Bucket
	id     uint64 // 0 for the page of a small bucket, which is in a value of its parent
	count  uint64
	bytes  []byte
	leaf   bool
}

func (p page) String() string {
	if p.id == 0 {
		return p.bucket.name + ", inside its parent's page"
	}
	return fmt.Sprintf("page %d, of %s", p.id, p.bucket.name)
}

// tree reads a page and those below it, whose keys are from low to, exclusively, high; nil is no bound.
func (f *file) tree(b *Bucket, id uint64, depth int, low, high []byte) bool {
	if depth > maxDepth {
		return f.problem("page %d: is %d levels deep", id, depth)
	}
	p, ok := f.load(b, id, depth)
	if !ok {
		return false
	}
	if p.leaf {
		return f.leaf(p, depth, low, high)
	}
	if p.count == 0 {
		return f.problem("%s: has no elements", p)
	}
	for i := range p.count {
		key, _, _, ok := f.element(p, i)
		if !ok || !f.ordered(p, i, key, low, high) {
			return false
		}
		next := high
		if i+1 < p.count {
			if next, _, _, ok = f.element(p, i+1); !ok {
				return false
			}
		}
		low = key
		f.tree(b, order.Uint64(p.bytes[headerSize+elementSize*i+8:]), depth+1, key, next)
	}
	return true
}

// load reads a page of a tree. How long it is, its elements say: a wrong length is found before so much is read.
func (f *file) load(b *Bucket, id uint64, depth int) (page, bool) {
	isTree := func(flags uint16) bool { return flags == branchPage || flags == leafPage }
	count, overflow, flags, ok := f.header(id, b.name, isTree)
	if !ok {
		return page{}, false
	}
	p := page{bucket: b, id: id, count: count, leaf: flags == leafPage}
	for len(f.scratch) <= depth {
		f.scratch = append(f.scratch, nil)
	}
	most := (overflow + 1) * f.pageSize
	end := headerSize + elementSize*count
	if end > most {
		return p, f.problem("%s: has %d elements, but only %d bytes", p, count, most)
	}
	if overflow > 0 {
		if p.bytes, ok = f.read(nil, id*f.pageSize, end); !ok {
			return p, false
		}
		for i := range count {
			_, last := p.extent(i)
			end = max(end, last)
		}
		if end > most || end < overflow*f.pageSize {
			return p, f.problem("%s: its elements take %d bytes, but it has %d", p, end, most)
		}
	}
	p.bytes, ok = f.read(f.scratch[depth], id*f.pageSize, most)
	f.scratch[depth] = p.bytes
	return p, ok
}

// extent returns where the key of an element begins and where its value ends.
func (p page) extent(i uint64) (begin, end uint64) {
	at := headerSize + elementSize*i
	e := p.bytes[at:]
	if !p.leaf {
		begin = at + uint64(order.Uint32(e))
		return begin, begin + uint64(order.Uint32(e[4:]))
	}
	begin = at + uint64(order.Uint32(e[4:]))
	return begin, begin + uint64(order.Uint32(e[8:])) + uint64(order.Uint32(e[12:]))
}

// element returns the key of an element and, in a leaf, its value and flags.
func (f *file) element(p page, i uint64) (key, value []byte, flags uint32, ok bool) {
	begin, end := p.extent(i)
	if begin < headerSize+elementSize*p.count || end > uint64(len(p.bytes)) {
		return nil, nil, 0, f.problem("%s: element %d lies from %d to %d, of %d bytes", p, i, begin, end, len(p.bytes))
	}
	e := p.bytes[headerSize+elementSize*i:]
	if !p.leaf {
		return p.bytes[begin:end], nil, 0, true
	}
	middle := begin + uint64(order.Uint32(e[8:]))
	return p.bytes[begin:middle], p.bytes[middle:end], order.Uint32(e), true
}

// ordered checks the key of element i: it is at least low, for those after the first greater than that, and below high.
func (f *file) ordered(p page, i uint64, key, low, high []byte) bool {
	c := bytes.Compare(key, low)
	if c < 0 || c == 0 && i > 0 || high != nil && bytes.Compare(key, high) >= 0 {
		return f.problem("%s: element %d, with key %q, is out of order", p, i, key)
	}
	return true
}

// leaf reads the elements of a leaf. Buckets in it may be leaves themselves, inside their value.
func (f *file) leaf(p page, depth int, low, high []byte) bool {
	for i := range p.count {
		key, value, flags, ok := f.element(p, i)
		if !ok || !f.ordered(p, i, key, low, high) {
			return false
		}
		low = key
		switch flags {
		case 0:
			f.visit(p.bucket, key, value)
		case bucketElement:
			f.visit(p.bucket, key, nil)
			f.nested(p, i, key, value, depth)
		default:
			return f.problem("%s: element %d has flags %#x", p, i, flags)
		}
	}
	return true
}

// nested reads a bucket that is in another one.
func (f *file) nested(p page, i uint64, key, value []byte, depth int) bool {
	if len(value) < bucketSize || p.id == 0 {
		return f.problem("%s: element %d is no bucket", p, i)
	}
	b := f.bucket(append(slices.Clone(p.bucket.Path), string(key)), order.Uint64(value[8:]))
	if root := order.Uint64(value); root != 0 {
		return f.tree(b, root, depth+1, nil, nil)
	}
	inline := page{bucket: b, bytes: value[bucketSize:], leaf: true}
	if len(inline.bytes) < headerSize || order.Uint16(inline.bytes[8:]) != leafPage {
		return f.problem("%s: is no leaf", inline)
	}
	inline.count = uint64(order.Uint16(inline.bytes[10:]))
	if uint64(len(inline.bytes)) < headerSize+elementSize*inline.count {
		return f.problem("%s: has %d elements, but only %d bytes", inline, inline.count, len(inline.bytes))
	}
	return f.leaf(inline, depth, nil, nil)
}
