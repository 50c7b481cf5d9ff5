package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is an engine made of scripts that a test writes down.
type world struct {
	*engine.Engine
	t   *testing.T
	cfg *config.Config
	log *strings.Builder
}

// script is the Lua source of one hook, with changes to its default settings.
type script struct {
	name, source string
	set          func(*config.Hook)
}

func hook(name, source string, set ...func(*config.Hook)) script {
	s := script{name: name, source: source, set: func(*config.Hook) {}}
	if len(set) > 0 {
		s.set = set[0]
	}
	return s
}

// newWorld loads an engine for the service "nfs1" with the given hooks in order.
func newWorld(t *testing.T, opts engine.Options, scripts ...script) *world {
	t.Helper()
	w := &world{t: t, log: &strings.Builder{}}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	w.cfg = configOf(t, t.TempDir(), scripts...)
	e, err := engine.New(w.cfg, "nfs1", opts)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	w.Engine = e
	t.Cleanup(func() { _ = e.Close() })
	return w
}

// configOf writes the scripts into a folder and makes the config that runs them.
func configOf(t testing.TB, dir string, scripts ...script) *config.Config {
	t.Helper()
	svc := config.Service{Host: "storage-1"}
	for _, s := range scripts {
		file := s.name + ".lua"
		if err := os.WriteFile(filepath.Join(dir, file), []byte(s.source), 0o644); err != nil {
			t.Fatal(err)
		}
		h := config.DefaultHook(file)
		h.Timeout = time.Minute // so that a busy machine changes nothing, unless the script's settings say otherwise
		s.set(&h)
		svc.Hooks = append(svc.Hooks, h)
	}
	return &config.Config{Scripts: dir, Services: map[string]config.Service{"nfs1": svc}}
}

// order is a host object with which scripts write one string, so that the order of hooks is compared as one string.
type order struct{ strings.Builder }

// Add appends a text.
func (o *order) Add(s string) { o.WriteString(s) }

func (o *order) object() map[string]engine.Object {
	return map[string]engine.Object{"order": {Value: o, Methods: []string{"Add"}}}
}

// share is a typed record for the tests.
type share struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Size      int64          `json:"size"`
	Locations []location     `json:"export_locations"`
	Metadata  map[string]any `json:"metadata"`
	secret    string
}

type location struct {
	Path      string `json:"path"`
	Preferred bool   `json:"preferred"`
}

type args struct {
	Share share `json:"share"`
}

// echo is a driver that returns the share it is given.
func echo(_ context.Context, a args) (share, error) { return a.Share, nil }

var errDriver = &codedError{"disk full", "no_space"}

type codedError struct{ message, code string }

func (e *codedError) Error() string { return e.message }
func (e *codedError) Code() string  { return e.code }

func failing(context.Context, args) (share, error) { return share{}, errDriver }

// call makes a call of create_snapshot with the echoing driver.
func (w *world) call(s share) (share, error) {
	return engine.Call(context.Background(), w.Engine, "create_snapshot", args{s}, echo)
}

func wantHookError(t *testing.T, err error, kind engine.Kind, message string) *engine.HookError {
	t.Helper()
	var he *engine.HookError
	if !errors.As(err, &he) {
		t.Fatalf("got error %v, want a *HookError", err)
	}
	if he.Kind != kind || !strings.Contains(he.Message, message) {
		t.Fatalf("got kind %s and message %q, want %s and %q", he.Kind, he.Message, kind, message)
	}
	return he
}

var discard = slog.New(slog.NewTextHandler(io.Discard, nil))

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("unexpected error: %v", err))
	}
	return v
}
