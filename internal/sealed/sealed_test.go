//go:build !js && !plan9 && !wasip1

package sealed

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var top = []string{"a", "b", "empty"}

// made makes a file with what makes pages of all kinds: branches, long values, small buckets inside their parents,
// large ones, and free pages.
func made(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	if err := Create(path, top, func(*Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	written(t, f, func(tx *Tx) error {
		for i := range 400 {
			if err := tx.Bucket("a").Appended().Put(fmt.Appendf(nil, "key%04d", i), fmt.Appendf(nil, "value %d", i)); err != nil {
				return err
			}
		}
		for i := range 3 {
			name := fmt.Sprintf("nested%d", i)
			n, err := tx.Bucket("b").Nested(name, true)
			if err != nil {
				return err
			}
			for j := range 1 + i*100 {
				if err := n.Put(fmt.Appendf(nil, "k%d", j), fmt.Append(nil, j)); err != nil {
					return err
				}
			}
		}
		return tx.Bucket("b").Put([]byte("long"), bytes.Repeat([]byte("long"), 5000))
	})
	written(t, f, func(tx *Tx) error {
		for i := 100; i < 200; i++ {
			if err := tx.Bucket("a").Delete(fmt.Appendf(nil, "key%04d", i)); err != nil {
				return err
			}
		}
		return tx.Bucket("a").Put([]byte("key0000"), []byte("changed"))
	})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path, top, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func written(t testing.TB, f *File, fn func(*Tx) error) {
	t.Helper()
	if err := f.Update(fn); err != nil {
		t.Fatal(err)
	}
}

// read returns everything in a file.
func read(path string) (all map[string]string, err error) {
	f, err := Open(path, top, true)
	if err != nil {
		return nil, err
	}
	all = map[string]string{}
	err = f.View(func(tx *Tx) error {
		for _, name := range top {
			if err := readBucket(all, name, tx.Bucket(name)); err != nil {
				return err
			}
		}
		return nil
	})
	return all, errors.Join(err, f.Close())
}

func readBucket(all map[string]string, path string, b *Bucket) error {
	return b.Ascend(nil, func(key, value []byte) (bool, error) {
		name := path + "/" + string(key)
		if value != nil {
			all[name] = string(value)
			return true, nil
		}
		n, err := b.Nested(string(key), false)
		if err != nil {
			return false, err
		}
		return true, readBucket(all, name, n)
	})
}

func TestValuesAreThereAfterReopening(t *testing.T) {
	all, err := read(made(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a/key0000": "changed", "a/key0001": "value 1", "a/key0150": "", "b/nested0/k0": "0", "b/nested2/k200": "200", "b/long": strings.Repeat("long", 5000),
	} {
		if got := all[name]; got != want {
			t.Errorf("%s: got %.20q, want %.20q", name, got, want)
		}
	}
	if len(all) != 300+1+101+201+1 {
		t.Errorf("got %d values", len(all))
	}
}

// intact returns a file, with its bytes and what is in it.
func intact(t *testing.T) (path string, whole []byte, values map[string]string) {
	t.Helper()
	path = made(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if values, err = read(path); err != nil {
		t.Fatal(err)
	}
	return path, whole, values
}

// soundOrRefused opens a file that may be damaged. Either all is as it was, or there is an error.
func soundOrRefused(t *testing.T, path, what string, want map[string]string) (refused bool) {
	t.Helper()
	got, err := read(path)
	var damage *DamageError
	switch {
	case errors.As(err, &damage):
		return true
	case err != nil:
		t.Errorf("%s: got error %v, want a *DamageError", what, err)
	case !cmp.Equal(got, want):
		t.Errorf("%s: not noticed: %s", what, cmp.Diff(want, got))
	}
	return false
}

func TestFileThatIsCutOffIsRefused(t *testing.T) {
	long.Only(t)
	path, whole, want := intact(t)
	refused := 0
	for size := 0; size < len(whole); size += 1 + size/64 {
		if err := os.Truncate(path, int64(size)); err != nil {
			t.Fatal(err)
		}
		if soundOrRefused(t, path, fmt.Sprintf("cut off at %d of %d bytes", size, len(whole)), want) {
			refused++
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if refused < 100 {
		t.Errorf("only %d lengths were refused", refused)
	}
}

func TestFlippedBitIsNoticedOrDoesNotMatter(t *testing.T) {
	long.Only(t)
	path, whole, want := intact(t)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	refused := 0
	page := os.Getpagesize()
	for range *flips {
		at := random.IntN(len(whole)/page)*page + random.IntN(page)
		if random.IntN(2) == 0 {
			at = at/page*page + random.IntN(128) // where the numbers are that lead elsewhere
		}
		changed := whole[at] ^ 1<<random.IntN(8)
		if _, err := f.WriteAt([]byte{changed}, int64(at)); err != nil {
			t.Fatal(err)
		}
		if soundOrRefused(t, path, fmt.Sprintf("seed %d: byte %d from %#x to %#x", seed, at, whole[at], changed), want) {
			refused++
		}
		if _, err := f.WriteAt(whole[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d: %d of %d flips were refused", seed, refused, *flips)
	if refused < *flips/10 {
		t.Errorf("only %d of %d flips were refused", refused, *flips)
	}
}

var flips = flag.Int("sealed.flips", 300, "how many bits are flipped")

func TestForeignFileIsRefused(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	db, err := bbolt.Open(foreign, 0o600, nil)
	if err == nil {
		err = db.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("widgets"))
			return err
		})
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("text\n"), 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{foreign: "made by another program", text: "no file of bbolt"} {
		_, err := Open(path, top, false)
		var damage *DamageError
		if !errors.As(err, &damage) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want one with %q", err, want)
		}
	}
	if _, err := Open(t.TempDir(), top, false); err == nil {
		t.Error("a folder was opened")
	}
}

// What a writer has half written looks damaged to whoever reads it meanwhile.
func TestAFileThatSomebodyWritesIsLockedAndNotDamaged(t *testing.T) {
	path, whole, _ := intact(t)
	f := open(t, path)
	if err := os.WriteFile(path, bytes.Repeat([]byte{1}, len(whole)), 0o600); err != nil {
		t.Skip(err) // a system that does not let others write what is locked
	}
	for _, readOnly := range []bool{true, false} {
		if _, err := Open(path, top, readOnly); !errors.Is(err, ErrLocked) {
			t.Errorf("read-only %v: got %v, want %v", readOnly, err, ErrLocked)
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	reader, err := Open(path, top, true)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for readOnly, want := range map[bool]error{true: nil, false: ErrLocked} {
		f, err := Open(path, top, readOnly)
		if !errors.Is(err, want) {
			t.Errorf("beside a reader, read-only %v: got %v, want %v", readOnly, err, want)
		}
		if err == nil {
			err = f.Close()
		}
		if want == nil && err != nil {
			t.Error(err)
		}
	}
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	f := open(t, made(t))
	oops := errors.New("oops")
	for name, fn := range map[string]func() error{"error": func() error { return oops }, "panic": func() error { panic("oops") }} {
		err := f.Update(func(tx *Tx) error {
			if err := tx.Bucket("a").Put([]byte("new"), []byte("x")); err != nil {
				return err
			}
			return fn()
		})
		if err == nil || !strings.Contains(err.Error(), "oops") {
			t.Errorf("%s: got %v", name, err)
		}
		err = f.View(func(tx *Tx) error {
			if got, err := tx.Bucket("a").Get([]byte("new")); got != nil || err != nil {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.Reopen(); err != nil {
		t.Error(err)
	}
	written(t, f, func(tx *Tx) error { return tx.Bucket("a").Put([]byte("new"), []byte("x")) })
}

// A file that is cut off while it is open is read beyond its end, which is a fault.
func TestFaultIsAnError(t *testing.T) {
	for _, pages := range []int64{3, 0} {
		path := made(t)
		f := open(t, path)
		if err := os.Truncate(path, pages*int64(os.Getpagesize())); err != nil {
			t.Skip(err) // a system that does not let go of what is mapped
		}
		for range 2 {
			err := f.View(func(tx *Tx) error { return readBucket(map[string]string{}, "a", tx.Bucket("a")) })
			if err == nil || Passes(err) {
				t.Errorf("%d pages: got %v, want an error that does not pass", pages, err)
			}
			err = f.Update(func(tx *Tx) error { return tx.Bucket("a").Put([]byte("new"), nil) })
			if err == nil || Passes(err) {
				t.Errorf("%d pages: got %v, want an error that does not pass", pages, err)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCompactedFileHasTheSameContent(t *testing.T) {
	path := made(t)
	want, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	written(t, f, func(tx *Tx) error { return tx.Bucket("empty").Put([]byte("large"), make([]byte, 1<<20)) })
	written(t, f, func(tx *Tx) error { return tx.Bucket("empty").Delete([]byte("large")) })
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Compact(path, top); err != nil {
		t.Fatal(err)
	}
	got, err := read(path)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	after, err := os.Stat(path)
	if err != nil || after.Size() >= before.Size()/2 {
		t.Errorf("got %d bytes of %d, %v", after.Size(), before.Size(), err)
	}
}
