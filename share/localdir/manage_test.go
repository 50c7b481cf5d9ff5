//go:build linux || darwin || freebsd

package localdir_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/share"
)

func manage(t *testing.T, d share.Driver, id, folder string) (share.ManageShareResult, error) {
	t.Helper()
	return d.ManageShare(t.Context(), share.ManageShareArgs{Share: share.Share{ID: id}, DriverOptions: map[string]any{"path": folder}})
}

func unmanage(t *testing.T, d share.Driver, id string) {
	t.Helper()
	must[share.UnmanageShareResult](t)(d.UnmanageShare(t.Context(), share.UnmanageShareArgs{Share: share.Share{ID: id}}))
}

func TestManagedFolderStaysWhereItIs(t *testing.T) {
	long.Only(t)
	root := realDir(t)
	folder := filepath.Join(root, "found", "photos")
	everything(t, folder)
	before := tree(t, folder, true)
	d := open(t, root)
	got := must[share.ManageShareResult](t)(manage(t, d, "s", "found/photos"))
	want := share.ManageShareResult{Size: 1, ExportLocations: []share.ExportLocation{{Path: "nfs.example.org:" + folder, Preferred: true}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	allow(t, d, "s", rule("1", "10.0.0.1", "rw"))
	if got := read(t, filepath.Join(root, "exports")); !strings.Contains(got, folder+" 10.0.0.1(") {
		t.Errorf("exports does not have the folder:\n%s", got)
	}
	snapshot(t, d, "s", "n")
	createFrom(t, d, "n", "copy")
	if diff := cmp.Diff(before, tree(t, dataOf(root, "copy"), true)); diff != "" {
		t.Errorf("copy of it (-want +got):\n%s", diff)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, root)
	if got := ids(t, d); got != "copy s" {
		t.Errorf("after a restart got shares %q", got)
	}
	if _, err := d.UnmanageShare(t.Context(), share.UnmanageShareArgs{Share: share.Share{ID: "s"}}); !errors.Is(err, share.ErrInUse) {
		t.Errorf("unmanage with a snapshot: got error %v, want %v", err, share.ErrInUse)
	}
	must[share.DeleteSnapshotResult](t)(d.DeleteSnapshot(t.Context(), share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "n"}}))
	for range 2 {
		unmanage(t, d, "s")
	}
	if diff := cmp.Diff(before, tree(t, folder, true)); diff != "" {
		t.Errorf("folder after all (-want +got):\n%s", diff)
	}
	if got := exported(t, root); got != "" {
		t.Errorf("exports still has\n%s", got)
	}
	if got := ids(t, d); got != "copy" {
		t.Errorf("got shares %q, want it forgotten", got)
	}
	if _, err := os.Lstat(filepath.Join(root, "shares", "s")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the record is left: %v", err)
	}
}

func TestDeletingAManagedShareRemovesItsFolder(t *testing.T) {
	root := realDir(t)
	folder := filepath.Join(root, "found", "photos")
	write(t, filepath.Join(folder, "file"), "x")
	write(t, filepath.Join(root, "found", "other"), "x")
	d := open(t, root)
	must[share.ManageShareResult](t)(manage(t, d, "s", "found/photos"))
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}}))
	if got := namesIn(t, filepath.Join(root, "found")); got != ". other" {
		t.Errorf("got %q, want only what was not the share's", got)
	}
	empty(t, root)
}

func TestUnmanagedShareCanBeManagedAgain(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 3)
	write(t, filepath.Join(dataOf(root, "s"), "file"), "kept")
	unmanage(t, d, "s")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, root)
	if got := ids(t, d) + read(t, filepath.Join(dataOf(root, "s"), "file")); got != "kept" {
		t.Errorf("got %q, want the content and no share", got)
	}
	if _, err := d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: "s", Size: 1}}); !errors.Is(err, share.ErrExists) {
		t.Errorf("create over unmanaged content: got error %v, want %v", err, share.ErrExists)
	}
	write(t, filepath.Join(root, "found", "file"), "x")
	if _, err := manage(t, d, "s", "found"); !errors.Is(err, share.ErrExists) {
		t.Errorf("manage over unmanaged content: got error %v, want %v", err, share.ErrExists)
	}
	must[share.ManageShareResult](t)(manage(t, d, "s", "shares/s/data"))
	unmanage(t, d, "s")
	must[share.ManageShareResult](t)(manage(t, d, "renamed", "shares/s/data"))
	if got := list(t, d)[0].ExportLocations[0].Path; !strings.HasSuffix(got, "/shares/s/data") {
		t.Errorf("got export location %s", got)
	}
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "renamed"}}))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	create(t, open(t, root), "s", 1)
}

func TestTheIDOfAnUnmanagedShareIsFreeWhenItsContentIsGone(t *testing.T) {
	d := open(t, realDir(t))
	create(t, d, "s", 1)
	unmanage(t, d, "s")
	must[share.ManageShareResult](t)(manage(t, d, "s2", "shares/s/data"))
	must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s2"}}))
	create(t, d, "s", 1)
	if got := ids(t, d); got != "s" {
		t.Errorf("got shares %q, want s", got)
	}
}

func TestManageTakesTheFolderFromTheExportLocation(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	for i, form := range []string{"10.0.0.5:%s/%s", "[2001:db8::1]:%s/%s", "%s/%s", "%[2]s"} {
		id := fmt.Sprint("s-", i)
		write(t, filepath.Join(root, id, "file"), "x")
		form, _, _ := strings.Cut(fmt.Sprintf(form, root, id), "%!")
		got, err := d.ManageShare(t.Context(), share.ManageShareArgs{
			Share: share.Share{ID: id, Size: 4, ExportLocations: []share.ExportLocation{{Path: form}}},
		})
		if err != nil || got.Size != 4 || got.ExportLocations[0].Path != "nfs.example.org:"+filepath.Join(root, id) {
			t.Errorf("%s: got %+v, %v", form, got, err)
		}
	}
}

func TestManageCountsTheSizeInWholeGiB(t *testing.T) {
	root := realDir(t)
	write(t, filepath.Join(root, "found", "file"), "")
	if err := os.Truncate(filepath.Join(root, "found", "file"), 2<<30+1); err != nil {
		t.Fatal(err)
	}
	d := open(t, root)
	if got := must[share.ManageShareResult](t)(manage(t, d, "s", "found")).Size; got != 3 {
		t.Errorf("got size %d, want 3", got)
	}
}

func TestManageRefusesWhatIsNotAFolderOfItsOwn(t *testing.T) {
	base := realDir(t)
	root := filepath.Join(base, "root")
	d := open(t, root)
	create(t, d, "own", 1)
	write(t, filepath.Join(base, "outside", "file"), "x")
	write(t, filepath.Join(root, "taken", "sub", "file"), "x")
	write(t, filepath.Join(root, "free", "file"), "x")
	if err := os.Mkdir(filepath.Join(root, "caf\xe9"), 0o755); err != nil && runtime.GOOS != "darwin" { // which has no such names
		t.Fatal(err)
	}
	if err := errors.Join(
		os.Symlink("../outside", filepath.Join(root, "link-out")),
		os.Symlink("free", filepath.Join(root, "link-in")),
	); err != nil {
		t.Fatal(err)
	}
	must[share.ManageShareResult](t)(manage(t, d, "taken", "taken"))
	before := state(t, root)
	tests := []struct {
		path any
		is   error
		text string
	}{
		{"", share.ErrInvalid, "driver_options.path: want a folder below " + root},
		{".", share.ErrInvalid, "want a folder below"},
		{"..", share.ErrInvalid, "want a folder below"},
		{"../outside", share.ErrInvalid, "want a folder below"},
		{"free/../../outside", share.ErrInvalid, "want a folder below"},
		{filepath.Join(base, "outside"), share.ErrInvalid, "want a folder below"},
		{base, share.ErrInvalid, "want a folder below"},
		{"/", share.ErrInvalid, "want a folder below " + root + `, got "/"`},
		{7, share.ErrInvalid, "driver_options.path: want string, got int"},
		{"caf\xe9", share.ErrInvalid, `driver_options.path: want a path in UTF-8, got "caf\xe9"`},
		{"link-out", share.ErrInvalid, "link-out: want a folder, got L"},
		{"link-in", share.ErrInvalid, "link-in: want a folder, got L"},
		{"free/file", share.ErrInvalid, "free/file: want a folder, got -"},
		{"nowhere/at/all", share.ErrNotFound, "folder nowhere does not exist"},
		{"taken", share.ErrExists, `folder taken belongs to share "taken"`},
		{"taken/sub", share.ErrExists, `folder taken/sub belongs to share "taken"`},
		{"shares", share.ErrInvalid, "folder shares: want"},
		{"shares/own", share.ErrInvalid, "folder shares/own: want"},
		{"shares/own/data", share.ErrExists, `belongs to share "own"`},
		{".localdir", share.ErrInvalid, "the driver's own"},
		{".localdir/staging", share.ErrInvalid, "the driver's own"},
		{"exports", share.ErrInvalid, "exports: want a folder"},
	}
	for _, test := range tests {
		_, err := d.ManageShare(t.Context(), share.ManageShareArgs{Share: share.Share{ID: "s"}, DriverOptions: map[string]any{"path": test.path}})
		if !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.text) {
			t.Errorf("%v: got error %v, want %v with %q", test.path, err, test.is, test.text)
		}
	}
	for name, args := range map[string]share.ManageShareArgs{
		"no path":        {Share: share.Share{ID: "s"}},
		"unknown option": {Share: share.Share{ID: "s"}, DriverOptions: map[string]any{"path": "free", "pth": "x"}},
		"taken id":       {Share: share.Share{ID: "own"}, DriverOptions: map[string]any{"path": "free"}},
	} {
		if _, err := d.ManageShare(t.Context(), args); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
	if diff := cmp.Diff(before, state(t, root)); diff != "" {
		t.Errorf("the root changed (-before +after):\n%s", diff)
	}
}

func TestManageRefusesTheContentOfAShareThatIsOutOfOrder(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	write(t, filepath.Join(root, "found", "photos", "sub", "file"), "x")
	must[share.ManageShareResult](t)(manage(t, d, "managed", "found/photos"))
	snapshot(t, d, "managed", "n")
	closeNow(t, d)
	write(t, filepath.Join(root, "shares", "s", "share.json"), "damaged")
	write(t, filepath.Join(root, "shares", "managed", "snapshots", "n", "snapshot.json"), "damaged")
	d = open(t, root)
	before := state(t, root)
	for _, test := range []struct{ folder, text string }{
		{"shares/s/data", `folder shares/s/data belongs to share "s"`},
		{"found/photos", `folder found/photos belongs to share "managed"`},
		{"found/photos/sub", `folder found/photos/sub belongs to share "managed"`},
		{"found", `folder found belongs to share "managed"`},
	} {
		_, err := manage(t, d, "new", test.folder)
		if !errors.Is(err, share.ErrExists) || !strings.Contains(fmt.Sprint(err), test.text) {
			t.Errorf("%s: got error %v, want %v with %q", test.folder, err, share.ErrExists, test.text)
		}
	}
	if diff := cmp.Diff(before, state(t, root)); diff != "" {
		t.Errorf("the root changed (-before +after):\n%s", diff)
	}
}

// watched calls a function each time somebody asks whether it has ended.
type watched struct {
	context.Context
	asked func()
}

func (w watched) Err() error {
	w.asked()
	return w.Context.Err()
}

func TestManageRefusesAFolderThatIsDeletedWhileItIsCounted(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	write(t, filepath.Join(root, "found", "file"), "x")
	must[share.ManageShareResult](t)(manage(t, d, "s", "found"))
	asked := 0
	ctx := watched{t.Context(), func() {
		if asked++; asked == 3 { // at the start of the call, then for the folder and the file in it
			must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "s"}}))
		}
	}}
	_, err := d.ManageShare(ctx, share.ManageShareArgs{Share: share.Share{ID: "new"}, DriverOptions: map[string]any{"path": "found"}})
	if !errors.Is(err, share.ErrNotFound) || asked < 3 {
		t.Errorf("got error %v, asked %d times, want %v", err, asked, share.ErrNotFound)
	}
	if got := ids(t, d); got != "" {
		t.Errorf("got shares %q, want none", got)
	}
}

// A file system that takes capitals and small letters for the same has the record of share s for S as well.
func TestManageOverwritesNoRecordOfAnotherShare(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	write(t, filepath.Join(root, "found", "file"), "x")
	write(t, filepath.Join(root, "shares", "S", "share.json"), "of share s")
	if _, err := manage(t, d, "S", "found"); !errors.Is(err, share.ErrExists) {
		t.Errorf("got error %v, want %v", err, share.ErrExists)
	}
	if got := read(t, filepath.Join(root, "shares", "S", "share.json")); got != "of share s" {
		t.Errorf("the record is now %s", got)
	}
}

func TestManageWantsNamesAsTheyAreOnDisk(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	write(t, filepath.Join(root, "found", "file"), "x")
	if _, err := os.Lstat(filepath.Join(root, "FOUND")); err != nil {
		t.Skip("the file system tells capitals from small letters")
	}
	if _, err := manage(t, d, "s", "FOUND"); !errors.Is(err, share.ErrInvalid) {
		t.Errorf("got error %v, want %v", err, share.ErrInvalid)
	}
}
