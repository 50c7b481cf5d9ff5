package allow

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEntriesAreReadAndWrittenAlike(t *testing.T) {
	for _, tt := range []struct{ entry, want string }{
		{"cmdb.example.org", "cmdb.example.org"},
		{"CMDB.Example.org:8443", "cmdb.example.org:8443"},
		{"*.example.org:8443", "*.example.org:8443"},
		{"*.internal", "*.internal"},
		{"my_db", "my_db"},
		{"xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"10.1.2.3", "10.1.2.3"},
		{"10.1.2.3/32:80", "10.1.2.3:80"},
		{"10.1.0.0/16:8080", "10.1.0.0/16:8080"},
		{"[2001:DB8::]", "[2001:db8::]"},
		{"[2001:db8:0::1]:443", "[2001:db8::1]:443"},
		{"[2001:db8::/32]:443", "[2001:db8::/32]:443"},
		{"0.0.0.0/0", "0.0.0.0/0"},
	} {
		r, err := Parse(tt.entry)
		if err != nil {
			t.Errorf("%s: %v", tt.entry, err)
			continue
		}
		if r.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.entry, r, tt.want)
		}
		if again, err := Parse(r.String()); err != nil || again != r {
			t.Errorf("%s: got %v, %v when read again", tt.entry, again, err)
		}
	}
}

func TestEntriesThatAreNoneAreRefused(t *testing.T) {
	for _, tt := range []struct{ entry, want string }{
		{"", `want a host such as "cmdb.example.org", got ""`},
		{"https://cmdb.example.org", `want a host without a scheme, got "https://cmdb.example.org"`},
		{"cmdb.example.org/path", "want a host of letters"},
		{"user@cmdb.example.org", "want a host of letters"},
		{"bücher.example", `in ASCII (xn--...), got "bücher.example"`},
		{"*", "want a host of letters"},
		{"a.*.example.org", "want a host of letters"},
		{"*example.org", "want a host of letters"},
		{"*.*.example.org", "want a host of letters"},
		{"example.org.", "want a host of letters"},
		{"-a.example", "want a host of letters"},
		{"a..b", "want a host of letters"},
		{"*.", "want a host, got none"},
		{strings.Repeat("a", 64) + ".example", "want a host of letters"},
		{strings.Repeat("a.", 130) + "b", "want a host of at most 253 bytes, got 261"},
		{strings.Repeat("a", 1000), "want an entry of at most 300 bytes, got 1000"},
		{"cmdb.example.org:", `want a port from 1 to 65535, got ""`},
		{"cmdb.example.org:0", `want a port from 1 to 65535, got "0"`},
		{"cmdb.example.org:080", `want a port from 1 to 65535, got "080"`},
		{"cmdb.example.org:65536", `want a port from 1 to 65535, got "65536"`},
		{"cmdb.example.org:https", `want a port from 1 to 65535, got "https"`},
		{"2001:db8::1", "want brackets around IPv6"},
		{"2001:db8::/32", "want brackets around IPv6"},
		{"[10.0.0.1]", "want brackets around IPv6 only"},
		{"[2001:db8::1", "want brackets around IPv6"},
		{"[::ffff:10.0.0.1]", `want an address of IPv4 as such, as "10.0.0.1"`},
		{"[::ffff:10.0.0.0/104]", "want a network of IPv4 as such"},
		{"[fe80::1%eth0]", "want an address without a zone"},
		{"10.1.2.3/16", `want a network without host bits, as "10.1.0.0/16", got "10.1.2.3/16"`},
		{"10.1.0.0/33", "want a network such as"},
		{"10.1", "want an address such as"},
		{"010.1.2.3", "want an address such as"},
		{"2130706433", "want an address such as"},
		{"0x7f000001", "want a name, or an address such as 10.1.2.3"},
		{"a.0x7f", "want a name, or an address such as 10.1.2.3"},
		{"host.1", "want a name, or an address such as 10.1.2.3"},
	} {
		if r, err := Parse(tt.entry); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, error %v; want %s", tt.entry, r, err, tt.want)
		}
	}
}

func list(t *testing.T, entries ...string) List {
	t.Helper()
	l, err := ParseList(entries)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAListNamesItsFirstMistake(t *testing.T) {
	_, err := ParseList([]string{"a.example", "b.example:0", "?"})
	if want := `allow_http: want a port from 1 to 65535, got "0"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestListsAreEqualInAnyOrder(t *testing.T) {
	a, b := list(t, "a.example", "B.example:1", "a.example"), list(t, "b.example:1", "a.example")
	if diff := cmp.Diff(a.String(), b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestTargets looks at URLs before anything is looked up; "" as want is a URL that is allowed.
func TestTargets(t *testing.T) {
	l := list(t, "cmdb.example.org", "*.lab.example:8443", "10.1.0.0/16:8080", "[2001:db8::/32]", "0.0.0.0/0", "127.0.0.1:99")
	for _, tt := range []struct{ url, want string }{
		{"http://cmdb.example.org", ""},
		{"https://CMDB.example.org/", ""},
		{"https://cmdb.example.org:443/", ""},
		{"http://cmdb.example.org:443/", `allow_http does not list cmdb.example.org:443, only as "cmdb.example.org"`},
		{"http://cmdb.example.org:8080", "allow_http does not list cmdb.example.org:8080"},
		{"http://www.cmdb.example.org", "allow_http does not list www.cmdb.example.org:80"},
		{"http://example.org", "allow_http does not list example.org:80"},
		{"http://cmdb.example.org.evil.example", "allow_http does not list"},
		{"http://a.lab.example:8443", ""},
		{"https://b.a.lab.example:8443", ""},
		{"https://a.lab.example", `does not list a.lab.example:443, only as "*.lab.example:8443"`},
		{"http://lab.example:8443", "allow_http does not list lab.example:8443"},
		{"http://evillab.example:8443", "allow_http does not list"},
		{"http://10.1.2.3:8080", ""},
		{"http://10.1.2.3", `allow_http does not list 10.1.2.3:80, a private address, only as "10.1.0.0/16:8080"`},
		{"http://10.2.0.1:8080", "does not list 10.2.0.1:8080, a private address"},
		{"http://[2001:db8::5]", ""},
		{"http://[2001:db9::5]", "does not list [2001:db9::5]:80"},
		{"http://8.8.8.8", ""},
		{"http://127.0.0.1", `does not list 127.0.0.1:80, a loopback address, only as "127.0.0.1:99"`},
		{"http://127.0.0.1:99", ""},
		{"http://169.254.169.254", "does not list 169.254.169.254:80, a link-local address"},
	} {
		_, target, err := ParseURL(tt.url)
		if err != nil {
			t.Fatalf("%s: %v", tt.url, err)
		}
		err = l.Target(target)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got error %v, want %q", tt.url, err, tt.want)
		}
	}
	if err := (List)(nil).Target(Target{}); err == nil || err.Error() != "the hook has no allow_http" {
		t.Errorf("got %v of an empty list", err)
	}
}

// TestANameLeadsToPublicAddressesOnly looks at the addresses of a listed name.
func TestANameLeadsToPublicAddressesOnly(t *testing.T) {
	public := []string{"8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:4860:4860::8888"}
	special := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.0.9", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.0.2.1",
		"192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fec0::1", "ff02::1", "4000::1",
	}
	l := list(t, "cmdb.example.org", "0.0.0.0/0", "[::/0]") // which list what is public only
	_, target, err := ParseURL("http://cmdb.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range public {
		if err := l.Address(target, netip.AddrPortFrom(netip.MustParseAddr(a), 80)); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	for _, a := range special {
		at := netip.AddrPortFrom(netip.MustParseAddr(a), 80)
		if err := l.Address(target, at); err == nil || !strings.Contains(err.Error(), "which allow_http does not list") {
			t.Errorf("%s: got %v, want it to be refused", a, err)
		}
		own := a
		if at.Addr().Is6() && !at.Addr().Is4In6() {
			own = "[" + a + "]"
		}
		own = strings.TrimPrefix(own, "::ffff:")
		if err := list(t, "cmdb.example.org", own).Address(target, at); err != nil {
			t.Errorf("%s is listed: %v", a, err)
		}
		if err := list(t, "cmdb.example.org", own+":81").Address(target, at); err == nil {
			t.Errorf("%s is listed for another port, and allowed", a)
		}
		if err := list(t, own).Address(target, at); err == nil {
			t.Errorf("the name for %s is not listed, and allowed", a)
		}
	}
}

func TestAnAddressMustBeWhatWasAskedFor(t *testing.T) {
	l := list(t, "cmdb.example.org", "8.8.8.8", "[fe80::/10]")
	name := Target{Scheme: "http", Host: "cmdb.example.org", Port: 80}
	literal := Target{Scheme: "http", Host: "8.8.8.8", Addr: netip.MustParseAddr("8.8.8.8"), Port: 80}
	for _, tt := range []struct {
		target   Target
		at, want string
	}{
		{name, "8.8.8.8:81", "would be dialled on port 81"},
		{literal, "8.8.4.4:80", "would be dialled at 8.8.4.4"},
		{name, "[fe80::1%eth0]:80", "an address with a zone"},
		{Target{}, "8.8.8.8:80", "does not list"},
	} {
		if err := l.Address(tt.target, netip.MustParseAddrPort(tt.at)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v at %s: got %v, want %s", tt.target, tt.at, err, tt.want)
		}
	}
}
