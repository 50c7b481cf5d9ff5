//go:build linux || darwin || freebsd

package localdir_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/share"
)

func TestSnapshotSaysWhereItIsAndHowLarge(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 7)
	got := must[share.CreateSnapshotResult](t)(d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "n", ShareID: "s"}}))
	want := share.CreateSnapshotResult{ProviderLocation: "shares/s/snapshots/n/data", Size: 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info, err := os.Stat(filepath.Join(root, got.ProviderLocation)); err != nil || !info.IsDir() {
		t.Errorf("no folder at the provider location: %v", err)
	}
}

func TestSharesAndSnapshotsAreIndependentCopies(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	file := func(id string) string { return filepath.Join(dataOf(root, id), "file") }
	write(t, file("s"), "first")
	snapshot(t, d, "s", "n")
	write(t, file("s"), "second")
	createFrom(t, d, "n", "copy")
	write(t, file("copy"), "third")
	if err := os.Remove(file("s")); err != nil {
		t.Fatal(err)
	}
	createFrom(t, d, "n", "again")
	if got := read(t, file("copy")) + " " + read(t, file("again")); got != "third first" {
		t.Errorf("got %q, want the copy changed and the snapshot as it was", got)
	}
	must[share.DeleteSnapshotResult](t)(d.DeleteSnapshot(t.Context(), share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "n"}}))
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}}))
	if got := read(t, file("copy")); got != "third" {
		t.Errorf("got %q after share and snapshot are gone", got)
	}
	if got := list(t, d)[0].SnapshotID; got != "n" {
		t.Errorf("got snapshot_id %q, want n", got)
	}
}

func TestSnapshotFindsItsShare(t *testing.T) {
	d := open(t, realDir(t))
	for id, shareID := range map[string]string{"i-1": "one", "i-2": "twice", "i-3": "twice", "one-too": "i-1"} {
		must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{
			Share: share.Share{ID: id, ShareID: shareID, Size: 1},
		}))
	}
	tests := []struct {
		id       string
		snapshot share.Snapshot
		want     string // part of the provider location
		is       error
	}{
		{"n-1", share.Snapshot{Share: share.Share{ID: "i-2"}, ShareID: "twice"}, "shares/i-2/", nil},
		{"n-2", share.Snapshot{ShareID: "i-1"}, "shares/i-1/", nil},
		{"n-3", share.Snapshot{ShareID: "one"}, "shares/i-1/", nil},
		{"n-4", share.Snapshot{ShareID: "twice"}, "", share.ErrInvalid},
		{"n-5", share.Snapshot{ShareID: "none"}, "", share.ErrNotFound},
		{"n-6", share.Snapshot{}, "", share.ErrNotFound},
		{"n-1", share.Snapshot{ShareID: "i-3"}, "", share.ErrExists},
	}
	for _, test := range tests {
		test.snapshot.ID = test.id
		got, err := d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: test.snapshot})
		if !errors.Is(err, test.is) || (err == nil) != (test.is == nil) || !strings.Contains(got.ProviderLocation, test.want) {
			t.Errorf("snapshot %s of %+v: got %q, %v, want %q, %v", test.id, test.snapshot.ShareID, got.ProviderLocation, err, test.want, test.is)
		}
	}
}

func TestSnapshotsAreThereAfterARestart(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	write(t, filepath.Join(dataOf(root, "s"), "file"), "kept")
	snapshot(t, d, "s", "n")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, root)
	createFrom(t, d, "n", "copy")
	if got := read(t, filepath.Join(dataOf(root, "copy"), "file")); got != "kept" {
		t.Errorf("got %q", got)
	}
	if _, err := d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}}); !errors.Is(err, share.ErrInUse) {
		t.Errorf("got error %v, want %v", err, share.ErrInUse)
	}
}

func TestDeleteSnapshotMayBeRepeated(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	snapshot(t, d, "s", "n")
	for range 2 {
		must[share.DeleteSnapshotResult](t)(d.DeleteSnapshot(t.Context(), share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "n"}}))
	}
	if _, err := os.Lstat(filepath.Dir(snapshotDataOf(root, "s", "n"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the snapshot is still there: %v", err)
	}
	snapshot(t, d, "s", "n")
}

func TestShareSmallerThanItsSnapshotIsRefused(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 3)
	write(t, filepath.Join(dataOf(root, "s"), "sparse"), "")
	if err := os.Truncate(filepath.Join(dataOf(root, "s"), "sparse"), 1<<30+1); err != nil {
		t.Fatal(err)
	}
	snapshot(t, d, "s", "n")
	args := share.CreateShareInstanceArgs{Share: share.Share{ID: "copy", Size: 1}, Snapshot: &share.Snapshot{ID: "n"}}
	if _, err := d.CreateShareInstance(t.Context(), args); !errors.Is(err, share.ErrQuotaExceeded) {
		t.Errorf("got error %v, want %v", err, share.ErrQuotaExceeded)
	}
	args.Share.Size = 2
	must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), args))
	if got := blocks(t, filepath.Join(dataOf(root, "copy"), "sparse")); got > 1<<20 {
		t.Errorf("the copy of a hole takes %d bytes", got)
	}
}

func TestWhatIsBeingCopiedCannotBeDeleted(t *testing.T) {
	root := realDir(t)
	var d share.Driver
	var during func(step string)
	real := openWith(t, root, steps(func(step string) {
		if during != nil {
			during(step)
		}
	}))
	d = real
	create(t, d, "s", 1)
	write(t, filepath.Join(dataOf(root, "s"), "file"), "x")
	tried := ""
	attempt := func(what string, f func() error) {
		tried += what + " "
		if err := f(); !errors.Is(err, share.ErrInUse) && !errors.Is(err, share.ErrExists) {
			t.Errorf("%s during the copy: got error %v, want %v or %v", what, err, share.ErrInUse, share.ErrExists)
		}
	}
	deleteShare := func() error {
		_, err := d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}, Force: true})
		return err
	}
	during = func(step string) {
		if step != "copy file" {
			return
		}
		attempt("delete", deleteShare)
		attempt("unmanage", func() error {
			_, err := d.UnmanageShare(t.Context(), share.UnmanageShareArgs{Share: share.Share{ID: "s"}})
			return err
		})
		attempt("twice", func() error {
			_, err := d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "n", ShareID: "s"}})
			return err
		})
	}
	snapshot(t, d, "s", "n")
	during = func(step string) {
		if step != "copy file" {
			return
		}
		attempt("delete", deleteShare)
		attempt("delete-snapshot", func() error {
			_, err := d.DeleteSnapshot(t.Context(), share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "n"}, Force: true})
			return err
		})
		attempt("twice", func() error {
			_, err := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: "copy", Size: 1}})
			return err
		})
	}
	createFrom(t, d, "n", "copy")
	during = nil
	if want := "delete unmanage twice delete delete-snapshot twice "; tried != want {
		t.Errorf("tried %q, want %q", tried, want)
	}
	if got := ids(t, real); got != "copy s" {
		t.Errorf("got shares %q", got)
	}
	if err := deleteShare(); err != nil {
		t.Errorf("delete after the copies: %v", err)
	}
}
