package localdir

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookrun/hookrun/share"
)

// AllowAccess adds a rule and writes it to the exports file. Rules are of type "ip", with an address or CIDR block, and
// level "rw" or "ro"; another type is [share.ErrUnsupported], and an IPv4 address in its IPv6 form (::ffff:10.0.0.1) is
// [share.ErrInvalid]. A rule that has the id or the client of an existing one, but differs from it, is
// [share.ErrExists].
func (d *Driver) AllowAccess(ctx context.Context, args share.AllowAccessArgs) (share.AllowAccessResult, error) {
	return share.AllowAccessResult{}, d.call(ctx, func() error {
		if err := checkRule(args.Access); err != nil {
			return err
		}
		return d.updateRules(args.Share.ID, func(s *share.Share) error {
			for _, r := range s.AccessRules {
				if !conflicts(r, args.Access) {
					continue
				}
				if r.ID == args.Access.ID && r.AccessLevel == args.Access.AccessLevel && sameClient(r, args.Access) {
					return nil
				}
				return share.Errorf(share.CodeExists, "share %q has access rule %q for %s (%s) already", s.ID, r.ID, r.AccessTo, r.AccessLevel)
			}
			s.AccessRules = append(s.AccessRules, args.Access)
			return nil
		})
	})
}

// DenyAccess removes a rule from the share and from the exports file: the one with args.Access.ID or, if that is empty,
// the one for the same client.
func (d *Driver) DenyAccess(ctx context.Context, args share.DenyAccessArgs) (share.DenyAccessResult, error) {
	err := d.call(ctx, func() error {
		return d.updateRules(args.Share.ID, func(s *share.Share) error {
			s.AccessRules = slices.DeleteFunc(s.AccessRules, func(r share.Access) bool {
				if args.Access.ID != "" {
					return r.ID == args.Access.ID
				}
				return sameClient(r, args.Access)
			})
			return nil
		})
	})
	if errors.Is(err, share.ErrNotFound) {
		err = nil // no share, no access
	}
	return share.DenyAccessResult{}, err
}

// updateRules changes a share's rules, and the exports file with them.
func (d *Driver) updateRules(id string, change func(*share.Share) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, err := d.share(id)
	if err != nil {
		return err
	}
	before := e.Share.AccessRules
	err = d.change(e, change)
	if !slices.Equal(before, e.Share.AccessRules) {
		d.exportsStale = true
	}
	return errors.Join(err, d.refreshExports())
}

func checkRule(a share.Access) error {
	if !utf8.ValidString(a.ID) { // as JSON has it, no DenyAccess would find it
		return share.Errorf(share.CodeInvalid, "access.id: want UTF-8, got %q", a.ID)
	}
	if a.AccessType != share.AccessTypeIP {
		return share.Errorf(share.CodeUnsupported, "access.access_type: want %q, got %q", share.AccessTypeIP, a.AccessType)
	}
	p, ok := client(a)
	if !ok {
		return share.Errorf(share.CodeInvalid, "access.access_to: want an IP address or CIDR block, got %q", a.AccessTo)
	}
	if p.Addr().Is4() && strings.Contains(a.AccessTo, ":") {
		form := strings.TrimSuffix(p.String(), "/32")
		return share.Errorf(share.CodeInvalid, "access.access_to: want the IPv4 form %s, got %q", form, a.AccessTo)
	}
	if a.AccessLevel != share.AccessLevelRW && a.AccessLevel != share.AccessLevelRO {
		return share.Errorf(share.CodeInvalid, "access.access_level: want %q or %q, got %q", share.AccessLevelRW, share.AccessLevelRO, a.AccessLevel)
	}
	return nil
}

// client returns the network that a rule is for; for a single address, that is the network of this address alone, and
// for an IPv4 address in its IPv6 form the one of IPv4.
func client(a share.Access) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(a.AccessTo)
	if err != nil {
		addr, err := netip.ParseAddr(a.AccessTo)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, false
		}
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	if mapped := p.Bits() - 96; p.Addr().Is4In6() && mapped >= 0 {
		p = netip.PrefixFrom(p.Addr().Unmap(), mapped)
	}
	return p.Masked(), true
}

func sameClient(a, b share.Access) bool {
	x, ok1 := client(a)
	y, ok2 := client(b)
	return a.AccessType == b.AccessType && ok1 && ok2 && x == y
}

// conflicts reports whether a share can have only one of two rules: they have one id, or are for one client.
func conflicts(a, b share.Access) bool {
	return a.ID != "" && a.ID == b.ID || sameClient(a, b)
}
