package hostlib

import (
	"net/netip"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// cidrFunctions tell which networks hold which addresses. A network is written as in RFC 4632 and RFC 4291, such as
// 10.0.0.0/8; an address alone is the network of just that address. So that no address has two answers:
//
//   - the bits of a network behind its prefix do not count: 10.1.2.3/8 is 10.0.0.0/8;
//   - an IPv4 address that is written as one of IPv6, such as ::ffff:10.0.0.1, is the IPv4 address;
//   - the zone of an address, as in fe80::1%eth0, does not count;
//   - octets with leading zeros are refused, which some systems read as octal.
func (l *Library) cidrFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{"contains": l.cidrContains, "parse": l.cidrParse, "valid": l.cidrValid}
}

// network is a text that was read.
type network struct {
	address netip.Addr   // as it is written
	prefix  netip.Prefix // with zeros behind its bits
}

// maxNetwork bounds the text of a network, in bytes: an IPv6 address with the name of an interface, and its prefix.
const maxNetwork = 128

func readNetwork(text string) (n network, ok bool) {
	if len(text) > maxNetwork {
		return network{}, false
	}
	prefix, err := netip.ParsePrefix(text)
	if !strings.Contains(text, "/") {
		var address netip.Addr
		address, err = netip.ParseAddr(text)
		prefix = netip.PrefixFrom(address.WithZone(""), address.BitLen())
	}
	if err != nil {
		return network{}, false
	}
	address, bits := prefix.Addr(), prefix.Bits()
	if mapped := address.BitLen() - address.Unmap().BitLen(); bits >= mapped {
		address, bits = address.Unmap(), bits-mapped
	}
	return network{address, netip.PrefixFrom(address, bits).Masked()}, true
}

// holds reports whether all addresses of another network are in this one.
func (n network) holds(other network) bool {
	return n.prefix.Bits() <= other.prefix.Bits() && n.prefix.Contains(other.prefix.Addr())
}

// last is the network's last address, which has ones behind its bits.
func (n network) last() netip.Addr {
	address := n.prefix.Addr().AsSlice()
	for i := n.prefix.Bits(); i < len(address)*8; i++ {
		address[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(address)
	return last
}

const (
	cidrCost  = 16 // instructions that reading a network counts as
	partsCost = 64 // instructions that making texts of its parts counts as
)

// network reads an argument.
func (l *Library) network(L *lua.LState, at int, want string) network {
	l.Charge(L, cidrCost)
	text := args.Text(L, at)
	n, ok := readNetwork(text)
	if !ok {
		args.Bad(L, at, want+" expected, got "+quoted(text))
	}
	return n
}

func (l *Library) cidrContains(L *lua.LState) int {
	n := l.network(L, 1, "network")
	L.Push(lua.LBool(n.holds(l.network(L, 2, "address or network"))))
	return 1
}

func (l *Library) cidrParse(L *lua.LState) int {
	n := l.network(L, 1, "network")
	l.Charge(L, partsCost)
	family := 4
	if n.address.Is6() {
		family = 6
	}
	t := L.CreateTable(0, 6)
	t.RawSetString("network", lua.LString(n.prefix.String()))
	t.RawSetString("address", lua.LString(n.address.String()))
	t.RawSetString("first", lua.LString(n.prefix.Addr().String()))
	t.RawSetString("last", lua.LString(n.last().String()))
	t.RawSetString("bits", machine.NumberValue(float64(n.prefix.Bits())))
	t.RawSetString("family", machine.NumberValue(float64(family)))
	L.Push(t)
	return 1
}

func (l *Library) cidrValid(L *lua.LState) int {
	l.Charge(L, cidrCost)
	text, ok := args.Any(L, 1).(lua.LString)
	if ok {
		_, ok = readNetwork(string(text))
	}
	L.Push(lua.LBool(ok))
	return 1
}
