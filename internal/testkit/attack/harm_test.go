package attack

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// Harm is what no script can do by itself, for tests that the runner sees it.
func (h *host) Harm(kind string) {
	switch kind {
	case "exit":
		os.Exit(0)
	case "fatal":
		h.Unlock()
	case "goroutine":
		go func() { select {} }()
	case "memory":
		hog := make([]byte, 300<<20)
		for i := 0; i < len(hog); i += 4 << 10 {
			hog[i] = 1
		}
		runtime.KeepAlive(hog)
	case "address space":
		hog := make([]byte, maxProcess+1<<30)
		runtime.KeepAlive(hog)
	case "log":
		h.logged.bytes.Add(maxLogBytes + 1)
	}
}

func TestHarmIsNoticed(t *testing.T) {
	onDemand(t)
	tests := []struct {
		kind, want string
		memory     bool
	}{
		{kind: "exit", want: "ended well without a word"},
		{kind: "fatal", want: "unlock of unlocked mutex"},
		{kind: "goroutine", want: "a goroutine was left behind"},
		{kind: "memory", want: "MiB, want 128 at most", memory: true},
		{kind: "address space", want: "out of memory", memory: true},
		{kind: "log", want: "the log: "},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			if tt.memory && (raceEnabled || peakMemory() == 0) {
				t.Skip("memory is not measured here")
			}
			s := harmful(t, `host.Harm("`+tt.kind+`")`)
			s.timeout = 10 * time.Second // the harm is to be done, however slowly the machine hands out memory
			got := faults(t, s, preBody)
			if !strings.Contains(strings.Join(got, "\n"), tt.want) {
				t.Errorf("got %q, want %q among it", got, tt.want)
			}
		})
	}
}

// harmful writes a script that may do harm.
func harmful(t *testing.T, source string) *script {
	t.Helper()
	path := filepath.Join(t.TempDir(), "harm.lua")
	if err := os.WriteFile(path, []byte("-- expect: contained\n-- uses: luar\n"+source+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := readScript(path)
	if err != nil {
		t.Fatal(err)
	}
	s.harm = true
	return s
}

func TestUnexpectedOutcomesAreFaults(t *testing.T) {
	long.Only(t)
	tests := []struct{ source, expect, want string }{
		{"return 1", "killed", "outcome: want killed, got ok"},
		{"return true", "error", "outcome: want error, got true"},
		{"error('x')", "true", "outcome: want true, got script: x"},
		{"while true do end", "ok", "outcome: want ok, got timeout: "},
		{"return 1", "reject", "outcome: want reject, got ok"},
	}
	for _, tt := range tests {
		s := harmful(t, tt.source)
		s.expect = []string{tt.expect}
		got := faults(t, s, preBody)
		if len(got) != 1 || !strings.HasPrefix(got[0], tt.want) {
			t.Errorf("%s: got %q, want %q", tt.source, got, tt.want)
		}
	}
}

func TestObserverSeesWhatChanged(t *testing.T) {
	show := func(probes, generation int64, globals string) response {
		return response{Seen: map[string]any{"guard": map[string]any{"probes": probes, "generation": generation, "globals": globals}}}
	}
	tests := []struct {
		name    string
		next    response
		fails   bool
		rebuilt int
	}{
		{name: "the next probe", next: show(6, 1, "_G")},
		{name: "a lost probe", next: show(7, 1, "_G"), fails: true},
		{name: "a repeated probe", next: show(5, 1, "_G"), fails: true},
		{name: "another global", next: show(6, 1, "_G evil"), fails: true},
		{name: "a new generation", next: show(1, 2, "_G")},
		{name: "fresh globals", next: show(1, 1, "_G"), rebuilt: 1},
		{name: "nothing", next: response{}, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newObserver(nil, func() {})
			if err := o.look("guard", show(5, 1, "_G")); err != nil {
				t.Fatal(err)
			}
			err := o.look("guard", tt.next)
			if (err != nil) != tt.fails || o.rebuilt != tt.rebuilt {
				t.Errorf("got error %v and %d rebuilt, want an error: %v, and %d", err, o.rebuilt, tt.fails, tt.rebuilt)
			}
		})
	}
}
