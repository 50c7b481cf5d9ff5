package fetch_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestLongBodiesAreRefused(t *testing.T) {
	chunked := server(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil { // without end
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	declared := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000000")
		w.(http.Flusher).Flush()
		<-r.Context().Done() // before a byte of it
	})
	c := client(t, fetch.Options{}, nil)
	for _, addr := range []string{chunked, declared} {
		fails(t, c, effect.Request{Method: "GET", URL: "http://" + addr, Allow: []string{addr}}, effect.HTTPTooLarge,
			"GET http://"+addr+": a body of more than 1048576 bytes")
	}
}

func TestABodyMayHaveJustItsLimit(t *testing.T) {
	addr := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush() // so that no length is declared
		_, _ = fmt.Fprint(w, strings.Repeat("x", 1000))
	})
	c := client(t, fetch.Options{}, nil)
	r := effect.Request{Method: "GET", URL: "http://" + addr, MaxBody: 1000, Allow: []string{addr}}
	if got, err := c.Do(t.Context(), r); err != nil || len(got.Body) != 1000 {
		t.Errorf("got %v, %v", got, err)
	}
	r.MaxBody = math.MaxInt64
	if got, err := c.Do(t.Context(), r); err != nil || len(got.Body) != 1000 {
		t.Errorf("with the highest limit: got %v, %v", got, err)
	}
	r.MaxBody = 999
	fails(t, c, r, effect.HTTPTooLarge, "a body of more than 999 bytes")
}

// TestAnswersAreNotDecompressed: a megabyte of gzip could be a gigabyte.
func TestAnswersAreNotDecompressed(t *testing.T) {
	long.Only(t)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 100<<20))
	_ = z.Close()
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("got Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	if got := get(t, client(t, fetch.Options{}, nil), "http://"+addr, addr); got.Body != bomb.String() {
		t.Errorf("got %d bytes, want the %d that were sent", len(got.Body), bomb.Len())
	}
}
