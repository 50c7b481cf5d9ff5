//go:build linux || darwin || freebsd

package localdir_test

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

func TestPeriodicDataCountsEachSharesContent(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "a", 1)
	create(t, d, "b", 1)
	write(t, filepath.Join(dataOf(root, "a"), "five"), "12345")
	write(t, filepath.Join(dataOf(root, "a"), "deep", "er", "three"), "123")
	if err := os.Link(filepath.Join(dataOf(root, "a"), "five"), filepath.Join(dataOf(root, "a"), "deep", "same")); err != nil {
		t.Fatal(err)
	}
	shares := append(list(t, d), share.Share{ID: "not ours", Metadata: map[string]any{"k": "v"}})
	shares[1].Metadata = map[string]any{"owner": "ada"}
	passed := shares[1].Metadata
	got := must[[]share.Share](t)(d.GetPeriodicHookData(t.Context(), shares))
	want := []map[string]any{
		{"used_bytes": int64(8), "files": int64(2)},
		{"used_bytes": int64(0), "files": int64(0), "owner": "ada"},
		{"k": "v"},
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i].Metadata); diff != "" {
			t.Errorf("%s (-want +got):\n%s", got[i].ID, diff)
		}
	}
	if len(passed) != 1 {
		t.Errorf("the caller's own map became %v", passed)
	}
	if again := list(t, d); again[0].Metadata != nil {
		t.Errorf("the facts became part of the record: %v", again[0].Metadata)
	}
}

func TestPeriodicDataPassesOverAShareThatCannotBeRead(t *testing.T) {
	root := realDir(t)
	var log bytes.Buffer
	d := openWith(t, root, slog.New(slog.NewTextHandler(&log, nil)))
	create(t, d, "lost", 1)
	create(t, d, "there", 1)
	if err := os.Remove(dataOf(root, "lost")); err != nil {
		t.Fatal(err)
	}
	got := must[[]share.Share](t)(d.GetPeriodicHookData(t.Context(), list(t, d)))
	if got[0].Metadata != nil || got[1].Metadata["files"] != int64(0) {
		t.Errorf("got %v and %v", got[0].Metadata, got[1].Metadata)
	}
	if !strings.Contains(log.String(), "share=lost") {
		t.Errorf("the log does not name it:\n%s", &log)
	}
	if _, err := d.InitHost(t.Context(), share.InitHostArgs{}); err == nil || !strings.Contains(err.Error(), `share "lost": content: `) {
		t.Errorf("init_host: got error %v, want it to name the share", err)
	}
}

func TestCapabilitiesAreThoseOfTheFileSystem(t *testing.T) {
	root := realDir(t)
	d, err := localdir.Open(root, localdir.Options{BackendName: "fast", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	create(t, d, "a", 3)
	create(t, d, "b", 4)
	var st unix.Statfs_t
	if err := unix.Statfs(root, &st); err != nil {
		t.Fatal(err)
	}
	got := must[share.PublishServiceCapabilitiesResult](t)(d.PublishServiceCapabilities(t.Context(), share.PublishServiceCapabilitiesArgs{})).Capabilities

	total := float64(st.Blocks) * float64(st.Bsize) / (1 << 30)
	if diff := got.TotalCapacityGB - total; diff > 0.01 || diff < -0.01 {
		t.Errorf("got total capacity %v GiB, want %v", got.TotalCapacityGB, total)
	}
	if got.FreeCapacityGB <= 0 || got.FreeCapacityGB > got.TotalCapacityGB {
		t.Errorf("got free capacity %v of %v GiB", got.FreeCapacityGB, got.TotalCapacityGB)
	}
	_, known := got.Extra["reflink"].(bool)
	delete(got.Extra, "reflink")
	want := share.Capabilities{
		ShareBackendName: "fast", StorageProtocol: "NFS",
		TotalCapacityGB: got.TotalCapacityGB, FreeCapacityGB: got.FreeCapacityGB,
		Pools: []share.Pool{{
			PoolName: "fast", TotalCapacityGB: got.TotalCapacityGB, FreeCapacityGB: got.FreeCapacityGB,
			AllocatedCapacityGB: 7, ProvisionedCapacityGB: 7,
		}},
		Extra: map[string]any{
			"snapshot_support": true, "create_share_from_snapshot_support": true,
			"revert_to_snapshot_support": false, "mount_snapshot_support": false,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || !known {
		t.Errorf("reflink known %v (-want +got):\n%s", known, diff)
	}
}

func TestShareServersAreNotThisDrivers(t *testing.T) {
	d := open(t, realDir(t))
	args := share.DeleteShareServerArgs{ShareServer: share.ShareServer{ID: "x"}}
	must[share.DeleteShareServerResult](t)(d.DeleteShareServer(t.Context(), args))
}

// A sparse file takes no room, whatever its length: a client can make many of them.
func TestLengthsThatNoIntegerHoldsAreNotTakenForFew(t *testing.T) {
	root, err := os.MkdirTemp("/dev/shm", "") // a tmpfs on Linux, which has files of that length
	if err != nil {
		t.Skip(err)
	}
	defer os.RemoveAll(root)
	d, err := localdir.Open(root, localdir.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	create(t, d, "s", 5)
	for _, name := range []string{"shares/s/data/a", "shares/s/data/b", "found/a", "found/b"} {
		write(t, filepath.Join(root, name), "")
		if err := os.Truncate(filepath.Join(root, name), math.MaxInt64-1<<20); err != nil {
			t.Skip("the file system has no files of that length:", err)
		}
	}
	if _, err := d.ShrinkShare(t.Context(), share.ShrinkShareArgs{Share: share.Share{ID: "s"}, NewSize: 1}); !errors.Is(err, share.ErrQuotaExceeded) {
		t.Errorf("shrink: got error %v, want %v", err, share.ErrQuotaExceeded)
	}
	if _, err := manage(t, d, "m", "found"); !errors.Is(err, share.ErrInvalid) {
		t.Errorf("manage: got error %v, want %v", err, share.ErrInvalid)
	}
	snapshot(t, d, "s", "n")
	_, err = d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: "c", Size: 1}, Snapshot: &share.Snapshot{ID: "n"}})
	if !errors.Is(err, share.ErrQuotaExceeded) {
		t.Errorf("create: got error %v, want %v", err, share.ErrQuotaExceeded)
	}
}
