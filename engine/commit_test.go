package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// keepMany assigns many values to the result in a few instructions: they are converted by the commit.
const keepMany = `
many = {} for i = 1, 20000 do many[i] = { i } end
function post.create_snapshot(call, result)
  result.name, result.metadata.many = "spoiled", many
end`

func TestACommitCountsToTheLimitsOfItsHook(t *testing.T) {
	tests := []struct {
		kind engine.Kind
		set  func(*config.Hook)
	}{
		{engine.KindInstructions, func(h *config.Hook) { h.MaxInstructions, h.Timeout = 300_000, time.Minute }},
		{engine.KindMemory, func(h *config.Hook) { h.MaxMemory, h.Timeout = 6<<20, time.Minute }},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			again := `for i = 1, 20 do result.metadata["m" .. i] = many end end`
			source := strings.TrimSuffix(keepMany, "end") + again
			w := newWorld(t, engine.Options{}, hook("keeps", source, tt.set),
				hook("names", `function post.create_snapshot(call, result) result.id = "seen" end`))
			got, err := w.call(share{Name: "old", Metadata: map[string]any{"owner": "me"}})
			he := wantHookError(t, err, tt.kind, "")
			if he.Hook != "keeps" || he.Phase != engine.PhasePost {
				t.Errorf("got hook %s in %s", he.Hook, he.Phase)
			}
			if got.Name != "old" || len(got.Metadata) != 1 {
				t.Errorf("something of the hook remains: %s, %d keys", got.Name, len(got.Metadata))
			}
			var trace engine.Trace
			ctx := engine.WithTrace(context.Background(), &trace)
			w.SetEnabled("keeps", false)
			if got, err = engine.Call(ctx, w.Engine, "create_snapshot", args{share{Name: "old"}}, echo); err != nil || got.ID != "seen" {
				t.Errorf("the next call: %+v, error %v", got, err)
			}
		})
	}
}

func TestATraceNotesAResultThatIsTooLarge(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("returns", `
local shared = { 1 }
for i = 1, 40 do shared = { shared, shared } end
function pre.create_snapshot() return shared end`, func(h *config.Hook) { h.Timeout = time.Minute }))
	var trace engine.Trace
	if _, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot", args{}, echo); err != nil {
		t.Fatal(err)
	}
	if s := trace.Spans[0]; s.Returned != nil || !strings.HasPrefix(s.ReturnedNote, "returned") || len(s.ReturnedNote) > 1000 {
		t.Errorf("got %.100v, note %.100s", s.Returned, s.ReturnedNote)
	}
}
