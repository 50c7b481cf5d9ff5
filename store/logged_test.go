package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
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
