package fetch_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
)

func TestARequestGetsWhatTheServerSays(t *testing.T) {
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Add("X-Answer", "1")
		w.Header().Add("X-Answer", "2")
		w.Header()["Date"] = nil
		w.WriteHeader(http.StatusTeapot)
		_, _ = fmt.Fprintf(w, "%s %s %s %s %s %s %q", r.Method, r.Host, r.RequestURI, r.Header.Get("X-Token"), r.UserAgent(), r.Header.Get("Accept-Encoding"), body)
	})
	got, err := client(t, fetch.Options{}, nil).Do(t.Context(), effect.Request{
		Method: "POST", URL: "http://" + addr + "/a%20b?c=d e#f", Body: "text", Header: map[string]string{"X-Token": "t"}, Allow: []string{addr},
	})
	if err != nil {
		t.Fatal(err)
	}
	body := "POST " + addr + ` /a%20b?c=d%20e t hookrun  "text"`
	want := &effect.Response{
		Status: http.StatusTeapot, Body: body,
		Header: map[string]string{"x-answer": "1, 2", "content-length": fmt.Sprint(len(body)), "content-type": "text/plain; charset=utf-8"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatIsListedIsReached: what tricks are refused is reached where it is listed.
func TestWhatIsListedIsReached(t *testing.T) {
	addr := server(t, hello)
	p := port(addr)
	c := client(t, fetch.Options{UserAgent: "test"}, map[string][]string{
		"cmdb.test": {"127.0.0.1"}, "a.b.lab.test": {"::1", "127.0.0.1"}, "alias.test": {"=cmdb.test", "127.0.0.1"}, "mapped.test": {"::ffff:127.0.0.1"},
	})
	for _, tt := range []struct {
		host  string
		allow []string
	}{
		{"127.0.0.1", []string{"127.0.0.1" + p}},
		{"127.0.0.1", []string{"127.0.0.0/8" + p}},
		{"cmdb.test", []string{"cmdb.test" + p, "127.0.0.1" + p}},
		{"CMDB.TEST", []string{"cmdb.test" + p, "127.0.0.0/30" + p}},
		{"alias.test", []string{"alias.test" + p, "127.0.0.1" + p}},
		{"mapped.test", []string{"mapped.test" + p, "127.0.0.1" + p}},
		{"a.b.lab.test", []string{"*.lab.test" + p, "127.0.0.1" + p}}, // ::1 is refused, the other address serves
		{"localhost", []string{"localhost" + p, "127.0.0.1" + p, "[::1]" + p}},
	} {
		if got := get(t, c, "http://"+tt.host+p, tt.allow...); got.Body != "hello" {
			t.Errorf("%s: got %v", tt.host, got)
		}
	}
}

func TestAHeadHasNoBodyHoweverLongItIs(t *testing.T) {
	addr := server(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1000000000") })
	got, err := client(t, fetch.Options{}, nil).Do(t.Context(), effect.Request{Method: "HEAD", URL: "http://" + addr, Allow: []string{addr}})
	if err != nil || got.Body != "" || got.Header["content-length"] != "1000000000" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCookiesAreNotKept(t *testing.T) {
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "a=b")
		_, _ = w.Write([]byte(r.Header.Get("Cookie")))
	})
	c := client(t, fetch.Options{}, nil)
	for range 2 {
		if got := get(t, c, "http://"+addr, addr); got.Body != "" {
			t.Errorf("got the cookie %s back", got.Body)
		}
	}
}

// seen serves the header fields that it is asked with.
func seen(w http.ResponseWriter, r *http.Request) {
	for _, name := range []string{"Accept", "Authorization", "Cookie", "Referer", "User-Agent", "X-Auth-Token"} {
		if v := r.Header.Get(name); v != "" {
			_, _ = fmt.Fprintln(w, name, v)
		}
	}
}

func TestRedirectsToOthersCarryNoSecrets(t *testing.T) {
	other := server(t, seen)
	var addr string
	addr = server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			w.Header().Set("Location", "seen")
			w.WriteHeader(http.StatusFound)
			_, _ = w.Write(make([]byte, 1<<20)) // nobody reads that
		case "/there":
			http.Redirect(w, r, "http://"+other+"/", http.StatusTemporaryRedirect)
		case "/renamed":
			http.Redirect(w, r, "http://localhost"+port(addr)+"/seen", http.StatusFound)
		default:
			seen(w, r)
		}
	})
	c := client(t, fetch.Options{}, nil)
	const all = "Accept x\nAuthorization a\nCookie c\nUser-Agent u\nX-Auth-Token t\n"
	const public = "Accept x\nUser-Agent u\n"
	for path, want := range map[string]string{"/here": all, "/there": public, "/renamed": public} {
		got, err := c.Do(t.Context(), effect.Request{
			Method: "GET", URL: "http://" + addr + path, Allow: []string{addr, other, "localhost" + port(addr)},
			Header: map[string]string{"accept": "x", "authorization": "a", "cookie": "c", "user-agent": "u", "x-auth-token": "t"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestARedirectOfAWriteIsAnAnswer(t *testing.T) {
	trap, q := newTrap(t, "127.0.0.1:0")
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+q+"/", http.StatusPermanentRedirect)
	})
	got, err := client(t, fetch.Options{}, nil).Do(t.Context(), effect.Request{
		Method: "POST", URL: "http://" + addr, Body: "text", Allow: []string{addr, q},
	})
	if err != nil || got.Status != http.StatusPermanentRedirect || got.Header["location"] != "http://"+q+"/" {
		t.Errorf("got %v, %v; want the redirect itself", got, err)
	}
	if trap.caught.Load() != 0 {
		t.Error("the redirect was followed")
	}
}

// TestNamesThatAreBoundAnewAreLookedAtAnew: a name that led to a listed address leads to another one later.
func TestNamesThatAreBoundAnewAreLookedAtAnew(t *testing.T) {
	addr := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = w.Write([]byte("hello"))
	})
	trap, _ := newTrap(t, "127.0.0.2"+port(addr))
	now := make(chan []string, 1)
	now <- []string{"127.0.0.1"}
	c := client(t, fetch.Options{Resolver: resolver(t, func(string) []string {
		addresses := <-now
		now <- addresses
		return addresses
	})}, nil)
	r := effect.Request{Method: "GET", URL: "http://cmdb.test" + port(addr), Allow: []string{"cmdb.test" + port(addr), addr}}
	for _, addresses := range [][]string{{"127.0.0.1"}, {"127.0.0.2", "127.0.0.1"}, {"127.0.0.1", "127.0.0.2"}} {
		<-now
		now <- addresses
		if got, err := c.Do(t.Context(), r); err != nil || got.Body != "hello" {
			t.Errorf("%v: got %v, %v", addresses, got, err)
		}
	}
	<-now
	now <- []string{"127.0.0.2"}
	fails(t, c, r, effect.HTTPRefused, "leads to 127.0.0.2"+port(addr)+", a loopback address")
	if trap.caught.Load() != 0 {
		t.Error("the trap was reached")
	}
}

func TestErrorsShowNoSecrets(t *testing.T) {
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang-up" {
			panic(http.ErrAbortHandler)
		}
		http.Redirect(w, r, "http://10.0.0.1/?secret#secret", http.StatusFound)
	})
	c := client(t, fetch.Options{}, nil)
	for _, url := range []string{
		"http://" + addr + "/?token=secret", "http://" + addr + "/hang-up?secret", "http://10.0.0.1/secret?secret", "http://user:secret@" + addr,
		"http://" + addr + "/%zz?secret", "http://" + addr + "/secret\n", "https://" + addr + "/secret", "http://user:secret", "secret://" + addr,
		"http://missing.test/secret", "http://127.0.0.1:1/secret",
	} {
		_, err := c.Do(t.Context(), effect.Request{
			Method: "GET", URL: url, Header: map[string]string{"X-Token": "secret"}, Allow: []string{addr, "missing.test", "127.0.0.1:1"},
		})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got error %v", url, err)
		}
	}
	fails(t, c, effect.Request{Method: "GET", URL: "http://" + addr, Header: map[string]string{"X-Token": "secret\n"}, Allow: []string{addr}},
		effect.HTTPRefused, "want a value of one line for the header field X-Token")
}

// TestOnlyListedNamesAreLookedUp: a look-up alone would tell a name server what is in the name.
func TestOnlyListedNamesAreLookedUp(t *testing.T) {
	asked := make(chan string, 100)
	c := client(t, fetch.Options{Resolver: resolver(t, func(name string) []string { asked <- name; return []string{"10.0.0.1"} })}, nil)
	for _, url := range []string{"http://secret.evil.test/", "http://cmdb.test:81/", "https://secret.cmdb.test/"} {
		fails(t, c, effect.Request{Method: "GET", URL: url, Allow: []string{"cmdb.test", "10.0.0.0/8"}}, effect.HTTPRefused, "allow_http does not list")
	}
	if len(asked) > 0 {
		t.Errorf("the name server was asked for %s", <-asked)
	}
}

func TestNamesThatDoNotExist(t *testing.T) {
	fails(t, client(t, fetch.Options{}, nil), effect.Request{Method: "GET", URL: "http://cmdb.test/", Allow: []string{"cmdb.test"}},
		effect.HTTPDNS, "GET http://cmdb.test: looking up the name: no such host")
}

func TestAnswersThatAreNoHTTP(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":              {"", "waiting for the answer: "},
		"another protocol":     {"SSH-2.0-x\r\n", "malformed HTTP response \"SSH-2.0-x\""},
		"an escape":            {"\x1b]0;title\a\r\n\r\n", `\x1b`},
		"cut off":              {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "reading the answer: unexpected EOF"},
		"two lengths":          {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "waiting for the answer: "},
		"a broken chunk":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "reading the answer: "},
		"another one, unasked": {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "switched to another protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			addr := raw(t, tt.text)
			fails(t, client(t, fetch.Options{}, nil), effect.Request{Method: "POST", URL: "http://" + addr, Allow: []string{addr}}, effect.HTTPConnect, tt.want)
		})
	}
}
