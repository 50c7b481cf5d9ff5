package fetch_test

import (
	"cmp"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
)

// trick is an attempt to reach the trap, which listens on port $Q of the loopback addresses, or another address that no
// list names. The list of the hook names, on port $Q, cmdb.test and all below lab.test; and on port $P, where a server
// of the hook's own answers, 127.0.0.1 and cmdb.test. The name server of the test says where names lead.
type trick struct {
	name string
	url  string // that is asked for; "" for the server's own
	// redirect is where the server's answer leads; "" for an answer that leads nowhere.
	redirect string
	status   int // of that answer; 0 for 302
	method   string
	body     string
	header   map[string]string
	allow    []string // in place of the list
	want     string   // in the message
}

const notListed = "allow_http does not list "

// spellings of the address of the trap, and of others that are not public.
var spellings = []trick{
	{name: "loopback", url: "http://127.0.0.1:$Q/", want: notListed + "127.0.0.1:$Q, a loopback address"},
	{name: "another loopback", url: "http://127.127.127.127:$Q/", want: notListed},
	{name: "localhost", url: "http://localhost:$Q/", want: notListed + "localhost:$Q"},
	{name: "decimal", url: "http://2130706433:$Q/", want: "want an address such as"},
	{name: "decimal that overflows", url: "http://6425673729:$Q/", want: "want an address such as"},
	{name: "octal", url: "http://0177.0.0.1:$Q/", want: "want an address such as"},
	{name: "octal as a whole", url: "http://017700000001:$Q/", want: "want an address such as"},
	{name: "hexadecimal", url: "http://0x7f000001:$Q/", want: "want an address such as"},
	{name: "hexadecimal parts", url: "http://0x7f.0x0.0x0.0x1:$Q/", want: "want an address such as"},
	{name: "two parts", url: "http://127.1:$Q/", want: "want an address such as"},
	{name: "leading zeros", url: "http://127.000.000.001:$Q/", want: "want an address such as"},
	{name: "five parts", url: "http://127.0.0.0.1:$Q/", want: "want an address such as"},
	{name: "zero", url: "http://0:$Q/", want: "want an address such as"},
	{name: "unspecified", url: "http://0.0.0.0:$Q/", want: notListed + "0.0.0.0:$Q, the unspecified address"},
	{name: "unspecified IPv6", url: "http://[::]:$Q/", want: notListed + "[::]:$Q, the unspecified address"},
	{name: "loopback IPv6", url: "http://[::1]:$Q/", want: notListed + "[::1]:$Q, a loopback address"},
	{name: "loopback IPv6 in full", url: "http://[0:0:0:0:0:0:0:1]:$Q/", want: notListed},
	{name: "loopback IPv6 without brackets", url: "http://::1:$Q/", want: "want "},
	{name: "mapped", url: "http://[::ffff:127.0.0.1]:$Q/", want: "want an address of IPv4 as such"},
	{name: "mapped in hexadecimal", url: "http://[::ffff:7f00:1]:$Q/", want: "want an address of IPv4 as such"},
	{name: "compatible", url: "http://[::127.0.0.1]:$Q/", want: notListed},
	{name: "zone", url: "http://[::1%25lo]:$Q/", want: "want an address without a zone"},
	{name: "NAT64", url: "http://[64:ff9b::7f00:1]:$Q/", want: notListed},
	{name: "local NAT64", url: "http://[64:ff9b:1::7f00:1]:$Q/", want: notListed},
	{name: "6to4", url: "http://[2002:7f00:1::]:$Q/", want: notListed},
	{name: "Teredo", url: "http://[2001:0:7f00:1::]:$Q/", want: notListed},
	{name: "unique local", url: "http://[fd00::1]:$Q/", want: notListed + "[fd00::1]:$Q, a private address"},
	{name: "link-local IPv6", url: "http://[fe80::1]:$Q/", want: notListed + "[fe80::1]:$Q, a link-local address"},
	{name: "metadata", url: "http://169.254.169.254/latest/meta-data/", want: notListed + "169.254.169.254:80, a link-local address"},
	{name: "metadata IPv6", url: "http://[fd00:ec2::254]/", want: notListed},
	{name: "private", url: "http://10.0.0.1:$Q/", want: notListed + "10.0.0.1:$Q, a private address"},
	{name: "carrier-grade NAT", url: "http://100.64.0.1:$Q/", want: notListed},
	{name: "multicast", url: "http://224.0.0.1:$Q/", want: notListed + "224.0.0.1:$Q, a multicast address"},
	{name: "broadcast", url: "http://255.255.255.255:$Q/", want: notListed},
	{name: "fullwidth digits", url: "http://１２７.０.０.１:$Q/", want: "in ASCII"},
	{name: "circled digits", url: "http://①②⑦.⓪.⓪.①:$Q/", want: "in ASCII"},
	{name: "ideographic full stops", url: "http://127。0。0。1:$Q/", want: "in ASCII"},
	{name: "soft hyphen", url: "http://cmdb\u00ad.test:$Q/", want: "in ASCII"},
	{name: "Kelvin sign", url: "http://loo\u212a.lab.test:$Q/", want: "in ASCII"},
	{name: "percent signs", url: "http://%31%32%37.0.0.1:$Q/", want: "want a URL such as"},
	{name: "percent signs in UTF-8", url: "http://%EF%BC%91.lab.test:$Q/", want: "in ASCII"},
	{name: "zero byte", url: "http://127.0.0.1:$Q%00.lab.test:$Q/", want: "want a URL such as"},
	{name: "dot behind the address", url: "http://127.0.0.1.:$Q/", want: "want a host of letters"},
	{name: "dot behind the name", url: "http://cmdb.test.:$Q/", want: "want a host of letters"},
}

// urls that different readers understand differently, and hosts that look like listed ones.
var urls = []trick{
	{name: "user information", url: "http://cmdb.test:$Q@127.0.0.1:$Q/", want: "without user information"},
	{name: "user without password", url: "http://cmdb.test@127.0.0.1:$Q/", want: "without user information"},
	{name: "empty user information", url: "http://@127.0.0.1:$Q/", want: "without user information"},
	{name: "two user informations", url: "http://a@cmdb.test:$Q@127.0.0.1:$Q/", want: "want a URL"},
	{name: "backslash before user information", url: `http://cmdb.test:$P\@127.0.0.1:$Q/`, want: "want a URL such as"},
	{name: "fragment before user information", url: "http://cmdb.test#@127.0.0.1:$Q/", want: notListed + "cmdb.test:80"},
	{name: "blank before user information", url: "http://cmdb.test &@127.0.0.1:$Q/", want: "want a URL such as"},
	{name: "another port", url: "http://cmdb.test:22/", want: notListed + `cmdb.test:22, only as "cmdb.test:`},
	{name: "default port", url: "http://127.0.0.1/", want: notListed},
	{name: "default port of https", url: "https://cmdb.test/", want: notListed},
	{name: "port 0", url: "http://cmdb.test:0/", want: "want a port"},
	{name: "no port", url: "http://cmdb.test:/", want: "want a port"},
	{name: "port with zeros", url: "http://cmdb.test:0$Q/", want: "want a port"},
	{name: "port that overflows", url: "http://cmdb.test:4294967376/", want: "want a port"},
	{name: "two ports", url: "http://cmdb.test:$P:$Q/", want: "want a URL such as"},
	{name: "port with a sign", url: "http://cmdb.test:+$Q/", want: "want a URL such as"},
	{name: "file", url: "file:///etc/passwd", want: "begins with http://"},
	{name: "gopher", url: "gopher://127.0.0.1:$Q/_x", want: "begins with http://"},
	{name: "unix", url: "http+unix://%2Fvar%2Frun%2Fdocker.sock/", want: "want a URL"},
	{name: "no scheme", url: "//127.0.0.1:$Q/", want: "begins with http://"},
	{name: "no slashes", url: "http:127.0.0.1:$Q", want: "want a URL such as"},
	{name: "one slash", url: "http:/127.0.0.1:$Q", want: "want a host"},
	{name: "three slashes", url: "http:///127.0.0.1:$Q", want: "want a host"},
	{name: "another request in the URL", url: "http://127.0.0.1:$P/ HTTP/1.1\r\nHost: evil\r\n\r\n", want: "want a URL such as"},
	{name: "tab in the host", url: "http://127.0\t.0.1:$Q/", want: "want a URL such as"},
	{name: "longer name", url: "http://cmdb.test.evil.test:$Q/", want: notListed},
	{name: "name with more before it", url: "http://evilcmdb.test:$Q/", want: notListed},
	{name: "name below a single one", url: "http://a.cmdb.test:$Q/", want: notListed},
	{name: "name above a wildcard", url: "http://lab.test:$Q/", want: notListed},
	{name: "name that ends like a wildcard", url: "http://evillab.test:$Q/", want: notListed},
	{name: "listed name in the path", url: "http://127.0.0.1:$Q/cmdb.test", want: notListed},
	{name: "all networks are listed", url: "http://127.0.0.1:$Q/", allow: []string{"0.0.0.0/0:$Q", "[::/0]:$Q"}, want: notListed},
	{name: "nothing is listed", url: "http://127.0.0.1:$Q/", allow: []string{}, want: "the hook has no allow_http"},
	{name: "a broken entry", url: "http://127.0.0.1:$Q/", allow: []string{"127.0.0.1:$Q/32"}, want: "allow_http: want a port"},
	{name: "address of a listed name", url: "http://[::1]:$Q/", allow: []string{"cmdb.test:$Q"}, want: notListed},
}

// answers of name servers.
var lookups = []trick{
	{name: "name of a loopback address", url: "http://cmdb.test:$Q/", want: "cmdb.test:$Q leads to 127.0.0.1:$Q, a loopback address"},
	{name: "name below a wildcard", url: "http://v4.lab.test:$Q/", want: "leads to 127.0.0.1:$Q"},
	{name: "name of a loopback address of IPv6", url: "http://v6.lab.test:$Q/", want: "leads to [::1]:$Q, a loopback address"},
	{name: "name of a mapped address", url: "http://mapped.lab.test:$Q/", want: "leads to 127.0.0.1:$Q, a loopback address"},
	{name: "name of a compatible address", url: "http://compatible.lab.test:$Q/", want: "leads to [::7f00:1]:$Q, a special-purpose address"},
	{name: "name of the unspecified address", url: "http://zero.lab.test:$Q/", want: "leads to 0.0.0.0:$Q, the unspecified address"},
	{name: "name of the unspecified address of IPv6", url: "http://zero6.lab.test:$Q/", want: "leads to [::]:$Q, the unspecified address"},
	{name: "name of the metadata address", url: "http://metadata.lab.test:$Q/", want: "leads to 169.254.169.254:$Q, a link-local address"},
	{name: "name of a private address", url: "http://private.lab.test:$Q/", want: "leads to 10.0.0.1:$Q, a private address"},
	{name: "name of a private address behind NAT64", url: "http://nat64.lab.test:$Q/", want: "leads to [64:ff9b::a00:1]:$Q"},
	{name: "name of a 6to4 address", url: "http://6to4.lab.test:$Q/", want: "leads to [2002:7f00:1::]:$Q"},
	{name: "alias of a loopback address", url: "http://alias.lab.test:$Q/", want: "leads to 127.0.0.1:$Q"},
	{name: "name of several addresses", url: "http://several.lab.test:$Q/", want: "leads to "},
	{name: "name whose address is listed for another port", url: "http://cmdb.test:$Q/", allow: []string{"cmdb.test:$Q", "127.0.0.1:$P"}, want: "leads to 127.0.0.1:$Q"},
	{name: "name whose address all networks have", url: "http://cmdb.test:$Q/", allow: []string{"cmdb.test:$Q", "0.0.0.0/0:$Q"}, want: "leads to 127.0.0.1:$Q"},
	{name: "unlisted name of a listed address", url: "http://v4.evil.test:$Q/", allow: []string{"127.0.0.1:$Q"}, want: notListed},
}

// redirects of the server that is listed.
var redirects = []trick{
	{name: "redirect to loopback", redirect: "http://127.0.0.1:$Q/", want: "redirected: " + notListed + "127.0.0.1:$Q"},
	{name: "moved to loopback", status: 301, redirect: "http://127.0.0.1:$Q/", want: "redirected: " + notListed},
	{name: "see loopback", status: 303, redirect: "http://127.0.0.1:$Q/", want: "redirected: " + notListed},
	{name: "temporary redirect to loopback", status: 307, redirect: "http://127.0.0.1:$Q/", want: "redirected: " + notListed},
	{name: "permanent redirect to loopback", status: 308, redirect: "http://127.0.0.1:$Q/", want: "redirected: " + notListed},
	{name: "redirect of HEAD", method: "HEAD", redirect: "http://127.0.0.1:$Q/", want: "redirected: " + notListed},
	{name: "redirect without a scheme", redirect: "//127.0.0.1:$Q/", want: "redirected: " + notListed},
	{name: "redirect to the metadata address", redirect: "http://169.254.169.254/", want: "redirected: " + notListed},
	{name: "redirect to a decimal address", redirect: "http://2130706433:$Q/", want: "redirected: want an address"},
	{name: "redirect with user information", redirect: "http://127.0.0.1:$P@127.0.0.1:$Q/", want: "redirected: want a URL without user information"},
	{name: "redirect to a file", redirect: "file:///etc/passwd", want: "redirected: want a URL that begins"},
	{name: "redirect with backslashes", redirect: `\\127.0.0.1:$Q\`, want: "redirected: want a URL in Location"},
	{name: "redirect to a listed name", redirect: "http://cmdb.test:$Q/", want: "cmdb.test:$Q leads to 127.0.0.1:$Q, a loopback address"},
	{name: "redirect to https", redirect: "https://127.0.0.1:$Q/", want: "redirected: " + notListed},
	{name: "endless redirect", redirect: "/again", want: "redirected more than 5 times"},
}

// requests in which there is another one.
var smuggled = []trick{
	{name: "another host", header: map[string]string{"Host": "evil.test"}, want: "the header field Host cannot be set"},
	{name: "another host in capitals", header: map[string]string{"HOST": "evil.test"}, want: "the header field Host cannot be set"},
	{name: "line break in a value", header: map[string]string{"X-A": "a\r\nHost: evil.test"}, want: "want a value of one line"},
	{name: "line feed in a value", header: map[string]string{"X-A": "a\nX-B: b"}, want: "want a value of one line"},
	{name: "zero byte in a value", header: map[string]string{"X-A": "a\x00"}, want: "want a value of one line"},
	{name: "line break in a name", header: map[string]string{"X-A: b\r\nHost": "evil.test"}, want: "want the name of a header field"},
	{name: "colon in a name", header: map[string]string{"Host:": "evil.test"}, want: "want the name of a header field"},
	{name: "blank before a name", header: map[string]string{" Host": "evil.test"}, want: "want the name of a header field"},
	{name: "no name", header: map[string]string{"": "x"}, want: "want the name of a header field"},
	{name: "name beyond ASCII", header: map[string]string{"H\u00f6st": "x"}, want: "want the name of a header field"},
	{name: "transfer encoding", header: map[string]string{"Transfer-Encoding": "chunked"}, want: "cannot be set"},
	{name: "transfer encoding with an underscore", header: map[string]string{"Transfer_Encoding": "chunked"}, want: "cannot be set"},
	{name: "content length", method: "POST", body: "GET / HTTP/1.1\r\n\r\n", header: map[string]string{"Content-Length": "0"}, want: "cannot be set"},
	{name: "connection", header: map[string]string{"Connection": "X-Secret"}, want: "cannot be set"},
	{name: "upgrade", header: map[string]string{"Upgrade": "h2c"}, want: "cannot be set"},
	{name: "proxy authorization", header: map[string]string{"Proxy-Authorization": "Basic x"}, want: "cannot be set"},
	{name: "expectation", header: map[string]string{"Expect": "100-continue"}, want: "cannot be set"},
	{name: "another method by a header field", header: map[string]string{"X-HTTP-Method-Override": "DELETE"}, want: "cannot be set"},
	{name: "a field twice", header: map[string]string{"X-A": "1", "x-a": "2"}, want: "is there twice"},
	{name: "large header", header: map[string]string{"X-A": strings.Repeat("x", 20<<10)}, want: "at most 16 KiB"},
	{name: "another request in the method", method: "GET / HTTP/1.1\r\nHost: evil\r\n\r\nGET", want: "want a method such as"},
	{name: "CONNECT", method: "CONNECT", want: "want a method such as"},
	{name: "TRACE", method: "TRACE", want: "want a method such as"},
	{name: "body of GET", body: "GET / HTTP/1.1\r\n\r\n", want: "GET has no body"},
}

func TestTricksOfRequestForgeryAreRefused(t *testing.T) {
	forbidden, q := newTrap(t, "127.0.0.1:0")
	names := map[string][]string{
		"cmdb.test": {"127.0.0.1"}, "v4.lab.test": {"127.0.0.1"}, "v4.evil.test": {"127.0.0.1"}, "v6.lab.test": {"::1"}, "mapped.lab.test": {"::ffff:127.0.0.1"},
		"compatible.lab.test": {"::127.0.0.1"}, "zero.lab.test": {"0.0.0.0"}, "zero6.lab.test": {"::"}, "metadata.lab.test": {"169.254.169.254"},
		"private.lab.test": {"10.0.0.1"}, "nat64.lab.test": {"64:ff9b::a00:1"}, "6to4.lab.test": {"2002:7f00:1::"},
		"alias.lab.test": {"=inside.test", "127.0.0.1"}, "several.lab.test": {"10.0.0.1", "127.0.0.1", "::1"},
	}
	for _, tricks := range [][]trick{spellings, urls, lookups, redirects, smuggled} {
		for _, tt := range tricks {
			t.Run(tt.name, func(t *testing.T) {
				tt.try(t, client(t, fetch.Options{}, names), forbidden, strings.TrimPrefix(port(q), ":"))
			})
		}
	}
}

func (tt trick) try(t *testing.T, c *fetch.Client, forbidden *trap, q string) {
	var asked atomic.Int32
	var p string
	own := server(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1); tt.redirect != "" {
			w.Header().Set("Location", strings.NewReplacer("$P", p, "$Q", q).Replace(tt.redirect))
			w.WriteHeader(cmp.Or(tt.status, http.StatusFound))
		}
	})
	p = strings.TrimPrefix(port(own), ":")
	fill := strings.NewReplacer("$P", p, "$Q", q).Replace
	if tt.allow == nil {
		tt.allow = []string{"cmdb.test:$Q", "*.lab.test:$Q", "127.0.0.1:$P", "cmdb.test:$P"}
	}
	r := effect.Request{
		URL: fill(cmp.Or(tt.url, "http://127.0.0.1:$P/")), Method: cmp.Or(tt.method, "GET"), Header: tt.header, Body: tt.body,
	}
	for _, entry := range tt.allow {
		r.Allow = append(r.Allow, fill(entry))
	}
	fails(t, c, r, effect.HTTPRefused, fill(tt.want))
	if n := forbidden.caught.Load(); n != 0 {
		t.Errorf("the trap was reached %d times", n)
		forbidden.caught.Store(0)
	}
	if n := asked.Load(); (n > 0) != (tt.redirect != "") {
		t.Errorf("the server was asked %d times", n)
	}
}
