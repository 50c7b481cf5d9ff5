package engine_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// recorder is a program's recorder.
type recorder struct {
	loaded func()
	admit  func() bool
	told   int
	ends   bool // whether Record ends its goroutine
}

func (r *recorder) Loaded(effect.Generation)  { r.loaded() }
func (r *recorder) Admit(string, string) bool { return r.admit() }
func (r *recorder) Record(*effect.CallRecord, []engine.Span) {
	if r.told++; r.ends {
		runtime.Goexit()
	}
}

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

// rooms is a store that counts the room that is reserved.
type rooms struct {
	disk
	left int
}

func (r *rooms) Reserve(n int) error { r.left += n; return r.disk.Reserve(n) }
func (r *rooms) Release(n int)       { r.left -= n; r.disk.Release(n) }

func TestARecorderThatEndsTheGoroutineOfACallKeepsNoRoom(t *testing.T) {
	store := &rooms{}
	r := &recorder{loaded: func() {}, admit: func() bool { return true }, ends: true}
	w := newWorld(t, engine.Options{Recorder: r, Store: store}, hook("a", `function post(call) if call.never then events.publish("x", {}) end end`))
	for range 3 {
		apart(func() { _ = w.made(t.Context(), "make") })
		if store.left != 0 {
			t.Errorf("room for %d events is kept after the call", store.left)
		}
	}
	if err := w.Shutdown(t.Context()); err != nil || r.told != 3 {
		t.Errorf("got %v, and the recorder was told of %d calls", err, r.told)
	}
}

// keeper is a recorder that keeps the runs of calls.
type keeper struct{ spans []engine.Span }

func (*keeper) Loaded(effect.Generation)                           {}
func (*keeper) Admit(string, string) bool                          { return true }
func (k *keeper) Record(_ *effect.CallRecord, spans []engine.Span) { k.spans = spans }

// mirror is a host object that hands back what it is given.
type mirror struct{}

func (mirror) Same(v any) any { return v }

// What a method hands back may hold one text many times: a tape has no room for it.
func TestWhatAHostMethodHandsBackIsNotedWhereATapeHasRoom(t *testing.T) {
	long.Only(t)
	const source = `
function pre()
  local text = ("x"):rep(1e6)
  local function many(n) local list = {} for i = 1, n do list[i] = text end return list end
  for _, n in ipairs({1, 5, 100, 1}) do assert(#mirror:Same(many(n)) == n) end
end`
	k := &keeper{}
	objects := map[string]engine.Object{"mirror": {Value: mirror{}, Methods: []string{"Same"}}}
	w := newWorld(t, engine.Options{Recorder: k, Objects: objects}, hook("a", source, func(h *config.Hook) { h.MaxMemory = 1 << 30 }))
	if err := w.made(t.Context(), "make"); err != nil {
		t.Fatal(err)
	}
	var got []int // megabytes
	for _, a := range k.spans[0].Answers {
		got = append(got, len(a.Value)/1e6)
	}
	if want := []int{1, 5, 0}; !slices.Equal(got, want) {
		t.Errorf("got answers of %v MB, want %v: the third takes too much, and the last comes behind it", got, want)
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
