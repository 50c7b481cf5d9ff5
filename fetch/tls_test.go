package fetch_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
)

// tlsServer serves with a certificate for 127.0.0.1 and example.com, and returns the options for a client that trusts
// it.
func tlsServer(t *testing.T, handler http.HandlerFunc, configure func(*httptest.Server)) (addr string, trusting fetch.Options) {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if configure != nil {
		configure(s)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.Listener.Addr().String(), fetch.Options{RootCAs: roots}
}

func TestAServerMustProveWhoItIs(t *testing.T) {
	addr, trusting := tlsServer(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Proto)) }, nil)
	p := port(addr)
	names := map[string][]string{"example.com": {"127.0.0.1"}, "cmdb.test": {"127.0.0.1"}}
	c := client(t, trusting, names)
	for _, url := range []string{"https://" + addr, "https://example.com" + p} {
		if got := get(t, c, url, addr, "example.com"+p); got.Body != "HTTP/2.0" {
			t.Errorf("%s: got %q, want HTTP/2.0", url, got.Body)
		}
	}
	r := effect.Request{Method: "GET", URL: "https://cmdb.test" + p, Allow: []string{addr, "cmdb.test" + p}}
	fails(t, c, r, effect.HTTPTLS, "GET https://cmdb.test"+p+": in the TLS handshake: tls: failed to verify certificate: x509: certificate is valid for example.com")
	r.URL = "https://" + addr
	fails(t, client(t, fetch.Options{}, names), r, effect.HTTPTLS, "x509: ")
}

func TestOldTLSIsRefused(t *testing.T) {
	addr, trusting := tlsServer(t, hello, func(s *httptest.Server) {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	})
	fails(t, client(t, trusting, nil), effect.Request{Method: "GET", URL: "https://" + addr, Allow: []string{addr}}, effect.HTTPTLS, "protocol version")
}

func TestAServerWithoutTLS(t *testing.T) {
	addr := server(t, hello)
	fails(t, client(t, fetch.Options{}, nil), effect.Request{Method: "GET", URL: "https://" + addr, Allow: []string{addr}},
		effect.HTTPTLS, "does not look like a TLS handshake")
}

func TestARedirectThatIsNotEncryptedIsRefused(t *testing.T) {
	plain := server(t, hello)
	addr, trusting := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+plain+"/", http.StatusFound)
	}, nil)
	fails(t, client(t, trusting, nil), effect.Request{Method: "GET", URL: "https://" + addr, Allow: []string{addr, plain}},
		effect.HTTPRefused, "GET https://"+addr+": redirected: from https to http://"+plain+", which is not encrypted")
}

func TestARedirectToHTTPSIsFollowed(t *testing.T) {
	addr, trusting := tlsServer(t, hello, nil)
	plain := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+addr+"/", http.StatusFound)
	})
	if got := get(t, client(t, trusting, nil), "http://"+plain, addr, plain); got.Body != "hello" {
		t.Errorf("got %v", got)
	}
}

func TestLongHeadersAreRefused(t *testing.T) {
	long := func(w http.ResponseWriter, _ *http.Request) {
		for i := range 7 {
			w.Header().Set(fmt.Sprintf("X-Long-%d", i), strings.Repeat("x", 10<<10))
		}
	}
	plain := server(t, long)
	addr, trusting := tlsServer(t, long, nil)
	c := client(t, trusting, nil)
	for _, url := range []string{"http://" + plain, "https://" + addr} {
		fails(t, c, effect.Request{Method: "GET", URL: url, Allow: []string{plain, addr}}, effect.HTTPTooLarge, "a header of more than 65536 bytes")
	}
}
