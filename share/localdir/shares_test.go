//go:build linux || darwin || freebsd

package localdir_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

func TestCreatedShareIsAFolderAtItsExportLocation(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	got := must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: "s-1", Size: 1}}))
	want := share.CreateShareInstanceResult{ExportLocations: []share.ExportLocation{
		{Path: "nfs.example.org:" + dataOf(root, "s-1"), Preferred: true},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{".": "drwxr-xr-x"}, tree(t, dataOf(root, "s-1"), false)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}

func TestSharesKeepTheirRecordsOverARestart(t *testing.T) {
	root := realDir(t)
	made := time.Date(2026, 11, 23, 10, 0, 0, 5, time.UTC)
	want := []share.Share{{
		ID: "s-1", ShareID: "user-1", Name: "archive", ProjectID: "p", Size: 3, ShareProto: share.ProtoNFS, ShareType: "slow",
		Host: "storage-1", AvailabilityZone: "z", CreatedAt: made,
		Metadata: map[string]any{
			"big": int64(math.MaxInt64), "exact": int64(9007199254740993), "bigger": uint64(math.MaxUint64),
			"half": 0.5, "text": "t", "yes": true, "null": nil, "list": []any{}, "map": map[string]any{"deep": []any{int64(1), "x"}},
		},
	}}
	d := open(t, root)
	args := share.CreateShareInstanceArgs{Share: want[0]}
	args.Share.AccessRules = []share.Access{{ID: "not asked for by allow_access"}}
	args.Share.Status = "creating"
	must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), args))
	rule := share.Access{ID: "r", AccessType: share.AccessTypeIP, AccessTo: "10.0.0.1", AccessLevel: share.AccessLevelRO}
	allow(t, d, "s-1", rule)

	want[0].Status = share.StatusAvailable
	want[0].AccessRules = []share.Access{rule}
	want[0].ExportLocations = []share.ExportLocation{{Path: "nfs.example.org:" + dataOf(root, "s-1"), Preferred: true}}
	if diff := cmp.Diff(want, list(t, d)); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, list(t, open(t, root))); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}

func TestExportLocationsFollowTheRootAndTheHost(t *testing.T) {
	base := realDir(t)
	d := open(t, filepath.Join(base, "old"))
	create(t, d, "s-1", 1)
	allow(t, d, "s-1", share.Access{ID: "r", AccessType: "ip", AccessTo: "10.0.0.1", AccessLevel: "ro"})
	if err := errors.Join(d.Close(), os.Rename(filepath.Join(base, "old"), filepath.Join(base, "new"))); err != nil {
		t.Fatal(err)
	}
	d, err := localdir.Open(filepath.Join(base, "new"), localdir.Options{Host: "other", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	place := dataOf(filepath.Join(base, "new"), "s-1")
	if got, want := list(t, d)[0].ExportLocations[0].Path, "other:"+place; got != want {
		t.Errorf("got export location %s, want %s", got, want)
	}
	if got := read(t, filepath.Join(base, "new", "exports")); !strings.Contains(got, place) {
		t.Errorf("exports has no line for %s:\n%s", place, got)
	}
}

func TestSharesBelongToTheCaller(t *testing.T) {
	d := open(t, realDir(t))
	metadata := map[string]any{"k": map[string]any{"v": "kept"}}
	must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: "s", Size: 1, Metadata: metadata}}))
	metadata["k"].(map[string]any)["v"] = "changed by the one who passed it"
	got := list(t, d)
	got[0].Metadata["k"].(map[string]any)["v"] = "changed by the one who got it"
	got[0].ExportLocations[0].Path = "changed"
	again := list(t, d)
	if v := again[0].Metadata["k"].(map[string]any)["v"]; v != "kept" || again[0].ExportLocations[0].Path == "changed" {
		t.Errorf("got %v, want it unchanged", again[0])
	}
}

func TestCreateRefusesWhatCannotBe(t *testing.T) {
	d := open(t, realDir(t))
	create(t, d, "taken", 1)
	var mebibyte any = strings.Repeat("x", 1<<20)
	many := map[string]any{"list": slices.Repeat([]any{mebibyte}, 100_000)}
	tests := []struct {
		name string
		args share.CreateShareInstanceArgs
		is   error
		text string
	}{
		{"no id", share.CreateShareInstanceArgs{Share: share.Share{Size: 1}}, share.ErrInvalid, "share.id: want "},
		{"no size", share.CreateShareInstanceArgs{Share: share.Share{ID: "s"}}, share.ErrInvalid, "share.size: want 1 to 8589934591 GiB, got 0"},
		{"too large", share.CreateShareInstanceArgs{Share: share.Share{ID: "s", Size: 1 << 33}}, share.ErrInvalid, "got 8589934592"},
		{"taken id", share.CreateShareInstanceArgs{Share: share.Share{ID: "taken", Size: 1}}, share.ErrExists, `share "taken" exists already`},
		{"no snapshot", share.CreateShareInstanceArgs{Share: share.Share{ID: "s", Size: 1}, Snapshot: &share.Snapshot{ID: "n"}}, share.ErrNotFound, `snapshot "n" does not exist`},
		{"metadata without JSON form", share.CreateShareInstanceArgs{Share: share.Share{ID: "s", Size: 1, Metadata: map[string]any{"x": math.NaN()}}}, share.ErrInvalid, "NaN"},
		{"metadata with one text very many times", share.CreateShareInstanceArgs{Share: share.Share{ID: "s", Size: 1, Metadata: many}}, share.ErrInvalid, "record: want at most 16777216 bytes, got more"},
	}
	for _, test := range tests {
		_, err := d.CreateShareInstance(t.Context(), test.args)
		if !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.text) {
			t.Errorf("%s: got error %v, want %v with %q", test.name, err, test.is, test.text)
		}
	}
	if got := ids(t, d); got != "taken" {
		t.Errorf("got shares %s, want only the first", got)
	}
}

func TestDeleteRemovesShareAndContentAndMayBeRepeated(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	create(t, d, "other", 1)
	write(t, filepath.Join(dataOf(root, "s"), "dir", "file"), "x")
	for range 2 {
		must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}}))
		if _, err := os.Lstat(filepath.Join(root, "shares", "s")); !errors.Is(err, os.ErrNotExist) || ids(t, d) != "other" {
			t.Errorf("the share is still there: %v, %s", err, ids(t, d))
		}
		empty(t, root)
	}
	create(t, d, "s", 1)
}

func TestDeleteOfAShareWithSnapshotsNeedsForce(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	snapshot(t, d, "s", "n-1")
	snapshot(t, d, "s", "n-2")
	args := share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}}
	if _, err := d.DeleteShareInstance(t.Context(), args); !errors.Is(err, share.ErrInUse) || ids(t, d) != "s" {
		t.Errorf("got error %v and shares %q, want it refused", err, ids(t, d))
	}
	args.Force = true
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), args))
	create(t, d, "s", 1)
	snapshot(t, d, "s", "n-1") // the ids are free again
	empty(t, root)
}

func TestExtendAndShrinkRecordTheSize(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 5)
	sparse := filepath.Join(dataOf(root, "s"), "sparse")
	write(t, sparse, "")
	if err := os.Truncate(sparse, 2<<30+1); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		op   string
		size int64
		want int64 // the size after it
		is   error
		text string
	}{
		{"extend", 9, 9, nil, ""},
		{"extend", 9, 9, nil, ""},
		{"extend", 8, 9, share.ErrInvalid, `new_size: want at least the 9 GiB that share "s" has, got 8`},
		{"extend", 1 << 40, 9, share.ErrInvalid, "new_size: want 1 to"},
		{"shrink", 4, 4, nil, ""},
		{"shrink", 4, 4, nil, ""},
		{"shrink", 3, 3, nil, ""},
		{"shrink", 2, 3, share.ErrQuotaExceeded, `new_size: want room for the 2147483649 bytes that share "s" uses, got 2 GiB`},
		{"shrink", 4, 3, share.ErrInvalid, `new_size: want at most the 3 GiB that share "s" has, got 4`},
		{"shrink", 0, 3, share.ErrInvalid, "new_size: want 1 to"},
	}
	for _, test := range tests {
		var err error
		if test.op == "extend" {
			_, err = d.ExtendShare(t.Context(), share.ExtendShareArgs{Share: share.Share{ID: "s"}, NewSize: test.size})
		} else {
			_, err = d.ShrinkShare(t.Context(), share.ShrinkShareArgs{Share: share.Share{ID: "s"}, NewSize: test.size})
		}
		if !errors.Is(err, test.is) || (err == nil) != (test.is == nil) || !strings.Contains(fmt.Sprint(err), test.text) {
			t.Errorf("%s to %d: got error %v, want %v with %q", test.op, test.size, err, test.is, test.text)
		}
		if got := list(t, d)[0].Size; got != test.want {
			t.Errorf("%s to %d: got size %d, want %d", test.op, test.size, got, test.want)
		}
	}
	var coded interface{ Code() string }
	_, err := d.ShrinkShare(t.Context(), share.ShrinkShareArgs{Share: share.Share{ID: "s"}, NewSize: 1})
	if !errors.As(err, &coded) || coded.Code() != "quota_exceeded" {
		t.Errorf("got error %v, want one with the code quota_exceeded", err)
	}
}

func TestMethodsOfAMissingShareAreNotFound(t *testing.T) {
	d := open(t, realDir(t))
	missing := share.Share{ID: "missing"}
	rule := share.Access{ID: "r", AccessType: "ip", AccessTo: "10.0.0.1", AccessLevel: "ro"}
	calls := map[string]func() error{
		"extend_share": func() error {
			_, err := d.ExtendShare(t.Context(), share.ExtendShareArgs{Share: missing, NewSize: 2})
			return err
		},
		"shrink_share": func() error {
			_, err := d.ShrinkShare(t.Context(), share.ShrinkShareArgs{Share: missing, NewSize: 2})
			return err
		},
		"allow_access": func() error {
			_, err := d.AllowAccess(t.Context(), share.AllowAccessArgs{Share: missing, Access: rule})
			return err
		},
		"create_snapshot": func() error {
			_, err := d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "n", ShareID: "missing"}})
			return err
		},
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, share.ErrNotFound) {
			t.Errorf("%s: got error %v, want %v", name, err, share.ErrNotFound)
		}
	}
}
