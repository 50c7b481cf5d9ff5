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

func TestNoIDLeadsOutOfItsFolder(t *testing.T) {
	base := realDir(t)
	root := filepath.Join(base, "root")
	write(t, filepath.Join(base, "outside", "file"), "x")
	d := open(t, root)
	create(t, d, "s", 1)
	snapshot(t, d, "s", "n")
	before := tree(t, base, false)

	access := rule("1", "10.0.0.1", "rw")
	for _, id := range []string{
		"", ".", "..", "../outside", "s/../../../outside", "/etc", "s/data", "s/snapshots/n", "s\x00", "s\n", "-rf", ".localdir",
		"é", `s\..`, strings.Repeat("x", 129),
	} {
		bad := share.Share{ID: id, Size: 1}
		snap := share.Snapshot{ID: id, ShareID: "s"}
		for method, call := range map[string]func() error{
			"create": func() error {
				_, err := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: bad})
				return err
			},
			"create from": func() error {
				_, err := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: "new", Size: 1}, Snapshot: &snap})
				return err
			},
			"delete": func() error {
				_, err := d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: bad, Force: true})
				return err
			},
			"snapshot": func() error {
				_, err := d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: snap})
				return err
			},
			"delete snapshot": func() error {
				_, err := d.DeleteSnapshot(t.Context(), share.DeleteSnapshotArgs{Snapshot: snap})
				return err
			},
			"extend": func() error {
				_, err := d.ExtendShare(t.Context(), share.ExtendShareArgs{Share: bad, NewSize: 2})
				return err
			},
			"shrink": func() error {
				_, err := d.ShrinkShare(t.Context(), share.ShrinkShareArgs{Share: bad, NewSize: 1})
				return err
			},
			"allow": func() error {
				_, err := d.AllowAccess(t.Context(), share.AllowAccessArgs{Share: bad, Access: access})
				return err
			},
			"deny": func() error {
				_, err := d.DenyAccess(t.Context(), share.DenyAccessArgs{Share: bad, Access: access})
				return err
			},
			"manage": func() error {
				_, err := d.ManageShare(t.Context(), share.ManageShareArgs{Share: bad, DriverOptions: map[string]any{"path": "shares/s/data"}})
				return err
			},
			"unmanage": func() error {
				_, err := d.UnmanageShare(t.Context(), share.UnmanageShareArgs{Share: bad})
				return err
			},
		} {
			if err := call(); !errors.Is(err, share.ErrInvalid) {
				t.Errorf("%s %q: got error %v, want %v", method, id, err, share.ErrInvalid)
			}
		}
	}
	if diff := cmp.Diff(before, tree(t, base, false)); diff != "" {
		t.Errorf("something changed (-before +after):\n%s", diff)
	}
}

func TestLinksInAShareAreNeverFollowed(t *testing.T) {
	base := realDir(t)
	root := filepath.Join(base, "root")
	d := open(t, root)
	write(t, filepath.Join(base, "outside", "secret"), "secret")
	write(t, filepath.Join(root, "inside", "secret"), "secret")
	create(t, d, "s", 1)
	for name, target := range map[string]string{
		"file":      filepath.Join(base, "outside", "secret"),
		"dir":       filepath.Join(base, "outside"),
		"relative":  "../../../../outside",
		"in root":   "../../../inside",
		"to itself": ".",
		"parent":    "..",
	} {
		if err := os.Symlink(target, filepath.Join(dataOf(root, "s"), name)); err != nil {
			t.Fatal(err)
		}
	}
	want := tree(t, dataOf(root, "s"), true)
	snapshot(t, d, "s", "n")
	createFrom(t, d, "n", "copy")
	if diff := cmp.Diff(want, tree(t, dataOf(root, "copy"), true)); diff != "" {
		t.Errorf("copy (-want +got):\n%s", diff)
	}
	shares := must[[]share.Share](t)(d.GetPeriodicHookData(t.Context(), list(t, d)))
	if got := shares[0].Metadata["used_bytes"]; got != int64(0) {
		t.Errorf("got %v used bytes, want what the links lead to not counted", got)
	}
	for _, id := range []string{"s", "copy"} {
		must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: id}, Force: true}))
	}
	if got := read(t, filepath.Join(base, "outside", "secret")) + read(t, filepath.Join(root, "inside", "secret")); got != "secretsecret" {
		t.Errorf("got %q where the links led to", got)
	}
}

func TestShareFolderReplacedByALinkIsNotFollowed(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "victim", 1)
	write(t, filepath.Join(dataOf(root, "victim"), "secret"), "secret")
	create(t, d, "s", 1)
	if err := errors.Join(os.Remove(dataOf(root, "s")), os.Symlink("../victim/data", dataOf(root, "s"))); err != nil {
		t.Fatal(err)
	}
	if _, err := d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "n", ShareID: "s"}}); !errors.Is(err, share.ErrInvalid) {
		t.Errorf("got error %v, want %v", err, share.ErrInvalid)
	}
	if _, err := d.InitHost(t.Context(), share.InitHostArgs{}); err == nil {
		t.Error("init_host does not notice it")
	}
	empty(t, root)
}
