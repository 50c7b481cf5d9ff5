package tape_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

func TestAKeyWithASecretStaysDeletedInAReplay(t *testing.T) {
	t.Setenv("TAPE_TOKEN", "sk_live_abcdef0123")
	cfg, err := config.Parse(fstest.MapFS{
		"hooks.toml": {Data: []byte(`
[store]
path = "x.db"
[[services.nfs1.hooks]]
script = "hook.lua"
options = { token = "${env:TAPE_TOKEN}" }
`)},
		"hook.lua": {Data: []byte(`
function pre.grow(call)
  local key = "lock/" .. options.token
  if call.args.n == 0 then
    state.set(key, 1)
    return "set"
  end
  local said = { tostring(state.get(key)), tostring(state.delete(key)), tostring(state.get(key)), tostring(state.delete(key)) }
  for other in state.each("lock/") do said[#said + 1] = other end
  if call.args.n == 2 then state.set(key, 2) end
  said[#said + 1] = tostring(state.get(key))
  return table.concat(said, " ")
end`)},
	}, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	said := recordedAndPlayed(t, cfg, &effect.Memory{}, 0, 1, 0, 2, 1)
	want := []any{"set", "1 true nil false nil", "set", "1 true nil false 2", "2 true nil false nil"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("what was said (-want +got):\n%s", diff)
	}
}

// recordedAndPlayed makes a call with each n, and makes them again from the tape. It returns what its first run
// returned of each.
func recordedAndPlayed(t *testing.T, cfg *config.Config, kept effect.Store, calls ...int) (said []any) {
	t.Helper()
	cfg.Record.Path = filepath.Join(t.TempDir(), "calls.jsonl")
	eng, r := open(t, cfg, engine.Options{Methods: methods, Store: kept})
	for _, n := range calls {
		_, _ = engine.Call(t.Context(), eng, "grow", args{N: n}, func(context.Context, args) (result, error) { return result{}, nil })
	}
	end(t, eng, r)
	for line, played := range playedAgain(t, cfg) {
		said = append(said, line.Call.Recorded.Steps[0].Returned)
		if diff := cmp.Diff(indented(t, line.Call.Recorded), indented(t, played)); diff != "" {
			t.Errorf("%s: recorded and played (-recorded +played):\n%s", line.Place(), diff)
		}
	}
	return said
}

func TestWhatHasExpiredCountsAsMuchInAReplay(t *testing.T) {
	cfg, err := config.Parse(fstest.MapFS{
		"hooks.toml": {Data: []byte(`
[store]
path = "x.db"
[[services.nfs1.hooks]]
script = "hook.lua"
max_state = 3_000_000
max_instructions = 30_000
`)},
		"hook.lua": {Data: []byte(`
function pre.grow(call)
  local n, met = call.args.n, 0
  if n == 0 then
    for _ = 1, 2 do for key in state.each() do met = met + 1 end end
    for key in state.each("k") do met = met + 1 end
    return met
  elseif n == 1 then
    state.set("new", ("x"):rep(10000))
    local there = tostring(state.get("k0000")) .. tostring(state.delete("k0001"))
    state.set("k0002", 1)
    for key in state.each("") do met = met + 1 end
    return there .. met .. tostring(state.get("k0002"))
  end
  while true do state.each("k")() end
end`)},
	}, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	kept := &effect.Memory{}
	tx, err := kept.Scope("nfs1", "hook").Begin(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	set := func(key string, expires time.Time) {
		if err := tx.Set(effect.Entry{Key: key, Value: []byte(`"` + strings.Repeat("x", 737) + `"`), Expires: expires}, 1<<30); err != nil {
			t.Fatal(err)
		}
	}
	const expired = 3000
	for i := range expired {
		set(fmt.Sprintf("k%04d", i), time.Unix(int64(i), 0))
	}
	set("a", time.Time{})
	set("z", time.Time{})
	if _, err := kept.Commit(&effect.Commit{State: tx}); err != nil {
		t.Fatal(err)
	}
	said := recordedAndPlayed(t, cfg, kept, 2, 0, 1, 0, 2)
	if diff := cmp.Diff([]any{nil, json.Number("4"), "nilfalse41", json.Number("9"), nil}, said); diff != "" {
		t.Errorf("what was said (-want +got):\n%s", diff)
	}
}
