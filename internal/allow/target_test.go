package allow

import (
	"net/netip"
	"strings"
	"testing"
)

func TestURLsHaveOneForm(t *testing.T) {
	for _, tt := range []struct{ url, want, origin string }{
		{"http://CMDB.example.org", "http://cmdb.example.org", "http://cmdb.example.org"},
		{"HTTPS://a.example:443/x?y=1#z", "https://a.example/x?y=1", "https://a.example"},
		{"https://a.example:8443//x/../y", "https://a.example:8443//x/../y", "https://a.example:8443"},
		{"http://a.example:443", "http://a.example:443", "http://a.example:443"},
		{"http://a.example/?q=a b&ü=\u00a0", "http://a.example/?q=a%20b&%C3%BC=%C2%A0", "http://a.example"},
		{"http://a.example/a b", "http://a.example/a%20b", "http://a.example"},
		{"http://[2001:DB8:0:0::1]:80/", "http://[2001:db8::1]/", "http://[2001:db8::1]"},
		{"http://10.0.0.1:8080/", "http://10.0.0.1:8080/", "http://10.0.0.1:8080"},
	} {
		u, target, err := ParseURL(tt.url)
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		if u.String() != tt.want || target.Origin() != tt.origin {
			t.Errorf("%s: got %s of %s, want %s of %s", tt.url, u, target.Origin(), tt.want, tt.origin)
		}
	}
}

func TestURLsThatReadersUnderstandDifferentlyAreRefused(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"", "want a URL that begins with http://"},
		{"cmdb.example.org/x", "want a URL that begins with http://"},
		{"//cmdb.example.org/x", "want a URL that begins with http://"},
		{"ftp://cmdb.example.org", "want a URL that begins with http://"},
		{"file:///etc/passwd", "want a URL that begins with http://"},
		{"http:cmdb.example.org", "want a URL such as"},
		{"http:///x", "want a host, got none"},
		{"http://user:secret@cmdb.example.org", "want a URL without user information"},
		{"http://@cmdb.example.org", "want a URL without user information"},
		{"http://user:secret", "want a URL such as"},
		{`http://a.example\@b.example`, "want a URL such as"},
		{"http://a.example\n", "want a URL such as"},
		{"http://a.example:80:80", "want a URL such as"},
		{"http://a.example:", `want a port from 1 to 65535, got ""`},
		{"http://a.example:0", "want a port"},
		{"http://a.example:0080", "want a port"},
		{"http://a.example:99999", "want a port"},
		{"http://a.example.", "want a host of letters"},
		{"http://.a.example", "want a host of letters"},
		{"http://a%2eexample", "want a URL such as"},
		{"http://a.example;b", "want a host of letters"},
		{"http://ａ.example", "want a host of letters"},
		{"http://a。example", "want a host of letters"},
		{"http://①②⑦.0.0.1", "want an address such as"},
		{"http://2130706433", "want an address such as"},
		{"http://0x7f000001", "want an address such as"},
		{"http://0x7f.1", "want an address such as"},
		{"http://0177.0.0.1", "want an address such as"},
		{"http://127.1", "want an address such as"},
		{"http://127.0.0.0x1", "want an address such as"},
		{"http://1.2.3.4.5", "want an address such as"},
		{"http://[::ffff:127.0.0.1]", "want an address of IPv4 as such"},
		{"http://[fe80::1%25eth0]", "want an address without a zone"},
		{"http://[127.0.0.1]", "want "},
		{"http://::1/", "want "},
		{"http://" + strings.Repeat("a", 300), "want a host of at most 253 bytes"},
		{"http://a.example/" + strings.Repeat("a", 9000), "want a URL of at most 8192 bytes, got 9017"},
	} {
		_, target, err := ParseURL(tt.url)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60s: got %v, error %v; want %s", tt.url, target, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the message shows a secret: %v", tt.url, err)
		}
	}
}

// FuzzParse reads entries; what is read is written so that it is read the same again.
func FuzzParse(f *testing.F) {
	for _, entry := range []string{"a.example", "*.a.example:1", "10.0.0.0/8:80", "[2001:db8::/32]:443", "[::1]", "0x7f.1", "[::ffff:1.2.3.4]", "a:b:c"} {
		f.Add(entry)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		r, err := Parse(entry)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x00\x1b") {
				t.Fatalf("a message of more than one line: %q", err)
			}
			return
		}
		if again, err := Parse(r.String()); err != nil || again != r {
			t.Fatalf("%q is read as %v, and that as %v, %v", entry, r, again, err)
		}
	})
}

// FuzzParseURL reads URLs. One that is accepted means the same when it is read again, and has a host that no reader can
// take for another; and where it leads to a special address, no list but one with such an entry lets it through.
func FuzzParseURL(f *testing.F) {
	for _, u := range []string{
		"http://a.example", "https://A.example:8443/x?y#z", "http://[::1]:80", "http://127.0.0.1", "http://u@h", "http://0x7f.1", "http://h:80:80",
		"http://a\\@b", "http://h/?a b", "http://①", "http://[fe80::1%25a]", "http://[::ffff:1.2.3.4]", "http://[64:ff9b::a00:1]",
	} {
		f.Add(u)
	}
	all := List{}
	for _, entry := range []string{"0.0.0.0/0", "[::/0]"} {
		r, err := Parse(entry)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, r)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, target, err := ParseURL(text)
		if err != nil {
			return
		}
		again, sameTarget, err := ParseURL(u.String())
		if err != nil || sameTarget != target || again.String() != u.String() {
			t.Fatalf("%q is read as %s, and that as %v, %v", text, u, again, err)
		}
		if bad := strings.Trim(target.Host, "abcdefghijklmnopqrstuvwxyz0123456789-_.:"); bad != "" || u.User != nil || u.Hostname() != target.Host {
			t.Fatalf("%q has the host %q", text, target.Host)
		}
		if strings.IndexFunc(u.RequestURI(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) >= 0 {
			t.Fatalf("%q has the request line %q", text, u.RequestURI())
		}
		if a, err := netip.ParseAddr(target.Host); (err == nil) != target.Addr.IsValid() {
			t.Fatalf("%q has the host %q, an address: %v", text, target.Host, a)
		}
		if target.Port == DefaultPort(target.Scheme) && (all.Target(target) == nil) != (target.Addr.IsValid() && !special(target.Addr)) {
			t.Fatalf("%q: got %v", text, all.Target(target))
		}
	})
}
