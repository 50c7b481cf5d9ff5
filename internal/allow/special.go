package allow

import (
	"net/netip"

	"code.dny.dev/ssrf"
)

// special reports whether an address is not of the public internet: whether it is in IANA's registries of
// special-purpose addresses (https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry), or outside of the global unicast addresses of IPv6. An address of the prefix for NAT64
// (RFC 6052) is what the address of IPv4 in it is.
func special(a netip.Addr) bool {
	switch {
	case a.Is4():
		return within(a, ssrf.IPv4DeniedPrefixes)
	case ssrf.IPv6NAT64Prefix.Contains(a):
		b := a.As16()
		return special(netip.AddrFrom4([4]byte(b[12:])))
	}
	return !ssrf.IPv6GlobalUnicast.Contains(a) || within(a, ssrf.IPv6DeniedPrefixes)
}

func within(a netip.Addr, blocks []netip.Prefix) bool {
	for _, b := range blocks {
		if b.Contains(a) {
			return true
		}
	}
	return false
}

// onlySpecial reports whether a network has no public address in it, apart from those of NAT64: whoever lists it means
// special addresses.
func onlySpecial(p netip.Prefix) bool {
	blocks := ssrf.IPv4DeniedPrefixes
	if p.Addr().Is6() {
		if !p.Overlaps(ssrf.IPv6GlobalUnicast) {
			return true
		}
		blocks = ssrf.IPv6DeniedPrefixes
	}
	for _, b := range blocks {
		if b.Bits() <= p.Bits() && b.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// nature says in words what a special address is.
func nature(a netip.Addr) string {
	switch {
	case a.IsLoopback():
		return "a loopback"
	case a.IsUnspecified():
		return "the unspecified"
	case a.IsPrivate():
		return "a private"
	case a.IsLinkLocalUnicast():
		return "a link-local"
	case a.IsMulticast():
		return "a multicast"
	}
	return "a special-purpose"
}
