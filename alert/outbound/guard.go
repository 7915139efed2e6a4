package outbound

import (
	"fmt"
	"net/netip"
	"strings"
	"syscall"
)

// guard decides which addresses may be dialled.
type guard struct {
	allowed []netip.Prefix
	open    bool // all may be
}

// Blocked is the error of an address that may not be reached.
type Blocked struct {
	Addr netip.Addr
	Kind string // what it is: private, loopback ...
}

// Error says how to allow it.
func (b Blocked) Error() string {
	return fmt.Sprintf("%s is %s: it is reached only if allow_private has its network", b.Addr, b.Kind)
}

// control is asked by the dialer before each connection, with the address
// that the name was resolved to.
func (g guard) control(network, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return fmt.Errorf("%s %s is no address of TCP", network, address)
	}
	return g.check(ap.Addr())
}

// host checks a host of a URL where it is an address; a name is checked when
// it is resolved.
func (g guard) host(name string) error {
	a, err := netip.ParseAddr(strings.Trim(name, "[]"))
	if err != nil {
		return nil
	}
	return g.check(a)
}

func (g guard) check(a netip.Addr) error {
	a = a.WithZone("").Unmap()
	kind := kindOf(a)
	if kind == "" || g.open {
		return nil
	}
	for _, p := range g.allowed {
		if p.Contains(a) {
			return nil
		}
	}
	return Blocked{Addr: a, Kind: kind}
}

// nets that are not the public internet: IANA's special-purpose registries
// for IPv4 and IPv6, and what clouds keep for themselves. The first that
// holds an address names it.
var nets = []struct {
	prefix netip.Prefix
	kind   string
}{
	{netip.MustParsePrefix("169.254.169.254/32"), "the cloud's metadata service"},
	{netip.MustParsePrefix("fd00:ec2::/32"), "the cloud's metadata service"},
	{netip.MustParsePrefix("168.63.129.16/32"), "the cloud's metadata service"}, // Azure's, though a public address
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback address"},
	{netip.MustParsePrefix("::1/128"), "a loopback address"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("fc00::/7"), "a private address"},
	{netip.MustParsePrefix("fec0::/10"), "a private address"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "a carrier's shared address"},
	{netip.MustParsePrefix("0.0.0.0/8"), "an address of this host"},
	{netip.MustParsePrefix("192.0.0.0/24"), "a reserved address"},
	{netip.MustParsePrefix("192.0.2.0/24"), "a reserved address"},
	{netip.MustParsePrefix("192.88.99.0/24"), "a reserved address"},
	{netip.MustParsePrefix("198.18.0.0/15"), "a reserved address"},
	{netip.MustParsePrefix("198.51.100.0/24"), "a reserved address"},
	{netip.MustParsePrefix("203.0.113.0/24"), "a reserved address"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},
	{netip.MustParsePrefix("2001::/23"), "a reserved address"}, // Teredo among them
	{netip.MustParsePrefix("2001:db8::/32"), "a reserved address"},
	{netip.MustParsePrefix("2002::/16"), "a reserved address"}, // 6to4: holds an address of IPv4
	{netip.MustParsePrefix("3fff::/20"), "a reserved address"},
}

var (
	global6 = netip.MustParsePrefix("2000::/3")     // all that IANA has given out
	nat64   = netip.MustParsePrefix("64:ff9b::/96") // its last 4 bytes are an address of IPv4
)

// kindOf names what an address is, "" if it is one of the public internet's.
func kindOf(a netip.Addr) string {
	if nat64.Contains(a) {
		b := a.As16()
		return kindOf(netip.AddrFrom4([4]byte(b[12:])))
	}
	for _, n := range nets {
		if n.prefix.Contains(a) {
			return n.kind
		}
	}
	if a.Is6() && !global6.Contains(a) {
		return "a reserved address"
	}
	return ""
}
