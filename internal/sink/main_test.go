package sink

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

// roleVar makes the test binary a child process that plays a part.
const roleVar = "SINK_TEST_ROLE"

// roles are what child processes do; a role returns an error for what it cannot do.
var roles = map[string]func() error{"proxied": proxied, "appends": appends}

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		if err := roles[role](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// child returns a command that plays a role, with more variables in its environment.
func child(t *testing.T, role string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(append(os.Environ(), roleVar+"="+role), env...)
	cmd.Stderr = os.Stderr
	return cmd
}

// event returns an event that has everything.
func event(id, subject string) effect.Event {
	return effect.Event{
		ID: id, Source: "hookrun/nfs1/notify", Type: "share.created", Subject: subject,
		Time: time.Date(2026, 11, 29, 10, 11, 12, 345_000_000, time.UTC), Call: "call-7", Generation: 3,
		TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Data: json.RawMessage(`{"size_gib":10,"note":"a <b> \"c\""}`),
	}
}

// events returns n events of one subject.
func events(n int) []effect.Event {
	all := make([]effect.Event, n)
	for i := range all {
		all[i] = event(fmt.Sprintf("id-%d", i), "share-1")
	}
	return all
}

// mustNew makes a sink, which the test closes in the end.
func mustNew(t *testing.T, c config.Sink, opts Options) effect.Sink {
	t.Helper()
	s, err := New("ops", c, opts)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := s.(interface{ Close() error }); ok {
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return s
}

// problem returns what a delivery failed with.
func problem(t *testing.T, err error) *effect.DeliveryError {
	t.Helper()
	var e *effect.DeliveryError
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *effect.DeliveryError", err)
	}
	return e
}

func TestMistakesInASinkAreNamed(t *testing.T) {
	const address = "url: want an address that begins with http:// or https:// and a host"
	tests := map[string]struct {
		config config.Sink
		want   string
	}{
		"no type":         {config.Sink{}, `type: want webhook, file or log, got ""`},
		"another type":    {config.Sink{Type: "kafka"}, `type: want webhook, file or log, got "kafka"`},
		"no url":          {config.Sink{Type: "webhook"}, address},
		"relative url":    {config.Sink{Type: "webhook", URL: "/hooks"}, address},
		"another scheme":  {config.Sink{Type: "webhook", URL: "ftp://ops.example.org/hunter2"}, address},
		"no host":         {config.Sink{Type: "webhook", URL: "https://:8443/hunter2"}, address},
		"not a url":       {config.Sink{Type: "webhook", URL: "https://u:hunter2@ops.example.org:port/"}, address},
		"secret of blank": {config.Sink{Type: "webhook", URL: "https://ops.example.org", Secret: " \n"}, "secret: want a text, got only spaces"},
		"no base64": {
			config.Sink{Type: "webhook", URL: "https://ops.example.org", Secret: "whsec_AAAA whsec_hunter2"},
			"secret: want base64 after whsec_, got something else in key 2",
		},
		"empty key": {
			config.Sink{Type: "webhook", URL: "https://ops.example.org", Secret: "whsec_"},
			"secret: want base64 after whsec_, got something else in key 1",
		},
		"keys and words": {
			config.Sink{Type: "webhook", URL: "https://ops.example.org", Secret: "whsec_AAAA hunter2"},
			"secret: want all of several keys to begin with whsec_, got 1 of 2",
		},
		"no path":       {config.Sink{Type: "file"}, "path: want the path of a file, got none"},
		"negative size": {config.Sink{Type: "file", Path: "events.json", MaxSize: -1}, "max_size: want a number of bytes above 0, got -1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := New("ops", test.config, Options{})
			if want := `sink "ops": ` + test.want; err == nil || err.Error() != want || s != nil {
				t.Errorf("New: %v, %v, want error %q", s, err, want)
			}
		})
	}
}
