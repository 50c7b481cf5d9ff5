//go:build linux || darwin || freebsd

package localdir_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/share"
)

func TestCancelledCopyLeavesNothingBehind(t *testing.T) {
	for _, at := range []string{"mkdir .localdir/staging/", "copy .", "copy last", "write .localdir/staging/", "flush .localdir/staging/"} {
		t.Run(at, func(t *testing.T) {
			root := realDir(t)
			var cancel context.CancelFunc
			d := openWith(t, root, steps(func(step string) {
				if cancel != nil && strings.HasPrefix(step, at) {
					cancel()
				}
			}))
			create(t, d, "s", 1)
			write(t, filepath.Join(dataOf(root, "s"), "first"), "1")
			write(t, filepath.Join(dataOf(root, "s"), "last"), "2")
			snapshot(t, d, "s", "n")
			before := state(t, root)

			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			cancel = stop
			_, err := d.CreateSnapshot(ctx, share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "new", ShareID: "s"}})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("create_snapshot: got error %v, want %v", err, context.Canceled)
			}
			ctx, stop = context.WithCancel(t.Context())
			defer stop()
			cancel = stop
			_, err = d.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: share.Share{ID: "new", Size: 1}, Snapshot: &share.Snapshot{ID: "n"}})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("create_share_instance: got error %v, want %v", err, context.Canceled)
			}
			if diff := cmp.Diff(before, state(t, root)); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
			cancel = nil
			createFrom(t, d, "n", "new") // the id is free
		})
	}
}

func TestMethodsWithACancelledContextDoNothing(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	before := state(t, root)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}})
	if diff := cmp.Diff(before, state(t, root)); diff != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, (-before +after):\n%s", err, diff)
	}
}
