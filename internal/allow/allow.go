// Package allow decides what the HTTP requests of a hook may reach. It opens no connection and needs no net/http, so
// that a config can be checked, and a dry run judged, by the rules that hold when requests are made: [CheckRequest] has
// those that do not depend on where a request goes.
//
// An entry of a hook's allow_http is a host with or without a port:
//
//	cmdb.example.org         a name
//	*.example.org:8443       every name below example.org, at any depth, but not example.org itself
//	10.1.2.3, [2001:db8::1]  an address; IPv6 in brackets
//	10.1.0.0/16:8080         a network
//	[2001:db8::/32]:443
//
// Without a port it means the default port of the request's scheme, 80 or 443, and no other.
//
// Two questions are asked of a [List]. [List.Target] looks at the URL, before anything is looked up: the URL's host
// must be listed, a name by a name and an address by an address or network. [List.Address] looks at the address that is
// about to be dialled: a listed name leads to public addresses only. A special address, be it private, loopback,
// link-local or another of IANA's special-purpose registries, must be listed itself, by an entry for special addresses
// alone: the network 0.0.0.0/0 lists what is public in it.
package allow

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Rule is one entry.
type Rule struct {
	name    string       // of a host, in lower case; "" where the entry is a network
	below   bool         // whether it stands for the names below this one
	network netip.Prefix // of a single address, with all its bits
	port    uint16       // 0 for that of the scheme
}

// Parse reads an entry. The error says what was wanted.
func Parse(entry string) (Rule, error) {
	host, port, err := split(entry)
	r := Rule{port: port}
	if err != nil {
		return r, err
	}
	if inner, ok := bracketed(host); ok {
		r.network, err = parseNetwork(inner)
		if err == nil && !r.network.Addr().Is6() {
			err = fmt.Errorf("want brackets around IPv6 only, got %q", entry)
		}
		return r, err
	}
	if c := strings.TrimRight(host, "0123456789./"); c == "" { // it has nothing but an IPv4 address or network in it
		r.network, err = parseNetwork(host)
		return r, err
	}
	r.name, r.below = strings.CutPrefix(host, "*.")
	r.name, err = hostName(r.name)
	return r, err
}

// split takes an entry apart.
func split(entry string) (host string, port uint16, err error) {
	switch {
	case entry == "":
		return "", 0, errors.New(`want a host such as "cmdb.example.org", got ""`)
	case len(entry) > maxEntry:
		return "", 0, fmt.Errorf("want an entry of at most %d bytes, got %d", maxEntry, len(entry))
	case strings.Contains(entry, "://"):
		return "", 0, fmt.Errorf("want a host without a scheme, got %q", entry)
	}
	host, digits := entry, ""
	if at := strings.LastIndexByte(entry, ':'); at > strings.LastIndexByte(entry, ']') {
		host, digits = entry[:at], entry[at+1:]
	}
	if _, ok := bracketed(host); !ok && strings.Contains(host, ":") {
		return "", 0, fmt.Errorf(`want brackets around IPv6, as in "[2001:db8::/32]:443", got %q`, entry)
	}
	if host != entry {
		port, err = parsePort(digits)
	}
	return host, port, err
}

const maxEntry = 300 // bytes; a name has 253 at most

func bracketed(host string) (inner string, ok bool) {
	if !strings.HasPrefix(host, "[") || !strings.HasSuffix(host, "]") {
		return "", false
	}
	return host[1 : len(host)-1], true
}

func parsePort(digits string) (uint16, error) {
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != digits {
		return 0, fmt.Errorf("want a port from 1 to 65535, got %q", digits)
	}
	return uint16(n), nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := parseAddress(text)
		if err != nil {
			return netip.Prefix{}, err
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf(`want a network such as "10.1.0.0/16", got %q`, text)
	case p.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("want a network of IPv4 as such, without ::ffff:, got %q", text)
	case p != p.Masked():
		return netip.Prefix{}, fmt.Errorf("want a network without host bits, as %q, got %q", p.Masked(), text)
	}
	return p, nil
}

// parseAddress reads an address in the one way to write each part of it.
func parseAddress(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return netip.Addr{}, fmt.Errorf("want an address such as 10.1.2.3 or 2001:db8::1, got %q", text)
	case a.Zone() != "":
		return netip.Addr{}, fmt.Errorf("want an address without a zone, got %q", text)
	case a.Is4In6():
		return netip.Addr{}, fmt.Errorf("want an address of IPv4 as such, as %q, got %q", a.Unmap(), text)
	}
	return a, nil
}

// String returns the entry in its shortest form.
func (r Rule) String() string {
	host := r.name
	switch {
	case r.below:
		host = "*." + r.name
	case r.name != "":
	case r.network.IsSingleIP():
		host = r.network.Addr().String()
	default:
		host = r.network.String()
	}
	if r.name == "" && r.network.Addr().Is6() {
		host = "[" + host + "]"
	}
	if r.port != 0 {
		host += ":" + strconv.Itoa(int(r.port))
	}
	return host
}

// onPort reports whether the entry is for the port of a target.
func (r Rule) onPort(t Target) bool {
	if r.port == 0 {
		return t.Port == DefaultPort(t.Scheme)
	}
	return r.port == t.Port
}

// forHost reports whether the entry lists the host of a target, on whatever port.
func (r Rule) forHost(t Target) bool {
	switch {
	case t.Addr.IsValid():
		return r.lists(t.Addr)
	case r.name == "":
		return false
	case r.below:
		return strings.HasSuffix(t.Host, "."+r.name)
	}
	return t.Host == r.name
}

// lists reports whether the entry is a network that lists an address, on whatever port.
func (r Rule) lists(a netip.Addr) bool {
	return r.name == "" && r.network.Contains(a) && (!special(a) || onlySpecial(r.network))
}

// List is the entries of a hook. The nil List lets nothing be reached.
type List []Rule

// ParseList reads all entries. The error names the first that is wrong.
func ParseList(entries []string) (List, error) {
	list := make(List, 0, len(entries))
	for _, entry := range entries {
		r, err := Parse(entry)
		if err != nil {
			return nil, fmt.Errorf("allow_http: %w", err)
		}
		list = append(list, r)
	}
	return list, nil
}

// String returns a text that lists with the same entries have in common.
func (l List) String() string {
	texts := make([]string, 0, len(l))
	for _, r := range l {
		texts = append(texts, r.String())
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), " ")
}

// Target returns nil where the host and port of a URL are listed, and otherwise why the URL is refused.
func (l List) Target(t Target) error {
	ports := ""
	for _, r := range l {
		switch {
		case !r.forHost(t):
		case r.onPort(t):
			return nil
		default:
			ports = fmt.Sprintf(", only as %q", r)
		}
	}
	if len(l) == 0 {
		return errors.New("the hook has no allow_http")
	}
	if t.Addr.IsValid() && special(t.Addr) {
		return fmt.Errorf("allow_http does not list %s, %s address%s", t.HostPort(), nature(t.Addr), ports)
	}
	return fmt.Errorf("allow_http does not list %s%s", t.HostPort(), ports)
}

// Address returns nil where an address may be dialled for a target, and otherwise why not. An address of the form
// ::ffff:1.2.3.4 is what it stands for.
func (l List) Address(t Target, at netip.AddrPort) error {
	if err := l.Target(t); err != nil {
		return err
	}
	a := at.Addr().Unmap()
	switch {
	case at.Port() != t.Port:
		return fmt.Errorf("%s would be dialled on port %d", t.HostPort(), at.Port())
	case a.Zone() != "":
		return fmt.Errorf("%s leads to %s, an address with a zone", t.HostPort(), a)
	case t.Addr.IsValid() && t.Addr != a:
		return fmt.Errorf("%s would be dialled at %s", t.HostPort(), a)
	case slices.ContainsFunc(l, func(r Rule) bool { return r.lists(a) && r.onPort(t) }):
		return nil
	case special(a):
		return fmt.Errorf("%s leads to %s, %s address, which allow_http does not list", t.HostPort(), netip.AddrPortFrom(a, t.Port), nature(a))
	}
	return nil
}
