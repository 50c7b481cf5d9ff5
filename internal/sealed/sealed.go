// Package sealed keeps values in a file of go.etcd.io/bbolt so that damage to the file is noticed.
//
// A value is stored with the checksum of itself, its key and its bucket. The sequence number of a bucket, which bbolt
// leaves to its users, is the bucket's seal: the number of its values and the sum of their checksums. So a value that
// has changed is noticed, and so is one that is missing or in the wrong place. [Open] has bbolt lock the file, and then
// reads all of it before bbolt does, which trusts it: one that is damaged or cut off is refused; see package boltfile.
// What goes wrong later, such as a disk that can no longer be read, is an error of the transaction, too, and ends
// nothing else.
//
// The buckets on the first level are given when the file is made; those in them are made as they are needed.
package sealed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/boltfile"
)

// ErrLocked says that another process has the file open.
var ErrLocked = errors.New("in use by another process")

// DamageError says that a file, or a part of it, is not as it was written.
type DamageError struct {
	Path     string
	Problems []error // at least one
}

func (e *DamageError) Error() string {
	text := fmt.Sprintf("%s is damaged: %v", e.Path, e.Problems[0])
	if more := len(e.Problems) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// Unwrap returns the problems.
func (e *DamageError) Unwrap() []error { return e.Problems }

// UnsureError is an error of the disk after which nobody knows what the file contains, until it is read anew.
//
// After a failed sync the system may take pages for clean that have never reached the disk, so that the next sync
// succeeds without them (Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020).
type UnsureError struct{ Err error }

func (e *UnsureError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the disk.
func (e *UnsureError) Unwrap() error { return e.Err }

// Passes reports whether a transaction that failed with an error may succeed later, once the file was opened again: the
// disk was full or read-only, say. It may not where the file is damaged, or nobody knows what is in it.
func Passes(err error) bool {
	var damage *DamageError
	var unsure *UnsureError
	return !errors.As(err, &damage) && !errors.As(err, &unsure)
}

// A stored value is the version of this form, the checksum, and the value.
const (
	version   = 1
	sumSize   = 4
	frameSize = 1 + sumSize
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// place is a prefix of checksums: the path of a bucket.
func place(path ...string) []byte {
	var p []byte
	for _, name := range path {
		p = binary.AppendUvarint(p, uint64(len(name)))
		p = append(p, name...)
	}
	return p
}

func checksum(place, key, value []byte) uint32 {
	var size [binary.MaxVarintLen64]byte
	sum := crc32.Update(version, castagnoli, place)
	sum = crc32.Update(sum, castagnoli, binary.AppendUvarint(size[:0], uint64(len(key))))
	return crc32.Update(crc32.Update(sum, castagnoli, key), castagnoli, value)
}

// frame returns a value as it is stored.
func frame(place, key, value []byte) []byte {
	framed := make([]byte, frameSize, frameSize+len(value))
	framed[0] = version
	binary.LittleEndian.PutUint32(framed[1:], checksum(place, key, value))
	return append(framed, value...)
}

// unframe returns the value of what is stored.
func unframe(place, key, framed []byte) ([]byte, error) {
	if len(framed) < frameSize {
		return nil, fmt.Errorf("value of %q: want %d bytes at least, got %d", key, frameSize, len(framed))
	}
	if framed[0] != version {
		return nil, fmt.Errorf("value of %q: want version %d, got %d", key, version, framed[0])
	}
	value := framed[frameSize:]
	if got, want := binary.LittleEndian.Uint32(framed[1:]), checksum(place, key, value); got != want {
		return nil, fmt.Errorf("value of %q: want checksum %#08x, got %#08x", key, want, got)
	}
	return value, nil
}

// share is what a stored value, or a nested bucket, adds to the seal of its bucket: one to the upper half, which
// counts, and its checksum. A single value that is missing always shows.
func share(sum uint32) uint64 { return 1<<32 + uint64(sum) }

func valueShare(framed []byte) uint64 { return share(binary.LittleEndian.Uint32(framed[1:])) }

func bucketShare(place, name []byte) uint64 { return share(checksum(place, name, nil)) }

// check reads a file and returns what is wrong with it; nil when nothing is. The error says that it cannot be read.
func check(path string, buckets []string) ([]error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return problems(f, info.Size(), buckets), nil
}

// problems compares the seals of all buckets with what is in them.
func problems(f *os.File, size int64, want []string) []error {
	type seal struct {
		place []byte
		sum   uint64
	}
	seals := map[*boltfile.Bucket]*seal{}
	of := func(b *boltfile.Bucket) *seal {
		if seals[b] == nil {
			seals[b] = &seal{place: place(b.Path...)}
		}
		return seals[b]
	}
	var top []string
	var damaged []error
	buckets, found := boltfile.Read(f, size, func(b *boltfile.Bucket, key, framed []byte) {
		s := of(b)
		switch {
		case len(b.Path) == 0 && framed == nil:
			top = append(top, string(key))
		case framed == nil:
			s.sum += bucketShare(s.place, key)
		default:
			if _, err := unframe(s.place, key, framed); err != nil { // all that is outside of buckets, too
				damaged = append(damaged, fmt.Errorf("bucket %q: %w", b.Path, err))
				return
			}
			s.sum += valueShare(framed)
		}
	})
	if found = append(found, damaged...); len(found) > 0 {
		return found
	}
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(top, want) {
		return []error{fmt.Errorf("want the buckets %s, got %q: damaged, or made by another program", strings.Join(want, ", "), top)}
	}
	for _, b := range buckets {
		if s := of(b); len(b.Path) > 0 && s.sum != b.Sequence {
			found = append(found, fmt.Errorf("bucket %q: want %d values with the sum %#x, got %d with %#x",
				b.Path, b.Sequence>>32, uint32(b.Sequence), s.sum>>32, uint32(s.sum)))
		}
	}
	return found
}
