package fetch_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
)

// whoAsks serves the address from which it is asked: one for each connection.
func whoAsks(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.RemoteAddr)) }

func TestConnectionsServeAgainForTheSameList(t *testing.T) {
	addr := server(t, whoAsks)
	c := client(t, fetch.Options{}, nil)
	first := get(t, c, "http://"+addr, addr, "a.test").Body
	if again := get(t, c, "http://"+addr+"/x", "a.test", addr).Body; again != first {
		t.Errorf("got the connections %s and %s, want one", first, again)
	}
	if other := get(t, c, "http://"+addr, addr).Body; other == first {
		t.Error("another list got the connection")
	}
}

// TestAConnectionIsNotForOtherLists: the connection to an address that one hook may reach by its name is of no use to
// a hook for which the name alone is listed.
func TestAConnectionIsNotForOtherLists(t *testing.T) {
	for name, serve := range map[string]func(*testing.T) (string, fetch.Options){
		"http":  func(t *testing.T) (string, fetch.Options) { return server(t, whoAsks), fetch.Options{} },
		"https": func(t *testing.T) (string, fetch.Options) { return tlsServer(t, whoAsks, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			addr, opts := serve(t)
			c := client(t, opts, map[string][]string{"example.com": {"127.0.0.1"}})
			url := name + "://example.com" + port(addr)
			get(t, c, url, "example.com"+port(addr), addr)
			fails(t, c, effect.Request{Method: "GET", URL: url, Allow: []string{"example.com" + port(addr)}}, effect.HTTPRefused, "leads to 127.0.0.1")
		})
	}
}

func TestConnectionsOfManyListsAreClosed(t *testing.T) {
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	closed := make(chan struct{}, 1000)
	s := httptest.NewUnstartedServer(http.HandlerFunc(hello))
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if open[c] = true; state == http.StateClosed {
			delete(open, c)
			closed <- struct{}{}
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	addr := s.Listener.Addr().String()
	c := client(t, fetch.Options{}, nil)
	for i := range 100 {
		get(t, c, "http://"+addr, addr, fmt.Sprintf("host%d.test", i))
	}
	for range 100 - 64 {
		<-closed
	}
	mu.Lock()
	defer mu.Unlock()
	if len(open) != 64 {
		t.Errorf("got %d open connections, want 64", len(open))
	}
}

func TestManyRequestsAtOnce(t *testing.T) {
	addr := server(t, hello)
	c := client(t, fetch.Options{}, nil)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			for j := range 3 {
				lists := []string{addr, fmt.Sprintf("host%d.test", (i+j)%70)}
				if resp, err := c.Do(t.Context(), effect.Request{Method: "GET", URL: "http://" + addr, Allow: lists}); err != nil || resp.Body != "hello" {
					t.Errorf("got %v, %v", resp, err)
				}
			}
		})
	}
	all.Wait()
}

func TestAHostThatIsDownFailsAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	c := client(t, fetch.Options{}, nil)
	r := effect.Request{Method: "GET", URL: "http://" + addr, Allow: []string{addr}}
	for range 5 {
		if err := fails(t, c, r, effect.HTTPConnect, "connecting: "); strings.Contains(err.Message, "not tried") {
			t.Error("not tried before there were five failures")
		}
	}
	fails(t, c, r, effect.HTTPConnect, "GET http://"+addr+": not tried: the last 5 attempts to connect failed, and less than 5s ago")
	other := server(t, hello)
	get(t, c, "http://"+other, other)
}

func TestRefusedAddressesDoNotCountAsFailures(t *testing.T) {
	addr := server(t, hello)
	c := client(t, fetch.Options{}, map[string][]string{"cmdb.test": {"127.0.0.1"}})
	url, name := "http://cmdb.test"+port(addr), "cmdb.test"+port(addr)
	for range 10 {
		fails(t, c, effect.Request{Method: "GET", URL: url, Allow: []string{name}}, effect.HTTPRefused, "leads to")
	}
	get(t, c, url, name, addr)
}
