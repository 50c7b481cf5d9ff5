package sink

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
)

// The environment counts once for a process: so these tests need processes of their own.

// proxied delivers an event to a host that only a proxy knows.
func proxied() error {
	w, err := newWebhook(config.Sink{URL: "http://ops.example.org/hooks"})
	if err != nil {
		return err
	}
	if err := w.Deliver(context.Background(), events(1)); err != nil {
		fmt.Print(err)
	}
	return nil
}

// throughProxy returns the error of a delivery in an environment with a proxy.
func throughProxy(t *testing.T, proxy string) string {
	t.Helper()
	out, err := child(t, "proxied", "HTTP_PROXY="+proxy, "http_proxy="+proxy, "NO_PROXY=", "no_proxy=").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTheProxyOfTheEnvironmentIsUsed(t *testing.T) {
	asked := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.String() }))
	defer proxy.Close()
	if got := throughProxy(t, proxy.URL); got != "" {
		t.Fatal(got)
	}
	if got := <-asked; got != "http://ops.example.org/hooks" {
		t.Errorf("the proxy was asked for %s", got)
	}
}

func TestErrorsKeepTheSecretsOfAProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	for address, want := range map[string]string{
		strings.Replace(proxy.URL, "://", "://robot:hunter2@", 1): "answered 407 Proxy Authentication Required",
		"http://robot:hunter2@127.0.0.1:1":                        "*proxyconnect",
	} {
		got := strings.TrimPrefix(throughProxy(t, address), "http://ops.example.org: ")
		if !matches(got, want) || strings.Contains(got, "hunter2") {
			t.Errorf("got error %q, want %q", got, want)
		}
	}
}
