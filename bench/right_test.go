package bench

import (
	"context"
	"reflect"
	"testing"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// What is compared must be the same work. These tests see that each peer does it.

func TestEveryPeerRunsItsLastHook(t *testing.T) {
	for _, p := range peers() {
		hooks := make([]bodies, 1)
		if p.several {
			hooks = make([]bodies, 3)
		}
		last := &hooks[len(hooks)-1]
		for _, c := range []struct {
			name   string
			body   bodies
			panics bool
		}{
			{"nothing fails", bodies{}, false},
			{"pre fails", bodies{pre: "fail()"}, true}, // nothing is called so in Lua and JavaScript, and it fails in Starlark
			{"post fails", bodies{post: "fail()"}, true},
		} {
			t.Run(p.name+", "+c.name, func(t *testing.T) {
				*last = c.body
				if got := panics(p.prePost(t, hooks)); got != c.panics {
					t.Errorf("want a failure: %v, got %v", c.panics, got)
				}
			})
		}
	}
}

// panics tells whether a side does when it works once.
func panics(s side) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	s(1)
	return false
}

func TestEveryPeerSetsTheNameAndKeepsTheRest(t *testing.T) {
	for _, p := range append(peers(), peer{name: "hookrun", record: getHookrun}) {
		if p.record == nil {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			s, want := newShare(1), newShare(1)
			want.Name = "renamed"
			do := p.record(t)
			for range 2 { // what is used again must work again
				if got := do(&s); !reflect.DeepEqual(got, want) {
					t.Errorf("want %+v, got %+v", want, got)
				}
			}
			if !reflect.DeepEqual(s, newShare(1)) {
				t.Errorf("the share itself was changed to %+v", s)
			}
			s.Status = "error"
			if got := do(&s); !reflect.DeepEqual(got, s) {
				t.Errorf("a share that is not available: want %+v, got %+v", s, got)
			}
		})
	}
}

func getHookrun(tb testing.TB) func(*share.Share) share.Share { return getShare(tb, readThree) }

func TestEveryPeerAddsUpWhatIsAvailable(t *testing.T) {
	for _, p := range append(peers(), peer{name: "hookrun", periodic: tickHookrun}) {
		if p.periodic == nil {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			list := newShares(10)
			list[3].Status = "error"
			do := p.periodic(t, list)
			for range 2 {
				if got := do(); got != 42 { // 0 to 9, without 3
					t.Errorf("want 42, got %d", got)
				}
			}
		})
	}
}

// tickHookrun is a tick that tells what its hook returned.
func tickHookrun(tb testing.TB, list []share.Share) func() int64 {
	var trace engine.Trace
	tick := ticks(engine.WithTrace(context.Background(), &trace), tb, list)
	return func() int64 {
		tick(1)
		return trace.Spans[len(trace.Spans)-1].Returned.(int64)
	}
}

func TestPeersReadEveryField(t *testing.T) {
	s := newShare(1)
	for _, name := range fieldNames {
		if f := field(&s, name); f == nil || reflect.ValueOf(f).Elem().IsZero() {
			t.Errorf("field %s: got %v", name, f)
		}
	}
	if f := field(&s, "sise"); f != nil {
		t.Errorf("a field that is none: got %v", f)
	}
}
