package store

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

// slowLog is a log that takes its time.
type slowLog struct {
	slog.Handler
	lines atomic.Int64
}

func (l *slowLog) Handle(context.Context, slog.Record) error {
	time.Sleep(time.Second)
	l.lines.Add(1)
	return nil
}

func TestAStoreIsClosedWhenAllIsLogged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		log := &slowLog{Handler: slog.NewTextHandler(t.Output(), nil)}
		s, err := Open(path, Options{Logger: slog.New(log)})
		if err != nil {
			t.Fatal(err)
		}
		connect(t, s, map[string]*recorder{"down": {answer: down}})
		publish(t, s, "a:1")
		synctest.Wait() // the sink fails
		s.fail(nil, errors.New("no room"))
		s.look()           // as the writer does, which fails itself
		after(time.Second) // so that it works again
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n := log.lines.Load(); n != 3 {
			t.Errorf("%d lines were logged, want 3", n)
		}
	})
}

// callingLog is a log that does something with each line.
type callingLog struct {
	slog.Handler
	call func(text string)
}

func (l callingLog) Handle(_ context.Context, r slog.Record) error {
	l.call(r.Message)
	return nil
}

func TestALogMayWaitForTheStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		var s *Store
		var said []string
		log := callingLog{slog.NewTextHandler(t.Output(), nil), func(text string) {
			said = append(said, text)
			if s.Err() == nil {
				commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1")})
			}
		}}
		s, err := Open(path, Options{Logger: slog.New(log)})
		if err != nil {
			t.Fatal(err)
		}
		s.fail(nil, errors.New("no room"))
		s.look() // as the writer does, which fails itself
		after(2 * time.Second)
		if got := content(t, s, "a")["x"]; got != "1" {
			t.Errorf("got %q, want what the log has committed", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if want := []string{"the store does not work", "the store works again"}; !slices.Equal(said, want) {
			t.Errorf("got %q, want %q", said, want)
		}
	})
}

func TestALogThatEndsItsGoroutineGetsTheNextLine(t *testing.T) {
	lines := 0
	b := logbook{to: callingLog{slog.NewTextHandler(t.Output(), nil), func(string) {
		lines++
		runtime.Goexit()
	}}}
	b.enter(slog.LevelInfo, "one")
	b.enter(slog.LevelInfo, "two")
	b.wait()
	if lines != 2 {
		t.Errorf("got %d lines, want 2", lines)
	}
}

// panickingLog is a log that panics wherever it can.
type panickingLog struct{ enabled bool }

func (l panickingLog) Enabled(context.Context, slog.Level) bool {
	if l.enabled {
		return true
	}
	panic("enabled")
}

func (panickingLog) Handle(context.Context, slog.Record) error { panic("a full disk") }
func (panickingLog) WithAttrs([]slog.Attr) slog.Handler        { panic("attributes") }
func (panickingLog) WithGroup(string) slog.Handler             { panic("a group") }

func TestALogThatPanicsLosesItsLineAndNothingElse(t *testing.T) {
	for _, enabled := range []bool{true, false} {
		path := filepath.Join(t.TempDir(), "test.db")
		synctest.Test(t, func(t *testing.T) {
			s, err := Open(path, Options{Logger: slog.New(panickingLog{enabled})})
			if err != nil {
				t.Fatal(err)
			}
			down := &recorder{answer: down}
			configs := map[string]config.Sink{"down": {Type: "down"}, "log": {Type: "log"}}
			if err := s.Configure(config.Store{Sync: true, Keep: time.Hour}, configs, map[string]effect.Sink{"down": down}); err != nil {
				t.Fatal(err)
			}
			publish(t, s, "a:1")
			after(time.Second)
			stats, err := s.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{errDown.Error(), "the log handler failed: it panicked: a full disk"} {
				if k := stats.Sinks[i]; k.Failing != 1 || k.Error != want {
					t.Errorf("sink %s: got %d that fail, %q, want %q", k.Name, k.Failing, k.Error, want)
				}
			}
			s.fail(nil, errors.New("no room")) // as the writer tells of a disk that fails
			s.mu.Lock()
			s.broken = nil
			s.mu.Unlock()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
