//go:build linux || darwin || freebsd

package localdir_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/share"
)

func rule(id, to, level string) share.Access {
	return share.Access{ID: id, AccessType: share.AccessTypeIP, AccessTo: to, AccessLevel: level}
}

// exported returns the lines of the exports file without comments, paths relative to the root.
func exported(t *testing.T, root string) string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(read(t, filepath.Join(root, "exports"))) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.ReplaceAll(line, root+"/shares/", ""))
		}
	}
	return strings.Join(lines, "")
}

func deny(t *testing.T, d share.Driver, id string, rule share.Access) {
	t.Helper()
	must[share.DenyAccessResult](t)(d.DenyAccess(t.Context(), share.DenyAccessArgs{Share: share.Share{ID: id}, Access: rule}))
}

func TestExportsFileHasTheRulesOfAllShares(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "b", 1)
	create(t, d, "a", 1)
	create(t, d, "nobody", 1)
	steps := []struct {
		what string
		do   func()
		want string
	}{
		{"nothing allowed", func() {}, ""},
		{"one", func() { allow(t, d, "b", rule("1", "10.0.0.0/8", "ro")) }, "b/data 10.0.0.0/8(ro,sync,no_subtree_check)\n"},
		{"again", func() { allow(t, d, "b", rule("1", "10.0.0.0/8", "ro")) }, "b/data 10.0.0.0/8(ro,sync,no_subtree_check)\n"},
		{"another client", func() { allow(t, d, "b", rule("2", "2001:db8::1", "rw")) },
			"b/data 10.0.0.0/8(ro,sync,no_subtree_check) 2001:db8::1(rw,sync,no_subtree_check)\n"},
		{"another share", func() { allow(t, d, "a", rule("1", "0.0.0.0/0", "rw")) },
			"a/data 0.0.0.0/0(rw,sync,no_subtree_check)\nb/data 10.0.0.0/8(ro,sync,no_subtree_check) 2001:db8::1(rw,sync,no_subtree_check)\n"},
		{"deny by id", func() { deny(t, d, "b", share.Access{ID: "1"}) },
			"a/data 0.0.0.0/0(rw,sync,no_subtree_check)\nb/data 2001:db8::1(rw,sync,no_subtree_check)\n"},
		{"deny by client", func() { deny(t, d, "b", rule("", "2001:db8:0::1/128", "")) }, "a/data 0.0.0.0/0(rw,sync,no_subtree_check)\n"},
		{"deny what is not there", func() { deny(t, d, "b", rule("7", "10.0.0.7", "ro")); deny(t, d, "none", rule("7", "10.0.0.7", "ro")) },
			"a/data 0.0.0.0/0(rw,sync,no_subtree_check)\n"},
		{"delete", func() {
			must[share.DeleteShareInstanceResult](t)(d.DeleteShareInstance(t.Context(), share.DeleteShareInstanceArgs{Share: share.Share{ID: "a"}}))
		}, ""},
	}
	for _, step := range steps {
		step.do()
		if got := exported(t, root); got != step.want {
			t.Errorf("%s: got\n%swant\n%s", step.what, got, step.want)
		}
	}
}

func TestAllowAccessRefusesWhatCannotBeExported(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	allow(t, d, "s", rule("1", "10.0.0.1", "ro"))
	before := exported(t, root)
	tests := []struct {
		rule share.Access
		is   error
		text string
	}{
		{share.Access{ID: "2", AccessType: "user", AccessTo: "ada", AccessLevel: "rw"}, share.ErrUnsupported, `access.access_type: want "ip", got "user"`},
		{rule("2", "10.0.0.300", "rw"), share.ErrInvalid, `access.access_to: want an IP address or CIDR block, got "10.0.0.300"`},
		{rule("2", "*(rw) evil", "rw"), share.ErrInvalid, "access.access_to"},
		{rule("2", "10.0.0.2\n/ *(rw)", "rw"), share.ErrInvalid, "access.access_to"},
		{rule("2", "fe80::1%eth0", "rw"), share.ErrInvalid, "access.access_to"},
		{rule("2", "", "rw"), share.ErrInvalid, "access.access_to"},
		{rule("2", "::ffff:10.0.0.2", "rw"), share.ErrInvalid, `access.access_to: want the IPv4 form 10.0.0.2, got "::ffff:10.0.0.2"`},
		{rule("2", "::ffff:10.1.0.0/112", "rw"), share.ErrInvalid, `access.access_to: want the IPv4 form 10.1.0.0/16, got "::ffff:10.1.0.0/112"`},
		{rule("2", "10.0.0.2", "rw,no_root_squash"), share.ErrInvalid, `access.access_level: want "rw" or "ro", got "rw,no_root_squash"`},
		{rule("2", "10.0.0.2", ""), share.ErrInvalid, "access.access_level"},
		{rule("caf\xe9", "10.0.0.2", "rw"), share.ErrInvalid, `access.id: want UTF-8, got "caf\xe9"`},
		{rule("1", "10.0.0.2", "ro"), share.ErrExists, `share "s" has access rule "1" for 10.0.0.1 (ro) already`},
		{rule("1", "10.0.0.1", "rw"), share.ErrExists, "already"},
		{rule("2", "10.0.0.1/32", "ro"), share.ErrExists, "already"},
	}
	for _, test := range tests {
		_, err := d.AllowAccess(t.Context(), share.AllowAccessArgs{Share: share.Share{ID: "s"}, Access: test.rule})
		if !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.text) {
			t.Errorf("%+v: got error %v, want %v with %q", test.rule, err, test.is, test.text)
		}
	}
	if got := exported(t, root); got != before {
		t.Errorf("exports changed to\n%s", got)
	}
}

func TestDenyFindsAClientByEitherFormOfItsAddress(t *testing.T) {
	for _, test := range []struct{ recorded, denied string }{
		{"::ffff:10.0.0.1", "10.0.0.1"},
		{"10.0.0.1", "::ffff:10.0.0.1"},
		{"::ffff:10.1.0.0/112", "10.1.0.0/16"},
		{"10.1.0.0/16", "::ffff:10.1.2.3/112"},
	} {
		root := realDir(t)
		d := open(t, root)
		create(t, d, "s", 1)
		allow(t, d, "s", rule("1", "192.0.2.1", "rw"))
		closeNow(t, d)
		record := filepath.Join(root, "shares", "s", "share.json")
		write(t, record, strings.Replace(read(t, record), "192.0.2.1", test.recorded, 1)) // AllowAccess might refuse it
		d = open(t, root)
		if got := exported(t, root); !strings.Contains(got, test.recorded) {
			t.Errorf("%s is not exported: %s", test.recorded, got)
		}
		deny(t, d, "s", rule("", test.denied, ""))
		if got := exported(t, root); got != "" {
			t.Errorf("after deny of %s: got\n%s", test.denied, got)
		}
	}
}

func TestExportedPathsAreEscaped(t *testing.T) {
	root := filepath.Join(realDir(t), "a \"b\" #c\\d'e\nf")
	d := open(t, root)
	create(t, d, "s", 1)
	allow(t, d, "s", rule("1", "10.0.0.1", "ro"))
	want := `/a\040\042b\042\040\043c\134d\047e\012f/shares/s/data 10.0.0.1(ro,sync,no_subtree_check)` + "\n"
	if got := read(t, filepath.Join(root, "exports")); !strings.HasSuffix(got, want) || strings.Count(got, "\n") != 2 {
		t.Errorf("got\n%s\nwant it to end in\n%s", got, want)
	}
}

func TestAnExportsFileThatCannotBeWrittenIsWrittenByTheNextCall(t *testing.T) {
	root := realDir(t)
	d := open(t, root)
	create(t, d, "s", 1)
	name := filepath.Join(root, "exports")
	if err := errors.Join(os.Remove(name), os.MkdirAll(filepath.Join(name, "in the way"), 0o755)); err != nil {
		t.Fatal(err)
	}
	args := share.AllowAccessArgs{Share: share.Share{ID: "s"}, Access: rule("1", "10.0.0.1", "ro")}
	if _, err := d.AllowAccess(t.Context(), args); !strings.Contains(fmt.Sprint(err), " exports: ") {
		t.Errorf("got error %v, want one about the file that cannot be written", err)
	}
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
	must[share.AllowAccessResult](t)(d.AllowAccess(t.Context(), args))
	if got, want := exported(t, root), "s/data 10.0.0.1(ro,sync,no_subtree_check)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	empty(t, root)
}
