//go:build !js && !plan9 && !wasip1

package boltfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/hookrun/hookrun/internal/boltfile"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// read returns the content of a file: values by the names of buckets and key, and the buckets by their names.
func read(t testing.TB, path string) (content map[string]string, problems []error) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content = map[string]string{}
	buckets, problems := boltfile.Read(bytes.NewReader(file), int64(len(file)), func(b *boltfile.Bucket, key, value []byte) {
		content[strings.Join(append(b.Path, string(key)), "/")] = string(value)
	})
	for _, b := range buckets[1:] {
		content[strings.Join(b.Path, "/")+" sequence"] = fmt.Sprint(b.Sequence)
	}
	return content, problems
}

// change makes a change at random, and notes what it leads to.
func change(random *rand.Rand, tx *bbolt.Tx, content map[string]string) error {
	top := fmt.Sprint("bucket", random.IntN(3))
	b, err := tx.CreateBucketIfNotExists([]byte(top))
	if err != nil {
		return err
	}
	path := top
	if random.IntN(2) == 0 {
		nested := fmt.Sprint("nested", random.IntN(40))
		content[path+"/"+nested] = ""
		content[path+" sequence"] = fmt.Sprint(b.Sequence())
		if b, err = b.CreateBucketIfNotExists([]byte(nested)); err != nil {
			return err
		}
		path += "/" + nested
	}
	content[top] = ""
	content[path+" sequence"] = fmt.Sprint(b.Sequence())
	for range random.IntN(60) {
		key := fmt.Sprintf("key%x%s", random.IntN(500), strings.Repeat("k", random.IntN(100)))
		if random.IntN(3) == 0 {
			delete(content, path+"/"+key)
			err = b.Delete([]byte(key))
		} else {
			value := strings.Repeat("v", random.IntN(1<<random.IntN(14)))
			content[path+"/"+key] = value
			err = b.Put([]byte(key), []byte(value))
		}
		if err != nil {
			return err
		}
	}
	seq, err := b.NextSequence()
	content[path+" sequence"] = fmt.Sprint(seq)
	return err
}

func TestWhatBboltWritesIsSound(t *testing.T) {
	long.Only(t)
	seed := rand.Uint64()
	for i, opts := range []bbolt.Options{{}, {NoFreelistSync: true}, {PageSize: 1024}, {PageSize: 16384, FreelistType: bbolt.FreelistMapType}} {
		opts.NoSync = true
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		path := filepath.Join(t.TempDir(), "test.db")
		db, err := bbolt.Open(path, 0o600, &opts)
		if err != nil {
			t.Fatal(err)
		}
		content := map[string]string{}
		for range 30 {
			before := maps.Clone(content)
			oops := errors.New("rolled back")
			err := db.Update(func(tx *bbolt.Tx) error {
				for range 1 + random.IntN(4) {
					if err := change(random, tx, content); err != nil {
						return err
					}
				}
				if random.IntN(5) == 0 {
					return oops
				}
				return nil
			})
			if errors.Is(err, oops) {
				content = before
			} else if err != nil {
				t.Fatal(err)
			}
			got, problems := read(t, path)
			if diff := cmp.Diff(content, got); diff != "" || problems != nil {
				t.Fatalf("seed %d: %v\n%s", seed, problems, diff)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestProblemsAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: 4096})
	if err == nil {
		err = db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte("b"))
			for i := 0; i < 1000 && err == nil; i++ {
				err = b.Put(fmt.Appendf(nil, "key%04d", i), []byte("value"))
			}
			return err
		})
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		damage func(file []byte) []byte
		want   string
	}{
		{"empty", func([]byte) []byte { return nil }, "cut off: it has 0 bytes"},
		{"short", func(file []byte) []byte { return file[:9000] }, "cut off: it has 9000 bytes"},
		{"without its last byte", func(file []byte) []byte { return file[:len(file)-1] }, "cut off: it has 131071 bytes, want whole pages of 4096"},
		{"no meta page", func(file []byte) []byte { clear(file[:4096]); return file }, "page 0: want the mark"},
		{"other meta page", func(file []byte) []byte { file[4096+40]++; return file }, "page 1: want checksum"},
		{"swapped meta pages", func(file []byte) []byte { copy(file, file[4096:8192]); return file }, "page 0: want a meta page of that number"},
		{"empty pages", func(file []byte) []byte { clear(file[8192:]); return file }, "page "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := tt.damage(bytes.Clone(whole))
			_, problems := boltfile.Read(bytes.NewReader(file), int64(len(file)), func(*boltfile.Bucket, []byte, []byte) {})
			if len(problems) == 0 || !strings.Contains(problems[0].Error(), tt.want) {
				t.Errorf("got %v, want %q", problems, tt.want)
			}
		})
	}
}

// FuzzRead reads files that are anything: it ends, without a panic.
func FuzzRead(f *testing.F) {
	path := filepath.Join(f.TempDir(), "test.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: 1024, NoSync: true})
	if err != nil {
		f.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		if err := db.Update(func(tx *bbolt.Tx) error { return change(random, tx, map[string]string{}) }); err != nil {
			f.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		f.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file, uint16(0), []byte{})
	f.Add(file, uint16(2048), []byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(_ *testing.T, file []byte, at uint16, change []byte) {
		if int(at) < len(file) {
			copy(file[at:], change) // the bytes of the tree, of which no checksum tells
		}
		boltfile.Read(bytes.NewReader(file), int64(len(file)), func(*boltfile.Bucket, []byte, []byte) {})
	})
}
