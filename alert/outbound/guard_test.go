package outbound

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for address, kind := range map[string]string{
		"8.8.8.8": "", "172.15.0.1": "", "172.32.0.1": "", "100.63.255.255": "", "100.128.0.1": "", "169.253.1.1": "", "2606:4700::1111": "", "2a00:1450::1": "", "64:ff9b::8.8.8.8": "", "::ffff:8.8.8.8": "",
		"127.0.0.1": "loopback", "127.9.9.9": "loopback", "::1": "loopback", "::ffff:127.0.0.1": "loopback", "64:ff9b::127.0.0.1": "loopback",
		"10.1.2.3": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.0.1": "private", "fd12::1": "private", "fec0::1": "private", "::ffff:10.0.0.1": "private", "64:ff9b::10.0.0.1": "private",
		"169.254.1.1": "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local",
		"169.254.169.254": "metadata", "::ffff:169.254.169.254": "metadata", "fd00:ec2::254": "metadata", "168.63.129.16": "metadata",
		"100.64.0.1": "carrier", "100.100.100.200": "carrier", "0.0.0.0": "this host", "::": "reserved", "0.1.2.3": "this host",
		"224.0.0.1": "multicast", "ff02::1": "reserved", "255.255.255.255": "reserved", "240.0.0.1": "reserved", "198.18.0.1": "reserved", "192.0.0.192": "reserved", "192.0.2.1": "reserved",
		"2002:7f00:1::": "reserved", "2001:0:1::": "reserved", "2001:db8::1": "reserved", "64:ff9b:1::10.0.0.1": "reserved", "::10.0.0.1": "reserved", "::ffff:0:10.0.0.1": "reserved",
	} {
		a := netip.MustParseAddr(address)
		err := guard{}.check(a)
		if (err == nil) != (kind == "") || err != nil && !strings.Contains(err.Error(), kind) {
			t.Errorf("%s: %v, want %q", address, err, kind)
		}
		// What is allowed is allowed in each of its notations.
		all := guard{allowed: []netip.Prefix{netip.PrefixFrom(a.WithZone("").Unmap(), a.Unmap().BitLen())}}
		if err := all.check(a); err != nil {
			t.Errorf("%s, allowed: %v", address, err)
		}
	}
}

func TestTheDialledAddressIsChecked(t *testing.T) {
	g := guard{allowed: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	for address, fine := range map[string]bool{
		"8.8.8.8:443": true, "10.1.2.3:80": true, "[::ffff:10.1.2.3]:80": true, "10.2.2.3:80": false, "[::ffff:10.2.2.3]:80": false, "[fe80::1%eth0]:80": false, "host:80": false, "": false,
	} {
		if err := g.control("tcp4", address, nil); (err == nil) != fine {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := g.control("udp", "8.8.8.8:53", nil); err == nil {
		t.Error("udp is dialled")
	}
}

// A name is harmless until it is resolved: what counts is where it leads at
// the moment of the connection.
func TestANameThatLeadsInside(t *testing.T) {
	asked := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer srv.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(srv.URL, "http://"), ":")
	at := "http://localhost:" + port
	c, err := New(Config{Name: "webhook", URL: at})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Post(t.Context(), nil, nil); err == nil || asked || !strings.Contains(err.Error(), "is a loopback address: it is reached only if allow_private has its network") {
		t.Errorf("reached: %t, %v", asked, err)
	}
	c, err = New(Config{Name: "webhook", URL: at, Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("::1/128")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Post(t.Context(), nil, nil); err != nil || !asked {
		t.Errorf("allowed: reached %t, %v", asked, err)
	}
}
