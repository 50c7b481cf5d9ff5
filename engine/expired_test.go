package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

func TestWhatHasExpiredCountsAgainstTheLimitsOfARun(t *testing.T) {
	const expired = 3000
	for name, test := range map[string]struct {
		source string
		set    func(*config.Hook)
		kind   engine.Kind
	}{
		"a walk past it":          {`state.each("k")()`, func(h *config.Hook) { h.MaxInstructions = expired }, engine.KindInstructions},
		"a set in its place":      {`state.set("n", 1)`, func(h *config.Hook) { h.MaxInstructions = expired }, engine.KindInstructions},
		"the memory of such sets": {`state.set("n", 1)`, func(h *config.Hook) { h.MaxMemory = 1 << 20 }, engine.KindMemory},
	} {
		t.Run(name, func(t *testing.T) {
			small := func(h *config.Hook) { h.MaxState = 1000; test.set(h) }
			w, d := storeWorld(t, hook("a", `function post(call) `+test.source+` end`, small))
			tx := beginOn(t, d.Scope("nfs1", "a"))
			for i := range expired {
				e := effect.Entry{Key: fmt.Sprintf("k%04d", i), Value: []byte("1"), Expires: time.Unix(int64(i), 0)}
				if err := tx.Set(e, 1<<30); err != nil {
					t.Fatal(err)
				}
			}
			_, _ = d.Memory.Commit(&effect.Commit{State: tx})
			_, err := w.call(share{})
			wantHookError(t, err, test.kind, "")
			if got := d.written(); strings.Contains(got, "=") {
				t.Errorf("the store wrote %q, want nothing", got)
			}
		})
	}
}
