package tape_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/tape"
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
	cfg.Record.Path = filepath.Join(t.TempDir(), "calls.jsonl")
	eng, r := open(t, cfg, engine.Options{Methods: methods, Store: &effect.Memory{}})
	for _, n := range []int{0, 1, 0, 2, 1} {
		if _, err := engine.Call(t.Context(), eng, "grow", args{N: n}, func(context.Context, args) (result, error) { return result{}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	end(t, eng, r)
	p := &player{cfg: cfg}
	defer p.close()
	var said []any
	for line, err := range tape.Files(cfg.Record.Path) {
		switch {
		case err != nil:
			t.Fatal(err)
		case line.Header != nil:
			p.load(t, line.Header)
			continue
		}
		said = append(said, line.Call.Recorded.Steps[0].Returned)
		if diff := cmp.Diff(indented(t, line.Call.Recorded), indented(t, p.play(t, line.Call))); diff != "" {
			t.Errorf("%s: recorded and played (-recorded +played):\n%s", line.Place(), diff)
		}
	}
	want := []any{"set", "1 true nil false nil", "set", "1 true nil false 2", "2 true nil false nil"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("what was said (-want +got):\n%s", diff)
	}
}
