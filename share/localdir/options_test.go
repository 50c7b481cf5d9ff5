//go:build linux || darwin || freebsd

package localdir_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

func TestNewSharesHaveTheWantedOwnerAndMode(t *testing.T) {
	owner, group := os.Getuid(), os.Getgid()
	if owner == 0 {
		owner, group = 65534, 65533
	}
	root := realDir(t)
	d, err := localdir.Open(root, localdir.Options{Logger: quiet, Owner: &owner, Group: &group, Mode: 0o770 | fs.ModeSetgid})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	create(t, d, "s", 1)
	info, err := os.Stat(dataOf(root, "s"))
	if err != nil {
		t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	got := fmt.Sprint(info.Mode(), " ", st.Uid, " ", st.Gid)
	if want := fmt.Sprint(fs.ModeDir|fs.ModeSetgid|0o770, " ", owner, " ", group); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExportsHaveTheWantedOptions(t *testing.T) {
	for _, tt := range []struct {
		options []string
		want    string
	}{
		{nil, "10.0.0.1(rw,sync,no_subtree_check)"},
		{[]string{}, "10.0.0.1(rw)"},
		{[]string{"async", "no_root_squash", "sec=krb5:krb5i"}, "10.0.0.1(rw,async,no_root_squash,sec=krb5:krb5i)"},
	} {
		root := realDir(t)
		d, err := localdir.Open(root, localdir.Options{Logger: quiet, ExportOptions: tt.options})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		create(t, d, "s", 1)
		_, err = d.AllowAccess(t.Context(), share.AllowAccessArgs{Share: share.Share{ID: "s"},
			Access: share.Access{AccessType: "ip", AccessTo: "10.0.0.1", AccessLevel: "rw"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(root, "exports")); !strings.Contains(got, " "+tt.want+"\n") {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestOptionsThatWouldMeanSomethingElseAreRefused(t *testing.T) {
	minus := -1
	for want, opts := range map[string]localdir.Options{
		"options.owner, options.group: want 0 or more":                            {Owner: &minus},
		"options.mode: want permissions":                                          {Mode: fs.ModeDir | 0o755},
		`options.export_options[0]: want one option of exports(5), got "a,b"`:     {ExportOptions: []string{"a,b"}},
		`options.export_options[1]: want one option of exports(5), got "a) *(rw"`: {ExportOptions: []string{"sync", "a) *(rw"}},
		`options.export_options[0]: "rw" comes from the access rule`:              {ExportOptions: []string{"rw"}},
	} {
		if _, err := localdir.Open(realDir(t), opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}
