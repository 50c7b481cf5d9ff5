package fetch_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
)

func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		if err := os.Setenv(name, "http://127.0.0.1:1"); err != nil { // where nobody listens
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// client makes a client that asks the name server of the test, and is closed with the test.
func client(t *testing.T, opts fetch.Options, names map[string][]string) *fetch.Client {
	t.Helper()
	if opts.Resolver == nil {
		opts.Resolver = resolver(t, func(name string) []string { return names[name] })
	}
	c := fetch.New(opts)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// server serves on 127.0.0.1 as long as the test runs. It returns its address with the port.
func server(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }

func port(addr string) string { return addr[strings.LastIndexByte(addr, ':'):] }

// get makes a GET request that must succeed.
func get(t *testing.T, c *fetch.Client, url string, allow ...string) *effect.Response {
	t.Helper()
	resp, err := c.Do(t.Context(), effect.Request{Method: "GET", URL: url, Allow: allow})
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return resp
}

// fails makes a request that must fail with a kind and a message.
func fails(t *testing.T, c *fetch.Client, r effect.Request, kind effect.HTTPErrorKind, message string) *effect.HTTPError {
	t.Helper()
	return failsIn(t.Context(), t, c, r, kind, message)
}

func failsIn(ctx context.Context, t *testing.T, c *fetch.Client, r effect.Request, kind effect.HTTPErrorKind, message string) *effect.HTTPError {
	t.Helper()
	resp, err := c.Do(ctx, r)
	var failed *effect.HTTPError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, error %v; want an HTTPError: %s", resp, err, message)
	}
	if failed.Kind != kind || !strings.Contains(failed.Message, message) {
		t.Errorf("got %s: %s\nwant %s: %s", failed.Kind, failed.Message, kind, message)
	}
	if strings.ContainsAny(failed.Message, "\r\n") {
		t.Errorf("a message of more than one line: %q", failed.Message)
	}
	return failed
}

// trap listens where no request may come, and counts those that do.
type trap struct{ caught atomic.Int32 }

// newTrap listens on an address and, where port is "", on any free port; it returns the address.
func newTrap(t *testing.T, address string) (*trap, string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("no such address here: %v", err)
	}
	trap, done := &trap{}, make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			trap.caught.Add(1)
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret"))
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return trap, l.Addr().String()
}

// raw serves one text to each connection, whatever it asks, and closes it.
func raw(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().String()
}

// resolver asks a name server of the test's own, which answers what addresses says: addresses, or "=name" for an alias
// of another name. No addresses are no such name.
func resolver(t *testing.T, addresses func(name string) []string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply := answerQuery(buffer[:n], addresses); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func answerQuery(query []byte, addresses func(name string) []string) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name, at := strings.TrimSuffix(q.Name.String(), "."), q.Name
	found := addresses(name)
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	if len(found) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range found {
		if alias, ok := strings.CutPrefix(a, "="); ok {
			head := dnsmessage.ResourceHeader{Name: at, Class: q.Class}
			at = dnsmessage.MustNewName(alias + ".")
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.CNAMEResource{CNAME: at}})
			continue
		}
		ip, head := netip.MustParseAddr(a), dnsmessage.ResourceHeader{Name: at, Class: q.Class}
		switch {
		case ip.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	reply, err := m.Pack()
	if err != nil {
		return nil
	}
	return reply
}
