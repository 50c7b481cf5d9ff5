package sink

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
)

// receiver listens on loopback until the test ends, and hands over each connection once a request has come. It returns
// its address.
func receiver(t *testing.T, answer func(c *net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
					answer(c.(*net.TCPConn))
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return "http://" + l.Addr().String()
}

// says writes a text and closes the connection.
func says(parts ...string) func(*net.TCPConn) {
	return func(c *net.TCPConn) { _, _ = io.WriteString(c, strings.Join(parts, "")) }
}

// forever writes a text, and then another one for as long as the other side takes it.
func forever(first, then string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		_, err := io.WriteString(c, first)
		for then = strings.Repeat(then, 1+4096/len(then)); err == nil; {
			_, err = io.WriteString(c, then)
		}
	}
}

func resets(first string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		_, _ = io.WriteString(c, first)
		_ = c.SetLinger(0)
	}
}

func TestWhatComesOfAHostileReceiversAnswer(t *testing.T) {
	const (
		status200, status500 = "HTTP/1.1 200 OK\r\n", "HTTP/1.1 500 whatever\r\n"
		said500              = "answered 500 Internal Server Error"
		redirects            = ", and redirects are not followed: "
		tuesday              = "Date: Tue, 01 Dec 2026 10:00:00 GMT\r\n"
	)
	tests := map[string]struct {
		answer func(*net.TCPConn)
		want   string // the error behind the address, as matches has it; "" for none
		retry  time.Duration
		pause  bool
	}{
		"200":                     {says(status200, "Content-Length: 0\r\n\r\n"), "", 0, false},
		"204":                     {says("HTTP/1.1 204 No Content\r\n\r\n"), "", 0, false},
		"299":                     {says("HTTP/1.1 299 x\r\n\r\n"), "", 0, false},
		"garbage behind 200":      {says(status200, "\r\n\x00\xff\x1b[2J"), "", 0, false},
		"no more behind 200":      {says(status200, "Content-Length: 100\r\n\r\nhello"), "", 0, false},
		"bad chunks behind 200":   {says(status200, "Transfer-Encoding: chunked\r\n\r\nzzz\r\n"), "", 0, false},
		"a reset behind 200":      {resets(status200 + "Content-Length: 100\r\n\r\nhello"), "", 0, false},
		"no end behind 200":       {forever(status200+"\r\n", "spam "), "", 0, false},
		"500":                     {says(status500, "\r\nno\n  room\n"), said500 + ": no room", 0, false},
		"no more behind 500":      {says(status500, "Content-Length: 100\r\n\r\nhello"), said500 + ": hello", 0, false},
		"no end behind 500":       {forever(status500+"\r\n", "spam "), said500 + ": spam spam*", 0, false},
		"control codes in a 500":  {says(status500, "\r\n\x1b[2J\u202e\xff"), said500 + `: \x1b[2J\u202e\xff`, 0, false},
		"404":                     {says("HTTP/1.1 404 x\r\n\r\n"), "answered 404 Not Found", 0, false},
		"a status without a name": {says("HTTP/1.1 799 x\r\n\r\n"), "answered 799", 0, false},
		"a status of four digits": {says("HTTP/1.1 2000 x\r\n\r\n"), "*malformed HTTP", 0, false},
		"410":                     {says("HTTP/1.1 410 x\r\n\r\n"), "answered 410 Gone", 0, true},
		"429 with a wait":         {says("HTTP/1.1 429 x\r\nRetry-After: 120\r\n\r\n"), "answered 429 Too Many Requests", 2 * time.Minute, false},
		"503 until a date": {
			says("HTTP/1.1 503 x\r\n", tuesday, "Retry-After: Tue, 01 Dec 2026 10:07:00 GMT\r\n\r\n"),
			"answered 503 Service Unavailable", 7 * time.Minute, false,
		},
		"503 until a date gone by": {
			says("HTTP/1.1 503 x\r\n", tuesday, "Retry-After: Tue, 01 Dec 2026 09:00:00 GMT\r\n\r\n"),
			"answered 503 Service Unavailable", 0, false,
		},
		"503 for a thousand years": {says("HTTP/1.1 503 x\r\nRetry-After: 31536000000\r\n\r\n"), "answered 503 Service Unavailable", maxRetryAfter, false},
		"301": {
			says("HTTP/1.1 301 x\r\nLocation: https://other.example.org/hooks?token=hunter2\r\n\r\n"),
			"answered 301 Moved Permanently" + redirects + "https://other.example.org", 0, false,
		},
		"308 to the metadata of a cloud": {
			says("HTTP/1.1 308 x\r\nLocation: http://169.254.169.254/latest\r\n\r\n"),
			"answered 308 Permanent Redirect" + redirects + "http://169.254.169.254", 0, false,
		},
		"409 with a place": {
			says("HTTP/1.1 409 x\r\nLocation: /events/1\r\n\r\nthere is such an event already"),
			"answered 409 Conflict: there is such an event already", 0, false,
		},
		"302 to nowhere":           {says("HTTP/1.1 302 x\r\n\r\n"), "answered 302 Found", 0, false},
		"304":                      {says("HTTP/1.1 304 x\r\n\r\n"), "answered 304 Not Modified", 0, false},
		"another protocol":         {says("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), "answered 101 Switching Protocols", 0, false},
		"early hints, then 200":    {says("HTTP/1.1 103 x\r\n\r\nHTTP/1.1 100 x\r\n\r\n", status200, "\r\n"), "", 0, false},
		"early hints without end":  {forever("", "HTTP/1.1 103 x\r\nLink: </a>\r\n\r\n"), "*response headers exceeded", 0, false},
		"headers without end":      {forever(status200, "X-Spam: spam\r\n"), "*response headers exceeded", 0, false},
		"a header without end":     {forever(status200+"X-Spam: ", "spam"), "*response headers exceeded", 0, false},
		"a status without end":     {forever("HTTP/1.1 200 ", "spam"), "*response headers exceeded", 0, false},
		"a reset":                  {resets(""), "*connection reset", 0, false},
		"a reset within headers":   {resets(status200 + "X-Spam"), "*", 0, false},
		"nothing":                  {says(""), "*EOF", 0, false},
		"no end of the headers":    {says(status200, "X-Spam: spam"), "*EOF", 0, false},
		"a header without a colon": {says(status200, "spam\r\n\r\n"), "*malformed", 0, false},
		"another server":           {says("SSH-2.0-OpenSSH_9.6\r\n"), "*malformed HTTP", 0, false},
		"two lengths":              {says(status200, "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"), "*Content-Length", 0, false},
		"a negative length":        {says(status200, "Content-Length: -1\r\n\r\n"), "*Content-Length", 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			url := receiver(t, test.answer)
			s := mustNew(t, config.Sink{Type: "webhook", URL: url + "/hooks", Secret: secret}, Options{})
			err := s.Deliver(t.Context(), events(1))
			if test.want == "" {
				if err != nil {
					t.Errorf("Deliver: %v, want the event taken", err)
				}
				return
			}
			got := problem(t, err)
			text, named := strings.CutPrefix(got.Error(), url+": ")
			if !named || !matches(text, test.want) {
				t.Errorf("got error %q, want %q behind the address", err, test.want)
			}
			if got.RetryAfter != test.retry || got.Pause != test.pause || got.Taken != 0 {
				t.Errorf("got %+v, want RetryAfter %s, Pause %v, nothing taken", got, test.retry, test.pause)
			}
			if len(text) > maxError || strings.ContainsAny(text, "\n\r\x1b") {
				t.Errorf("got error %q, want one short line", text)
			}
		})
	}
}

// matches reports whether a text is the one wanted: "*b" stands for all that hold b, "a*" for all that begin with a.
func matches(text, want string) bool {
	if part, ok := strings.CutPrefix(want, "*"); ok {
		return strings.Contains(text, part)
	}
	if start, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(text, start)
	}
	return text == want
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s came where it was not sent", r.Method, r.URL)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := receiver(t, says(fmt.Sprintf("HTTP/1.1 %d x\r\nLocation: %s/\r\n\r\n", status, elsewhere.URL)))
		s := mustNew(t, config.Sink{Type: "webhook", URL: url}, Options{})
		if err := s.Deliver(t.Context(), events(1)); err == nil {
			t.Errorf("status %d: the event was taken", status)
		}
	}
}
