package allow

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Target is where a URL leads, in the one form that is compared: two URLs with the same Target have the same origin.
type Target struct {
	Scheme string     // http or https
	Host   string     // a name in lower case, or an address as netip writes it
	Addr   netip.Addr // that address; not valid for a name
	Port   uint16     // the default of the scheme where the URL says nothing
}

// HostPort returns the host and port as a dialer is given them.
func (t Target) HostPort() string { return net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port))) }

// Origin is the part of a URL that messages show: the scheme and the host, with a port that is not the default. A path
// may be a secret, as those of webhooks are.
func (t Target) Origin() string {
	host := t.Host
	if t.Addr.Is6() {
		host = "[" + host + "]"
	}
	if t.Port != DefaultPort(t.Scheme) {
		host += ":" + strconv.Itoa(int(t.Port))
	}
	return t.Scheme + "://" + host
}

// DefaultPort returns the port of a scheme, http or https.
func DefaultPort(scheme string) uint16 {
	if scheme == "https" {
		return 443
	}
	return 80
}

// maxURL bounds a URL, in bytes, as most servers do.
const maxURL = 8 << 10

// ParseURL reads the URL of a request. What different readers of URLs understand differently is refused: user
// information, hosts that are not in ASCII, addresses that are not in their usual form. The URL that it returns has the
// host of the target, no fragment, and a query that can be sent as it is. Errors show nothing of the URL but its host.
func ParseURL(text string) (*url.URL, Target, error) {
	if len(text) > maxURL {
		return nil, Target{}, fmt.Errorf("want a URL of at most %d bytes, got %d", maxURL, len(text))
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "":
		return nil, Target{}, errors.New("want a URL such as https://cmdb.example.org/path, got another text") // which may have secrets
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, Target{}, errors.New("want a URL that begins with http:// or https://")
	case u.User != nil:
		return nil, Target{}, errors.New("want a URL without user information")
	}
	t := Target{Scheme: u.Scheme, Port: DefaultPort(u.Scheme)}
	if host, ok := strings.CutSuffix(u.Host, ":"+u.Port()); ok { // it has a colon, at least
		if t.Port, err = parsePort(u.Port()); err != nil {
			return nil, Target{}, err
		}
		u.Host = host
	}
	if err := t.setHost(u.Host); err != nil {
		return nil, Target{}, err
	}
	u.Host = strings.TrimPrefix(t.Origin(), t.Scheme+"://")
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = escaped(u.RawQuery)
	return u, t, nil
}

func (t *Target) setHost(host string) (err error) {
	if len(host) > maxName {
		return fmt.Errorf("want a host of at most %d bytes, got %d", maxName, len(host))
	}
	if inner, ok := bracketed(host); ok {
		if t.Addr, err = parseAddress(inner); err == nil && !t.Addr.Is6() {
			err = fmt.Errorf("want brackets around IPv6 only, got %q", host)
		}
	} else if endsInNumber(host) {
		t.Addr, err = parseAddress(host)
	} else {
		t.Host, err = hostName(host)
		return err
	}
	t.Host = t.Addr.String()
	return err
}

// endsInNumber reports whether some readers of URLs take a host for an address of IPv4, in whatever form. That is the
// test of the URL standard (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return true
	}
	hex, ok := strings.CutPrefix(strings.ToLower(last), "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}

const maxName = 253 // bytes of a host's name, as the DNS has it (RFC 1035)

// hostName returns the name of a host in lower case, where it is one that everybody reads alike: labels of letters,
// digits, hyphens and underscores (RFC 1123, and what is used beside it).
func hostName(name string) (string, error) {
	if name == "" {
		return "", errors.New("want a host, got none")
	}
	if len(name) > maxName {
		return "", fmt.Errorf("want a host of at most %d bytes, got %d", maxName, len(name))
	}
	if endsInNumber(name) {
		return "", fmt.Errorf("want a name, or an address such as 10.1.2.3, got %q", name)
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.IndexFunc(label, notInLabel) >= 0 {
			return "", fmt.Errorf("want a host of letters, digits, hyphens and dots, in ASCII (xn--...), got %q", name)
		}
	}
	return strings.ToLower(name), nil
}

func notInLabel(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		return false
	}
	return true
}

// escaped returns a query without the bytes that may not stand in the first line of a request.
func escaped(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; ' ' < c && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
