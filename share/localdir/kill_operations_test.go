//go:build linux || darwin || freebsd

package localdir_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

// operations are what is killed. Each is done on a root as furnish leaves it. Doing it again after a kill must lead to
// the same end, with or without an error.
var operations = map[string]func(context.Context, share.Driver) error{
	"create": func(ctx context.Context, d share.Driver) error {
		_, err := d.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: fixed("new")})
		return ignore(err, share.ErrExists)
	},
	"create_from_snapshot": func(ctx context.Context, d share.Driver) error {
		_, err := d.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: fixed("new"), Snapshot: &share.Snapshot{ID: "n-1"}})
		return ignore(err, share.ErrExists)
	},
	"delete": func(ctx context.Context, d share.Driver) error {
		_, err := d.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: fixed("plain")})
		return err
	},
	"delete_with_snapshots": func(ctx context.Context, d share.Driver) error {
		_, err := d.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: fixed("full"), Force: true})
		return err
	},
	"delete_managed": func(ctx context.Context, d share.Driver) error {
		_, err := d.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: fixed("managed")})
		return err
	},
	"create_snapshot": func(ctx context.Context, d share.Driver) error {
		_, err := d.CreateSnapshot(ctx, share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "n-3", ShareID: "full", CreatedAt: fixedTime}})
		return ignore(err, share.ErrExists)
	},
	"delete_snapshot": func(ctx context.Context, d share.Driver) error {
		_, err := d.DeleteSnapshot(ctx, share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "n-1"}})
		return err
	},
	"extend": func(ctx context.Context, d share.Driver) error {
		_, err := d.ExtendShare(ctx, share.ExtendShareArgs{Share: fixed("full"), NewSize: 9})
		return err
	},
	"shrink": func(ctx context.Context, d share.Driver) error {
		_, err := d.ShrinkShare(ctx, share.ShrinkShareArgs{Share: fixed("full"), NewSize: 2})
		return err
	},
	"allow": func(ctx context.Context, d share.Driver) error {
		_, err := d.AllowAccess(ctx, share.AllowAccessArgs{Share: fixed("full"), Access: share.Access{ID: "r-2", AccessType: "ip", AccessTo: "10.0.0.2", AccessLevel: "rw"}})
		return err
	},
	"deny": func(ctx context.Context, d share.Driver) error {
		_, err := d.DenyAccess(ctx, share.DenyAccessArgs{Share: fixed("full"), Access: share.Access{ID: "r-1"}})
		return err
	},
	"manage": func(ctx context.Context, d share.Driver) error {
		_, err := d.ManageShare(ctx, share.ManageShareArgs{Share: fixed("new"), DriverOptions: map[string]any{"path": "found/two"}})
		return ignore(err, share.ErrExists)
	},
	"unmanage": func(ctx context.Context, d share.Driver) error {
		_, err := d.UnmanageShare(ctx, share.UnmanageShareArgs{Share: fixed("plain")})
		return err
	},
	"unmanage_managed": func(ctx context.Context, d share.Driver) error {
		_, err := d.UnmanageShare(ctx, share.UnmanageShareArgs{Share: fixed("managed")})
		return err
	},
	"open": nil, // recovery itself, of a root with all sorts of leftovers
}

var fixedTime = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func fixed(id string) share.Share {
	return share.Share{ID: id, Size: 4, CreatedAt: fixedTime, Metadata: map[string]any{"of": id}}
}

func ignore(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

// furnish makes a root for an operation to be killed on.
func furnish(t *testing.T, op, root string) {
	t.Helper()
	d, err := localdir.Open(root, localdir.Options{Host: "h", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"full", "plain"} {
		must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: fixed(id)}))
		fillFolder(t, dataOf(root, id), id)
	}
	fillFolder(t, filepath.Join(root, "found", "one"), "one")
	fillFolder(t, filepath.Join(root, "found", "two"), "two")
	must[share.ManageShareResult](t)(d.ManageShare(t.Context(), share.ManageShareArgs{Share: fixed("managed"), DriverOptions: map[string]any{"path": "found/one"}}))
	for _, id := range []string{"n-1", "n-2"} {
		must[share.CreateSnapshotResult](t)(d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: id, ShareID: "full", CreatedAt: fixedTime}}))
	}
	for _, id := range []string{"full", "plain", "managed"} {
		allow(t, d, id, share.Access{ID: "r-1", AccessType: "ip", AccessTo: "10.0.0.1", AccessLevel: "ro"})
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if op == "open" {
		litter(t, root)
	}
}

func fillFolder(t *testing.T, dir, seed string) {
	t.Helper()
	write(t, filepath.Join(dir, "readme"), seed)
	write(t, filepath.Join(dir, "sub", "large"), strings.Repeat(seed, 5_000))
	write(t, filepath.Join(dir, "sub", "deep", "small"), "small "+seed)
	if err := errors.Join(
		os.Symlink("../../../outside", filepath.Join(dir, "sub", "link")),
		os.Link(filepath.Join(dir, "readme"), filepath.Join(dir, "sub", "second-name")),
		os.Chmod(filepath.Join(dir, "sub", "deep"), 0o555),
	); err != nil {
		t.Fatal(err)
	}
}

// litter leaves what kills leave: half a copy, a record that was not put in
// place, half a deletion of a managed share, a folder made too early.
func litter(t *testing.T, root string) {
	t.Helper()
	fillFolder(t, filepath.Join(root, ".localdir", "staging", "1", "data"), "half")
	write(t, filepath.Join(root, ".localdir", "staging", "2"), `{"sha`)
	if err := errors.Join(
		os.Rename(filepath.Join(root, "found", "one"), dataOf(root, "managed")),
		os.MkdirAll(filepath.Join(root, "shares", "early", "snapshots"), 0o755),
		os.Remove(filepath.Join(root, "exports")),
	); err != nil {
		t.Fatal(err)
	}
}
