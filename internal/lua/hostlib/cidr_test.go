package hostlib

import (
	"net/netip"
	"testing"
)

func FuzzNetworksHoldWhatIsInThem(f *testing.F) {
	for _, text := range []string{
		"10.1.2.3/8", "10.0.0.1", "0.0.0.0/0", "255.255.255.255/31", "::/0", "2001:db8::1/33", "fe80::1%eth0", "fe80::1%eth0/64",
		"::ffff:10.0.0.0/104", "::ffff:10.0.0.0/95", "::ffff:10.0.0.1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "", "/", "1/1",
	} {
		f.Add(text, "10.0.0.1")
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		n, ok := readNetwork(text)
		if !ok {
			return
		}
		first, last := n.prefix.Addr(), n.last()
		for what, address := range map[string]netip.Addr{"address": n.address, "first": first, "last": last} {
			in, ok := readNetwork(address.String())
			if !ok || !n.holds(in) && !address.Is4In6() { // which is an IPv4 address, and in no network of IPv6
				t.Errorf("%q: its %s, %s, is not in it", text, what, address)
			}
		}
		for what, address := range map[string]netip.Addr{"before the first": first.Prev(), "after the last": last.Next()} {
			if address.IsValid() && n.prefix.Contains(address) {
				t.Errorf("%q: the address %s, %s, is in it", text, what, address)
			}
		}
		again, ok := readNetwork(n.prefix.String())
		if !ok || again.prefix != n.prefix || !n.holds(again) || !again.holds(n) {
			t.Errorf("%q: its network %s reads as %s", text, n.prefix, again.prefix)
		}
		if m, ok := readNetwork(other); ok && n.holds(m) && !(n.prefix.Contains(m.prefix.Addr()) && n.prefix.Contains(m.last())) {
			t.Errorf("%q holds %q, but not all of it", text, other)
		}
	})
}
