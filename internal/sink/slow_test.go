package sink

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/standardwebhooks"
)

const anHour = time.Hour // longer than any delivery

// piped returns a webhook whose connections are pipes to a receiver. The test runs in a bubble, where time passes as
// soon as everybody waits.
func piped(t *testing.T, c config.Sink, serve func(c net.Conn)) *webhook {
	t.Helper()
	c.URL = cmp.Or(c.URL, "http://127.0.0.1/hooks")
	w, err := newWebhook(c)
	if err != nil {
		t.Fatal(err)
	}
	w.client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			serve(theirs)
		}()
		return ours, nil
	}
	return w
}

// end closes a webhook, and lets its receivers come to their end.
func end(w *webhook) {
	_ = w.Close()
	time.Sleep(2 * anHour)
}

// answers reads a request, writes a text at once and another one byte by byte, a second apart, again and again.
func answers(first, slowly string) func(net.Conn) {
	return func(c net.Conn) {
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		_, err := io.WriteString(c, first)
		if slowly == "" {
			time.Sleep(anHour)
			return
		}
		for i := 0; err == nil; i++ {
			time.Sleep(time.Second)
			_, err = io.WriteString(c, slowly[i%len(slowly):][:1])
		}
	}
}

func TestWhatComesOfASlowReceiver(t *testing.T) {
	const noAnswer = "http://127.0.0.1: no answer: context deadline exceeded"
	tests := map[string]struct {
		serve func(net.Conn)
		want  string // the error; "" for none
		after time.Duration
	}{
		"reads nothing":             {func(net.Conn) { time.Sleep(anHour) }, noAnswer, defaultTimeout},
		"says nothing":              {answers("", ""), noAnswer, defaultTimeout},
		"a status, slowly":          {answers("", "HTTP/1.1 200 OK                       "), noAnswer, defaultTimeout},
		"headers, slowly":           {answers("HTTP/1.1 200 OK\r\n", "X-Spam: spam\r\n"), noAnswer, defaultTimeout},
		"early hints, slowly":       {answers("", "HTTP/1.1 103 x\r\n\r\n"), noAnswer, defaultTimeout},
		"no body behind 200":        {answers("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", ""), "", patience},
		"a body, slowly":            {answers("HTTP/1.1 200 OK\r\n\r\n", "spam "), "", patience},
		"a body behind 500, slowly": {answers("HTTP/1.1 500 x\r\n\r\nno room", "."), "http://127.0.0.1: answered 500 Internal Server Error: no room", patience},
		"another protocol": {
			answers("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", ""),
			"http://127.0.0.1: answered 101 Switching Protocols", 0,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := piped(t, config.Sink{}, test.serve)
				defer end(w)
				start := time.Now()
				err := w.Deliver(t.Context(), events(1))
				switch {
				case test.want == "" && err != nil:
					t.Errorf("Deliver: %v, want the event taken", err)
				case test.want != "" && strings.TrimRight(problem(t, err).Error(), ".") != test.want:
					t.Errorf("got error %q, want %q", err, test.want)
				}
				if got := time.Since(start); got != test.after {
					t.Errorf("Deliver returned after %s, want %s", got, test.after)
				}
				if test.want == noAnswer && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got error %v, want it to be the context's", err)
				}
			})
		})
	}
}

func TestTheContextEndsADelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := piped(t, config.Sink{Timeout: time.Hour}, answers("", ""))
		defer end(w)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := w.Deliver(ctx, events(2)); !errors.Is(err, context.Canceled) || problem(t, err).Taken != 0 {
			t.Errorf("Deliver: %#v, want that of the context", err)
		}
	})
}

func TestEachAttemptHasItsTimeAndTheSameID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []http.Header
		w := piped(t, config.Sink{Secret: secret}, func(c net.Conn) {
			if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				got = append(got, r.Header)
			}
			_, _ = io.WriteString(c, "HTTP/1.1 500 x\r\nConnection: close\r\n\r\n")
		})
		defer end(w)
		times := []string{standardwebhooks.Timestamp(time.Now()), standardwebhooks.Timestamp(time.Now().Add(5 * time.Minute))}
		_ = w.Deliver(t.Context(), events(1))
		time.Sleep(5 * time.Minute)
		_ = w.Deliver(t.Context(), events(1))
		if len(got) != 2 {
			t.Fatalf("got %d requests, want 2", len(got))
		}
		for i, want := range times {
			if at := got[i].Get("Webhook-Timestamp"); at != want {
				t.Errorf("attempt %d: got time %s, want %s", i+1, at, want)
			}
		}
		if a, b := got[0], got[1]; a.Get("Webhook-Id") != b.Get("Webhook-Id") || a.Get("Webhook-Signature") == b.Get("Webhook-Signature") {
			t.Errorf("got %v, then %v, want one id and two signatures", a, b)
		}
	})
}

func TestASilentReceiverIsLeft(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1/hooks", "https://127.0.0.1/hooks"} {
		synctest.Test(t, func(t *testing.T) {
			start, left := time.Now(), make(chan time.Duration, 1)
			w := piped(t, config.Sink{URL: url}, func(c net.Conn) {
				_, _ = io.Copy(io.Discard, c)
				left <- time.Since(start)
			})
			if err := w.Deliver(t.Context(), events(1)); err == nil {
				t.Error("the event was taken")
			}
			if got := <-left; got != defaultTimeout {
				t.Errorf("%s: the connection was closed after %s, want %s", url, got, defaultTimeout)
			}
			end(w)
		})
	}
}

// losing is a connection that is lost without a word once gone is set: what it is told goes nowhere, and it says
// nothing.
type losing struct {
	net.Conn
	gone *atomic.Bool
}

func (l losing) Read(b []byte) (int, error) {
	for {
		if n, err := l.Conn.Read(b); err != nil || !l.gone.Load() {
			return n, err
		}
	}
}

func (l losing) Write(b []byte) (int, error) {
	if l.gone.Load() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

// only is a listener to which one connection comes.
type only chan net.Conn

func (o only) Accept() (net.Conn, error) {
	if c, ok := <-o; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (only) Close() error   { return nil }
func (only) Addr() net.Addr { return &net.TCPAddr{} }

func TestTheAttemptAfterALostHTTP2ConnectionMakesANewOne(t *testing.T) {
	for _, timeout := range []time.Duration{0, 100 * time.Millisecond, 2 * time.Second, 5 * time.Second, 10 * time.Second, time.Minute} {
		t.Run(timeout.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { loseHTTP2(t, timeout) })
		})
	}
}

// loseHTTP2 delivers an event, loses the connection, and delivers again.
func loseHTTP2(t *testing.T, timeout time.Duration) {
	var first atomic.Bool
	conns := 0
	http2 := &http.Protocols{}
	http2.SetUnencryptedHTTP2(true)
	server := &http.Server{Protocols: http2, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got a request of %s, want HTTP/2", r.Proto)
		}
	})}
	w := piped(t, config.Sink{Timeout: timeout}, func(c net.Conn) {
		gone := &first
		if conns++; conns > 1 {
			gone = &atomic.Bool{}
		}
		l := make(only, 1)
		l <- losing{c, gone}
		close(l)
		_ = server.Serve(l)
		time.Sleep(anHour)
	})
	w.client.Transport.(*http.Transport).Protocols = http2
	defer end(w)
	if err := w.Deliver(t.Context(), events(1)); err != nil {
		t.Fatal(err)
	}
	first.Store(true)
	if err := w.Deliver(t.Context(), events(1)); err == nil {
		t.Fatal("the event was taken by nobody")
	}
	time.Sleep(4500 * time.Millisecond) // as the store waits at least
	if err := w.Deliver(t.Context(), events(1)); err != nil || conns != 2 {
		t.Errorf("got %v and %d connections, want the event taken by the second one", err, conns)
	}
}
