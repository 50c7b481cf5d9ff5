package fetch_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
)

func TestACallerWhoGivesUp(t *testing.T) {
	asked := make(chan struct{})
	addr := server(t, func(_ http.ResponseWriter, r *http.Request) { close(asked); <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	err := failsIn(ctx, t, client(t, fetch.Options{}, nil), effect.Request{Method: "GET", URL: "http://" + addr, Allow: []string{addr}},
		effect.HTTPTimeout, "given up while waiting for the answer")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to be the error of the context", err.Err)
	}
}

func TestARequestEndsWithTheClient(t *testing.T) {
	asked := make(chan struct{})
	addr := server(t, func(_ http.ResponseWriter, r *http.Request) { close(asked); <-r.Context().Done() })
	c := fetch.New(fetch.Options{})
	go func() { <-asked; _ = c.Close() }()
	r := effect.Request{Method: "GET", URL: "http://" + addr, Allow: []string{addr}}
	fails(t, c, r, effect.HTTPTimeout, "given up while waiting")
	fails(t, c, r, effect.HTTPConnect, "GET http://"+addr+": the client is closed")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestTimeouts(t *testing.T) {
	const soon = 20 * time.Millisecond
	silent := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	slow := server(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte("x"))
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(time.Millisecond):
			}
		}
	})
	mute := mute(t)
	for _, tt := range []struct{ scheme, addr, want string }{
		{"http://", silent, "waiting for the answer"},
		{"http://", slow, "reading the answer"},
		{"https://", mute, "in the TLS handshake"},
		{"http://", "cmdb.test:80", "looking up the name"},
	} {
		c := client(t, fetch.Options{Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done() // a name server that does not answer
			return nil, ctx.Err()
		}}}, nil)
		r := effect.Request{Method: "GET", URL: tt.scheme + tt.addr, Timeout: soon, Allow: []string{tt.addr}}
		err := fails(t, c, r, effect.HTTPTimeout, "no answer within 20ms, "+tt.want)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want it to be the error of the context", err.Err)
		}
	}
}

// mute accepts connections and says nothing.
func mute(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
