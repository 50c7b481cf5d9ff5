package tape_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// refusing is a store that refuses something of a call, outside of its runs.
type refusing struct {
	effect.Memory
	room, open, write error
}

func (s *refusing) Reserve(n int) error {
	if s.room != nil {
		return s.room
	}
	return s.Memory.Reserve(n)
}

func (s *refusing) Commit(c *effect.Commit) (effect.Ticket, error) {
	if c.Open != nil && c.State == nil && !c.Owed { // what the pre functions have done that did nothing for the store
		if s.open != nil {
			return nil, s.open
		} else if s.write != nil {
			return lost{s.write}, nil
		}
	}
	return s.Memory.Commit(c)
}

// lost is a commit that cannot be written.
type lost struct{ err error }

func (l lost) Wait(context.Context) error { return l.err }

func TestACallThatTheStoreRefusedIsRefusedInAReplay(t *testing.T) {
	cfg, err := config.Parse(fstest.MapFS{
		"hooks.toml": {Data: []byte(`
[store]
path = "x.db"
[[services.nfs1.hooks]]
script = "acts.lua"
[[services.nfs1.hooks]]
script = "looks.lua"
`)},
		"acts.lua": {Data: []byte(`
function pre.grow() state.set("a", 1) return 1 end
function post.grow() events.publish("grown", {}) end
function failed.grow(call, err) state.delete("a") log.info(err.message) end
function finally.grow(call, outcome) log.info(outcome.status) end`)},
		"looks.lua": {Data: []byte(`function pre.grow() return 2 end`)},
	}, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	for name, test := range map[string]struct {
		store *refusing
		steps int
		code  string
	}{
		"no room for what it may publish":             {&refusing{room: effect.ErrOutboxFull}, 1, "outbox_full"},
		"no room, as the store is broken":             {&refusing{room: full}, 1, "store"},
		"no more of what its pre functions have done": {&refusing{open: full}, 4, "store"},
		"and when that is to be written":              {&refusing{write: full}, 4, "store"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Record.Path = filepath.Join(t.TempDir(), "calls.jsonl")
			eng, r := open(t, cfg, engine.Options{Methods: methods, Store: test.store})
			_, err := engine.Call(t.Context(), eng, "grow", args{}, func(context.Context, args) (result, error) {
				t.Error("the driver was called")
				return result{}, nil
			})
			if engine.ErrorCode(err) != test.code {
				t.Errorf("got %v, want an error with the code %s", err, test.code)
			}
			_ = eng.Close()
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			for line, played := range playedAgain(t, cfg) {
				if n := len(line.Call.Recorded.Steps); n != test.steps {
					t.Errorf("the tape has %d runs, want %d", n, test.steps)
				}
				if diff := cmp.Diff(indented(t, line.Call.Recorded), indented(t, played)); diff != "" {
					t.Errorf("recorded and played (-recorded +played):\n%s", diff)
				}
			}
		})
	}
}
