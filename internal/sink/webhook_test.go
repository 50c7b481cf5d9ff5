package sink

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

func TestIDsOfRequestsTellEventsApart(t *testing.T) {
	const uuid = "0197f3c0-1234-7abc-8def-0123456789ab"
	long := strings.Repeat("x", 65)
	seen := map[string]effect.Event{}
	for _, e := range []effect.Event{
		{ID: uuid, Source: "hookrun/nfs1/notify"},
		{ID: uuid, Source: "hookrun/nfs1/audit"},
		{ID: "share-1", Source: "hookrun/nfs1/notify"},
		{ID: "share.1", Source: "hookrun/nfs1/notify"},
		{ID: "share.1", Source: "hookrun/nfs1/audit"},
		{ID: "share.1.1700000000.{}", Source: "hookrun/nfs1/notify"},
		{ID: "share\r\nWebhook-Id: 1", Source: "hookrun/nfs1/notify"},
		{ID: "größe", Source: "hookrun/nfs1/notify"},
		{ID: long, Source: "hookrun/nfs1/notify"},
		{ID: long + "x", Source: "hookrun/nfs1/notify"},
		{ID: "b", Source: "a\x00"},
		{ID: "\x00b", Source: "a"},
	} {
		id := webhookID(e)
		if other, taken := seen[id]; taken {
			t.Errorf("%q of %q has the id %s of %q of %q", e.ID, e.Source, id, other.ID, other.Source)
		}
		seen[id] = e
		if again := webhookID(e); again != id {
			t.Errorf("got id %s, then %s", id, again)
		}
	}
	if got := webhookID(effect.Event{ID: uuid, Source: "hookrun/nfs1/notify"}); !strings.HasPrefix(got, uuid+"_") {
		t.Errorf("got id %s, want it to begin with the event's", got)
	}
}

func TestIDsOfRequestsAreSafeInHeadersAndSignatures(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9_-]{17,81}$`)
	rapid.Check(t, func(t *rapid.T) {
		a := effect.Event{ID: rapid.String().Draw(t, "id"), Source: rapid.String().Draw(t, "source")}
		b := effect.Event{ID: rapid.OneOf(rapid.String(), rapid.Just(a.ID), rapid.Just(webhookID(a))).Draw(t, "other id"), Source: rapid.OneOf(rapid.String(), rapid.Just(a.Source)).Draw(t, "other source")}
		if got := webhookID(a); !safe.MatchString(got) {
			t.Fatalf("got id %q, want %s", got, safe)
		}
		same := a.ID == b.ID && a.Source == b.Source
		if got := webhookID(a) == webhookID(b); got != same {
			t.Fatalf("ids of %q of %q and %q of %q are the same: %v, want %v", a.ID, a.Source, b.ID, b.Source, got, same)
		}
	})
}

func TestEventsBeforeTheOneThatFailedAreTaken(t *testing.T) {
	n := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 3 {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer receiver.Close()
	s := mustNew(t, config.Sink{Type: "webhook", URL: receiver.URL}, Options{})
	if got := problem(t, s.Deliver(t.Context(), events(5))); got.Taken != 2 || n != 3 {
		t.Errorf("got %+v after %d requests, want 2 taken after 3", got, n)
	}
	broken := events(3)
	broken[1].Data = []byte(`{`)
	n = 10
	if got := problem(t, s.Deliver(t.Context(), broken)); got.Taken != 1 {
		t.Errorf("got %+v, want 1 taken, as the second is no JSON", got)
	}
}

func TestAnUntrustedCertificateIsAnError(t *testing.T) {
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request came")
	}))
	defer receiver.Close()
	receiver.Config.ErrorLog = log.New(io.Discard, "", 0)
	receiver.StartTLS()
	s := mustNew(t, config.Sink{Type: "webhook", URL: receiver.URL}, Options{})
	if got := problem(t, s.Deliver(t.Context(), events(1))).Error(); !strings.Contains(got, "certificate") {
		t.Errorf("got error %q, want it to name the certificate", got)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	opened := 0
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"ok":true}`) }))
	receiver.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened++
		}
	}
	receiver.Start()
	s := mustNew(t, config.Sink{Type: "webhook", URL: receiver.URL}, Options{})
	for range 3 {
		if err := s.Deliver(t.Context(), events(2)); err != nil {
			t.Error(err)
		}
	}
	receiver.Close()
	if opened != 1 {
		t.Errorf("got %d connections, want 1", opened)
	}
}

func TestAnIdleConnectionThatTheReceiverClosedIsNoError(t *testing.T) {
	url := receiver(t, says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) // without Connection: close
	s := mustNew(t, config.Sink{Type: "webhook", URL: url}, Options{})
	if err := s.Deliver(t.Context(), events(50)); err != nil {
		t.Error(err)
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	planted := []string{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "hunter2", "p4ss w0rd", "p4ss+w0rd", "p4ss%20w0rd",
		"robot", "cGFyYW0gc2VjcmV0", "T0/B0/XXXXX", "B0/XXXXX", "XXXXX", "cm9ib3Q6cDRzcyB3MHJk"}
	url := receiver(t, says("HTTP/1.1 500 x\r\n\r\n", "no such hooks: ", strings.Join(planted, " "), " ", secret))
	host := strings.TrimPrefix(url, "http://")
	for _, address := range []string{
		"http://robot:p4ss%20w0rd@" + host + "/hooks/T0/B0/XXXXX?token=hunter2&q=p4ss+w0rd&cGFyYW0gc2VjcmV0#hunter2",
		"http://robot:p4ss%20w0rd@127.0.0.1:1/services/T0/B0/XXXXX?token=hunter2",
		"http://robot:p4ss%20w0rd@" + host + ":1/services/T0/B0/XXXXX?token=hunter2",
	} {
		s, err := New("ops", config.Sink{Type: "webhook", URL: address, Secret: older + " " + secret}, Options{})
		if err == nil {
			t.Cleanup(func() { _ = s.(*webhook).Close() })
			err = s.Deliver(t.Context(), []effect.Event{event("id-1", "share-1")})
		}
		if err == nil {
			t.Fatal("the event was taken")
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			for _, secret := range planted {
				if strings.Contains(fmt.Sprintf("%v %+v", e, e), secret) {
					t.Errorf("error %q shows %q", e, secret)
				}
			}
		}
		if strings.Contains(address, "/hooks/") && !strings.Contains(err.Error(), "no such hooks: ***") {
			t.Errorf("got error %q, want the words of the receiver in it", err)
		}
	}
}
