package peer

import (
	"reflect"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// What is compared must be the same work. Right fails where a peer does not do all of its work as it is meant.
func Right(t *testing.T, p Peer) {
	for _, c := range []struct {
		name  string
		has   bool
		right func(*testing.T, Peer)
	}{
		{"its last hook runs", p.PrePost != nil, runsItsLastHook},
		{"its policy decides", p.Policy != nil, decides},
		{"it sets the name and keeps the rest", p.Set != nil, sets},
		{"it sets the name in a nested record", p.SetNested != nil, setsNested},
		{"it adds up what is available", p.Sum != nil, addsUp},
		{"it computes", p.Compute != nil, computes},
	} {
		if c.has {
			t.Run(c.name, func(t *testing.T) { c.right(t, p) })
		}
	}
}

func runsItsLastHook(t *testing.T, p Peer) {
	hooks := make([]Bodies, 1)
	if p.Several {
		hooks = make([]Bodies, 3)
	}
	for _, c := range []struct {
		name string
		last Bodies
		want bool
	}{
		{"nothing fails", Bodies{}, false}, {"pre fails", Bodies{Pre: Fail}, true}, {"post fails", Bodies{Post: Fail}, true},
	} {
		hooks[len(hooks)-1] = c.last
		call := p.PrePost(t, hooks)
		if got := panics(func() { call(1) }); got != c.want {
			t.Errorf("%s: want a failure: %v, got %v", c.name, c.want, got)
		}
	}
}

// panics tells whether a function does.
func panics(do func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	do()
	return false
}

func decides(t *testing.T, p Peer) {
	may := p.Policy(t)
	for _, c := range []struct {
		name   string
		change func(*share.Share)
		want   bool
	}{
		{"a small share", func(*share.Share) {}, true},
		{"one of 500 GiB", func(s *share.Share) { s.Size = 500 }, true},
		{"a large one", func(s *share.Share) { s.Size = 501 }, false},
		{"one in error", func(s *share.Share) { s.Status = "error" }, false},
		{"one nowhere", func(s *share.Share) { s.Host = "" }, false},
		{"a small share again", func(*share.Share) {}, true},
	} {
		s := world.NewShare(1)
		c.change(&s)
		if got := may(&s); got != c.want {
			t.Errorf("%s: want %v, got %v", c.name, c.want, got)
		}
	}
}

func sets(t *testing.T, p Peer) {
	do := p.Set(t)
	setsTheName(t, func(s share.Share) (before, after share.Share) {
		after = do(&s)
		return s, after
	})
}

func setsNested(t *testing.T, p Peer) {
	do := p.SetNested(t)
	setsTheName(t, func(s share.Share) (before, after share.Share) {
		m := world.Managed{Task: "manage", Share: s}
		got := do(&m)
		if got.Task != m.Task {
			t.Errorf("want task %q, got %q", m.Task, got.Task)
		}
		return m.Share, got.Share
	})
}

// setsTheName gives shares to a peer, and looks at what has become of them: before, which must be as it was, and after.
func setsTheName(t *testing.T, do func(share.Share) (before, after share.Share)) {
	failed := world.NewShare(1)
	failed.Status = "error"
	renamed := world.NewShare(1)
	renamed.Name = "renamed"
	for _, c := range []struct {
		name        string
		given, want share.Share
	}{
		{"an available share", world.NewShare(1), renamed},
		{"what is used again", world.NewShare(1), renamed},
		{"a share in error", failed, failed},
	} {
		before, after := do(c.given)
		if !reflect.DeepEqual(after, c.want) {
			t.Errorf("%s: want %+v, got %+v", c.name, c.want, after)
		}
		if !reflect.DeepEqual(before, c.given) {
			t.Errorf("%s was itself changed: want %+v, got %+v", c.name, c.given, before)
		}
	}
}

func addsUp(t *testing.T, p Peer) {
	list := world.NewShares(10)
	list[3].Status = "error"
	do := p.Sum(t, list)
	for range 2 {
		if got := do(); got != 42 { // 0 to 9, without 3
			t.Errorf("want 42, got %d", got)
		}
	}
}

func computes(t *testing.T, p Peer) {
	for task, program := range p.Programs {
		if task == Endless {
			continue
		}
		do := p.Compute(t, program)
		for range 2 {
			if got := do(); got != task.Want {
				t.Errorf("%s: want %d, got %d", task.Name, task.Want, got)
			}
		}
	}
}

// tight are limits that an endless loop soon reaches.
var tight = Limits{Steps: 100_000, Memory: 8 << 20, Timeout: 20 * time.Millisecond}

// Ends fails where the limits of a peer do not end an endless loop, or where the peer cannot go on after that.
func Ends(t *testing.T, open func(Limits) Peer) {
	p := open(tight)
	do := p.Compute(t, p.Programs[Endless])
	for range 2 {
		if !panics(func() { do() }) {
			t.Error("want it ended, got no error")
		}
	}
}
