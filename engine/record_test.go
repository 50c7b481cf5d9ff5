package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// recorder is a program's recorder.
type recorder struct {
	loaded func()
	admit  func() bool
	told   int
}

func (r *recorder) Loaded(effect.Generation)                 { r.loaded() }
func (r *recorder) Admit(string, string) bool                { return r.admit() }
func (r *recorder) Record(*effect.CallRecord, []engine.Span) { r.told++ }

func TestARecorderThatPanicsCostsNoCall(t *testing.T) {
	bug := func() { panic("a bug") }
	r := &recorder{loaded: bug, admit: func() bool { bug(); return true }}
	w := newWorld(t, engine.Options{Recorder: r}, hook("a", `function pre() end function periodic() end`))
	if err := w.made(t.Context(), "make"); err != nil {
		t.Error(err)
	}
	if _, err := w.Tick(t.Context(), func(context.Context) (any, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
	if err := w.Reload(t.Context(), w.cfg); err != nil {
		t.Error(err)
	}
	if got := strings.Count(w.log.String(), "the recorder panicked"); got != 4 || r.told != 0 {
		t.Errorf("the log tells of %d panics, the recorder was told of %d calls; want 4 and none:\n%s", got, r.told, w.log)
	}
	if err := w.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestARecorderThatWaitsForALoadKeepsNobodyFromClosing(t *testing.T) {
	loads, goOn := make(chan struct{}, 1), make(chan struct{})
	first := true
	r := &recorder{admit: func() bool { return false }, loaded: func() {
		if !first {
			loads <- struct{}{}
			<-goOn
		}
		first = false
	}}
	w := newWorld(t, engine.Options{Recorder: r}, hook("a", `function pre() end`))
	reloaded := make(chan error)
	go func() { reloaded <- w.Reload(t.Context(), w.cfg) }()
	<-loads
	if err := w.SetEnabled("a", false); err != nil {
		t.Error(err)
	}
	if err := w.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	close(goOn)
	if err := <-reloaded; err != engine.ErrClosed {
		t.Errorf("the reload: got %v, want ErrClosed", err)
	}
}
