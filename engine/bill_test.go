package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// TestARunPaysForWhatItMade: what one hook read of the arguments is not held against the next.
func TestARunPaysForWhatItMade(t *testing.T) {
	long.Only(t)
	type record struct {
		ID       string         `lua:"id"`
		Metadata map[string]any `lua:"metadata"`
	}
	type request struct {
		Records []record `lua:"records"`
	}
	many := request{Records: make([]record, 60_000)}
	for i := range many.Records {
		many.Records[i].Metadata = map[string]any{"n": i}
	}
	source := `
function pre.create_snapshot(call)
  for _, r in ipairs(call.args.records) do local n = r.metadata.n end
end`
	large := `
function pre.create_snapshot(call)
  local mine = {}
  for i = 1, 120000 do mine[i] = { i, i, i, i, i, i, i, i, i } end
  for i = 1, 20000 do local garbage = ("x"):rep(1000) end
  assert(#call.args.records == 60000)
end`
	w := newWorld(t, engine.Options{},
		hook("reads", source, patient), hook("large", large, patient), hook("reads-again", source, patient), hook("large-again", large, patient))
	driver := func(context.Context, request) (any, error) { return nil, nil }
	if _, err := engine.Call(t.Context(), w.Engine, "create_snapshot", many, driver); err != nil {
		t.Error(err)
	}
}

// patient gives a hook all the time that a busy machine may need.
func patient(h *config.Hook) { h.Timeout = time.Minute }
