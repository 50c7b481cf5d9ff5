package store

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
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

func TestAnOutboxHasStoppedWhenAllIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &slowLog{Handler: slog.NewTextHandler(t.Output(), nil)}
		o := newOutbox(slog.New(log), nil)
		o.mu.Lock()
		o.tell(slog.LevelWarn, "from an attempt that has ended")
		go o.unlock()
		synctest.Wait()
		o.mu.Lock()
		o.tell(slog.LevelWarn, "from whoever stops it")
		go o.unlock()
		o.stop()
		if n := log.lines.Load(); n != 2 {
			t.Errorf("%d lines were logged, want 2", n)
		}
	})
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
