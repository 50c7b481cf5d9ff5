//go:build linux || darwin || freebsd

package localdir_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

func TestOpenRefusesARootItDoesNotUnderstand(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             string
	}{
		{"another format", ".localdir/format", "99\n", `.localdir/format: want "1\n", got "99\n"`},
		{"an exports file of somebody else", "exports", "/srv *(rw)\n", "exports: want a file written by this driver"},
	}
	for _, test := range tests {
		root := realDir(t)
		d := open(t, root)
		create(t, d, "s", 1)
		snapshot(t, d, "s", "n")
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, test.file), test.text)
		before := tree(t, root, false)
		_, err := localdir.Open(root, localdir.Options{Logger: quiet})
		if !strings.Contains(fmt.Sprint(err), "localdir: open "+root) || !strings.Contains(fmt.Sprint(err), test.want) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
		}
		after := tree(t, root, false)
		delete(before, ".localdir/lock")
		delete(after, ".localdir/lock")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s: the root changed (-before +after):\n%s", test.name, diff)
		}
	}
}

func TestOneCorruptRecordPutsItsShareAloneOutOfOrder(t *testing.T) {
	for _, test := range []struct{ name, file, text, want string }{
		{"cut record", "shares/s/share.json", `{"share":{"id":"s"`, "shares/s/share.json: unexpected EOF"},
		{"record of another share", "shares/s/share.json", `{"share":{"id":"t","size":1},"path":"x"}`, `shares/s/share.json: share.id: want "s", got "t"`},
		{"record from the future", "shares/s/share.json", `{"share":{"id":"s","size":1},"path":"x","colour":1}`, `unknown field "colour"`},
		{"two records", "shares/s/share.json", `{"share":{"id":"s","size":1},"path":"x"} {}`, "want one JSON value"},
		{"folder outside", "shares/s/share.json", `{"share":{"id":"s","size":1},"path":"/etc"}`, `shares/s/share.json: path: want a folder`},
		{"folder of the driver", "shares/s/share.json", `{"share":{"id":"s","size":1},"path":"shares"}`, `shares/s/share.json: path: folder shares: want`},
		{"snapshot of another name", "shares/s/snapshots/n/snapshot.json", `{"snapshot":{"id":"m","size":1},"used":0}`, `snapshot.id: want "n", got "m"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := realDir(t)
			d := open(t, root)
			create(t, d, "other", 1)
			create(t, d, "s", 1)
			snapshot(t, d, "s", "n")
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			whole := read(t, filepath.Join(root, test.file))
			write(t, filepath.Join(root, test.file), test.text)
			before := tree(t, root, false)
			d = open(t, root)
			out := d.OutOfOrder()
			if err := out["s"]; len(out) != 1 || !errors.Is(err, share.ErrOutOfOrder) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want s: %s", out, test.want)
			}
			if got := ids(t, d); got != "other" {
				t.Errorf("got shares %q, want other", got)
			}
			wantOutOfOrder(t, d)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			after := tree(t, root, false)
			delete(before, ".localdir/lock")
			delete(after, ".localdir/lock")
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("the root changed (-before +after):\n%s", diff)
			}
			write(t, filepath.Join(root, test.file), whole)
			if got := ids(t, open(t, root)); got != "other s" {
				t.Errorf("repaired: got shares %q, want other and s", got)
			}
		})
	}
}

func TestSharesWithContentInOnePlaceAreOutOfOrder(t *testing.T) {
	for _, test := range []struct{ name, folder, want string }{
		{"one folder", "found/photos", `share "s" is out of order: its folder found/photos overlaps found/photos of share "new"`},
		{"folder inside", "found/photos/sub", `share "s" is out of order: its folder found/photos overlaps found/photos/sub of share "new"`},
		{"folder around", "found", `share "s" is out of order: its folder found/photos overlaps found of share "new"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := realDir(t)
			write(t, filepath.Join(root, "found", "photos", "sub", "file"), "precious")
			write(t, filepath.Join(root, "found", "photos-2", "file"), "x")
			d := open(t, root)
			must[share.ManageShareResult](t)(manage(t, d, "s", "found/photos"))
			closeNow(t, d)
			record := filepath.Join(root, "shares", "s", "share.json")
			whole := read(t, record)
			write(t, record, "damaged")
			d = open(t, root)
			create(t, d, "other", 1)
			must[share.ManageShareResult](t)(manage(t, d, "new", test.folder)) // which share has it is not known
			if test.folder != "found" {
				must[share.ManageShareResult](t)(manage(t, d, "beside", "found/photos-2"))
			}
			closeNow(t, d)
			write(t, record, whole)
			d = open(t, root)
			out := d.OutOfOrder()
			if len(out) != 2 || !errors.Is(out["new"], share.ErrOutOfOrder) || fmt.Sprint(out["s"]) != test.want {
				t.Errorf("got %v, want new and s: %s", out, test.want)
			}
			if got := strings.TrimPrefix(ids(t, d), "beside "); got != "other" {
				t.Errorf("got shares %q, want other", got)
			}
			for _, id := range []string{"s", "new"} {
				if _, err := d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: id}}); err == nil {
					t.Errorf("%s was deleted", id)
				}
			}
			if got := read(t, filepath.Join(root, "found", "photos", "sub", "file")); got != "precious" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAShareWithTheFolderOfADamagedShareIsOutOfOrder(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	write(t, filepath.Join(root, "found", "file"), "x")
	must[share.ManageShareResult](t)(manage(t, d, "new", "found"))
	closeNow(t, d)
	write(t, filepath.Join(root, "shares", "s", "share.json"), "damaged")
	record := filepath.Join(root, "shares", "new", "share.json")
	write(t, record, strings.Replace(read(t, record), `"path": "found"`, `"path": "shares/s/data"`, 1))
	d = open(t, root)
	if out := d.OutOfOrder(); len(out) != 2 || !strings.Contains(fmt.Sprint(out["new"]), `shares/s/data of share "s"`) {
		t.Errorf("got %v, want s and new", out)
	}
}

// wantOutOfOrder makes calls for the share s, which say so, and for others, which work.
func wantOutOfOrder(t *testing.T, d *localdir.Driver) {
	t.Helper()
	s := share.Share{ID: "s", Size: 1}
	for name, call := range map[string]func() error{
		"init": func() error { _, err := d.InitHost(t.Context(), share.InitHostArgs{}); return err },
		"create": func() error {
			_, err := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: s})
			return err
		},
		"delete": func() error {
			_, err := d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: s, Force: true})
			return err
		},
		"extend": func() error {
			_, err := d.ExtendShare(t.Context(), share.ExtendShareArgs{Share: s, NewSize: 2})
			return err
		},
		"delete its snapshot": func() error {
			_, err := d.DeleteSnapshot(t.Context(), share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "n"}, Force: true})
			return err
		},
		"delete a snapshot of it": func() error {
			_, err := d.DeleteSnapshot(t.Context(), share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "unknown", Share: s}})
			return err
		},
		"create from its snapshot": func() error {
			_, err := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{
				Share: share.Share{ID: "new", Size: 1}, Snapshot: &share.Snapshot{ID: "n"},
			})
			return err
		},
		"create from a snapshot of it": func() error {
			_, err := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{
				Share: share.Share{ID: "new", Size: 1}, Snapshot: &share.Snapshot{ID: "unknown"}, ParentShare: &s,
			})
			return err
		},
		"snapshot": func() error {
			_, err := d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "new", Share: s}})
			return err
		},
		"snapshot of another with the id of its own": func() error {
			_, err := d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "n", ShareID: "other"}})
			return err
		},
	} {
		if err := call(); !errors.Is(err, share.ErrOutOfOrder) {
			t.Errorf("%s: got error %v, want %v", name, err, share.ErrOutOfOrder)
		}
	}
	create(t, d, "new", 1)
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "new"}}))
}

func TestOpenLeavesAloneWhatIsNotItsOwn(t *testing.T) {
	root := realDir(t)
	for _, name := range []string{"readme", "staging/precious", "shares/.hidden/file", "shares/file", "shares/foreign/file", "shares/foreign/snapshots/x/file"} {
		write(t, filepath.Join(root, name), "precious")
	}
	before := namesIn(t, root)
	d := open(t, root)
	create(t, d, "s", 1)
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}}))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(root, ".localdir")), os.Remove(filepath.Join(root, "exports"))); err != nil {
		t.Fatal(err)
	}
	if after := namesIn(t, root); after != before {
		t.Errorf("got %s\nwant %s", after, before)
	}
}

func TestOpenNeedsAFolder(t *testing.T) {
	file := filepath.Join(realDir(t), "file")
	write(t, file, "")
	if _, err := localdir.Open(file, localdir.Options{Logger: quiet}); err == nil {
		t.Error("want an error")
	}
}

func TestManyCallsAtOnceLeaveAConsistentRoot(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "base", 1)
	write(t, filepath.Join(dataOf(root, "base"), "file"), "content")
	snapshot(t, d, "base", "n")
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 3 {
				id := fmt.Sprintf("s-%d-%d", worker, i)
				if err := life(t, d, root, id, i == 2); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	wg.Wait()
	var want []string
	for _, s := range list(t, d) {
		want = append(want, s.ID)
	}
	if len(want) != 9 {
		t.Errorf("got shares %v, want base and one of each worker", want)
	}
	before := state(t, root)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, open(t, root)); got != strings.Join(want, " ") {
		t.Errorf("after a restart got %s, want %s", got, want)
	}
	if diff := cmp.Diff(before, state(t, root)); diff != "" {
		t.Errorf("a restart changes the root (-before +after):\n%s", diff)
	}
}

// life leads a share from creation to deletion or, with keep, until just before that.
func life(t *testing.T, d *localdir.Driver, root, id string, keep bool) error {
	ctx := t.Context()
	this := share.Share{ID: id, Size: 1}
	access := rule("r", "10.0.0.1", "rw")
	_, made := d.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: this, Snapshot: &share.Snapshot{ID: "n"}})
	_, allowed := d.AllowAccess(ctx, share.AllowAccessArgs{Share: this, Access: access})
	_, extended := d.ExtendShare(ctx, share.ExtendShareArgs{Share: this, NewSize: 5})
	_, snapped := d.CreateSnapshot(ctx, share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "of-" + id, ShareID: id}})
	_, shrunk := d.ShrinkShare(ctx, share.ShrinkShareArgs{Share: this, NewSize: 2})
	shares, listed := d.Shares(ctx)
	_, counted := d.GetPeriodicHookData(ctx, shares)
	if err := errors.Join(made, allowed, extended, snapped, shrunk, listed, counted); err != nil || keep {
		return err
	}
	_, denied := d.DenyAccess(ctx, share.DenyAccessArgs{Share: this, Access: access})
	_, deleted := d.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: this, Force: true})
	return errors.Join(denied, deleted)
}
