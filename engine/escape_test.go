package engine_test

import (
	"context"
	"os"
	"testing"

	"github.com/hookrun/hookrun/engine"
)

// TestAViewThatIsKeptNeverServesAgain keeps views in all ways that a script has. Other calls make views meanwhile,
// which must not be those that are kept.
func TestAViewThatIsKeptNeverServesAgain(t *testing.T) {
	source, err := os.ReadFile("testdata/keeps.lua")
	if err != nil {
		t.Fatal(err)
	}
	type anyArgs struct {
		Share share `json:"share"`
		Any   any   `json:"any"`
	}
	driver := func(context.Context, anyArgs) (any, error) { return nil, nil }
	w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", string(source)))
	ways, err := engine.Call(t.Context(), w.Engine, "list", "", func(context.Context, string) (map[string]any, error) {
		return map[string]any{}, nil
	})
	if err != nil || len(ways) < 50 {
		t.Fatalf("got %d ways to keep a view, and %v", len(ways), err)
	}
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", string(source)))
			for _, act := range []string{"read", "read", "keep", "read", "look", "read", "look", "look"} {
				s := newKept()
				s.Name, s.ID = way, act
				if _, err := engine.Call(t.Context(), w.Engine, "create_snapshot", anyArgs{Share: s}, driver); err != nil {
					t.Errorf("%s: %v", act, err)
				}
			}
		})
	}
}
