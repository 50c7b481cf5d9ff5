//go:build !js && !plan9 && !wasip1

package sealed

import (
	"bytes"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// Tx is a transaction. What it returns is valid until it ends.
type Tx struct {
	bolt    *bbolt.Tx
	path    string
	buckets map[string]*Bucket
	changed []*Bucket
}

// Bucket is a bucket within a transaction. Its errors, if it is read only, are *[DamageError].
type Bucket struct {
	tx      *Tx
	bolt    *bbolt.Bucket
	names   []string
	place   []byte
	sum     uint64
	changed bool
	nested  map[string]*Bucket
}

// Bucket returns one of the buckets on the first level.
func (t *Tx) Bucket(name string) *Bucket {
	if b := t.buckets[name]; b != nil {
		return b
	}
	if t.buckets == nil {
		t.buckets = map[string]*Bucket{}
	}
	b := t.bucket(t.bolt.Bucket([]byte(name)), []string{name})
	t.buckets[name] = b
	return b
}

func (t *Tx) bucket(bolt *bbolt.Bucket, names []string) *Bucket {
	return &Bucket{tx: t, bolt: bolt, names: names, place: place(names...), sum: bolt.Sequence(), nested: map[string]*Bucket{}}
}

// Nested returns a bucket in another one; nil where there is none, unless it is to be made. Its name is not empty.
func (b *Bucket) Nested(name string, make bool) (*Bucket, error) {
	if n := b.nested[name]; n != nil {
		return n, nil
	}
	bolt := b.bolt.Bucket([]byte(name))
	if bolt == nil {
		if !make {
			return nil, nil
		}
		var err error
		if bolt, err = b.bolt.CreateBucket([]byte(name)); err != nil {
			return nil, err
		}
		b.change(bucketShare(b.place, []byte(name)))
	}
	n := b.tx.bucket(bolt, append(slices.Clone(b.names), name))
	b.nested[name] = n
	return n, nil
}

// Appended says that the keys that are put are greater than all others, so that pages can be filled.
func (b *Bucket) Appended() *Bucket {
	b.bolt.FillPercent = 1
	return b
}

// change adds to the sum of the bucket.
func (b *Bucket) change(difference uint64) {
	b.sum += difference
	if !b.changed {
		b.changed = true
		b.tx.changed = append(b.tx.changed, b)
	}
}

func (b *Bucket) damage(err error) error {
	return &DamageError{b.tx.path, []error{fmt.Errorf("bucket %q: %w", b.names, err)}}
}

// Get returns the value of a key; nil for none.
func (b *Bucket) Get(key []byte) ([]byte, error) {
	framed := b.bolt.Get(key)
	if framed == nil {
		return nil, nil
	}
	value, err := unframe(b.place, key, framed)
	if err != nil {
		return nil, b.damage(err)
	}
	return value, nil
}

// Put sets the value of a key, which has from 1 to 32768 bytes.
func (b *Bucket) Put(key, value []byte) error {
	framed := frame(b.place, key, value)
	difference := valueShare(framed)
	if old := b.bolt.Get(key); len(old) >= frameSize {
		difference -= valueShare(old)
	}
	if err := b.bolt.Put(key, framed); err != nil {
		return err
	}
	b.change(difference)
	return nil
}

// Delete deletes a key, if it is there.
func (b *Bucket) Delete(key []byte) error {
	old := b.bolt.Get(key)
	if len(old) < frameSize {
		return nil
	}
	difference := -valueShare(old)
	if err := b.bolt.Delete(key); err != nil {
		return err
	}
	b.change(difference)
	return nil
}

// Ascend calls a function with the keys from the first that is not less than another one, with their values, until it
// returns false or an error. The value of a nested bucket is nil. A bucket that is read from its first key, nil, to its
// end is compared with its seal. Nothing may be changed meanwhile.
func (b *Bucket) Ascend(from []byte, fn func(key, value []byte) (bool, error)) error {
	var sum uint64
	c := b.bolt.Cursor()
	for key, framed := c.Seek(from); key != nil; key, framed = c.Next() {
		var value []byte
		if framed == nil {
			sum += bucketShare(b.place, key)
		} else {
			var err error
			if value, err = unframe(b.place, key, framed); err != nil {
				return b.damage(err)
			}
			sum += valueShare(framed)
		}
		if more, err := fn(key, value); err != nil || !more {
			return err
		}
	}
	if from == nil && sum != b.sum {
		return b.damage(fmt.Errorf("values are missing: want the sum %#x, got %#x", b.sum, sum))
	}
	return nil
}

// Last returns the greatest key; nil for none.
func (b *Bucket) Last() ([]byte, error) {
	key, _ := b.bolt.Cursor().Last()
	return key, nil
}

// Has reports whether a key begins with a prefix.
func (b *Bucket) Has(prefix []byte) bool {
	key, _ := b.bolt.Cursor().Seek(prefix)
	return key != nil && bytes.HasPrefix(key, prefix)
}
