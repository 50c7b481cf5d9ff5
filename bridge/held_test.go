package bridge_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/hookrun/hookrun/internal/sandbox"
)

// storage has a place of each kind behind whose views something may be held.
type storage struct {
	Meta   map[string]string            `lua:"meta"`
	Names  map[string]map[string]string `lua:"names"`
	Main   rule                         `lua:"main"`
	Nested server                       `lua:"nested"`
	Rules  []rule                       `lua:"rules"`
}

func newStorage() *storage {
	return &storage{Meta: map[string]string{"a": "b"}, Names: map[string]map[string]string{}, Rules: make([]rule, 1)}
}

// TestWhatATransactionHoldsForARunCounts: no script gets past its memory by way of its views, whether it can still
// reach what they hold or not.
func TestWhatATransactionHoldsForARunCounts(t *testing.T) {
	tests := map[string]string{
		"a map that is overwritten":          `for i = 1, 1000 do result.meta = nil result.meta.x = ("x"):rep(60000) .. i end`,
		"small maps that are overwritten":    `for i = 1, 50000 do result.meta = nil result.meta.x = "y" end`,
		"a map of a map":                     `for i = 1, 1000 do result.names.x = null result.names.x.y = ("x"):rep(60000) .. i end`,
		"a list that is overwritten":         `for i = 1, 1000 do result.rules = nil result.rules[1] = {id = ("x"):rep(60000) .. i} end`,
		"small lists that are overwritten":   `for i = 1, 50000 do result.rules = nil local _ = result.rules[1] end`,
		"a record that is overwritten":       `for i = 1, 1000 do result.main = nil result.main.id = ("x"):rep(60000) .. i end`,
		"what lies in an overwritten record": `for i = 1, 1000 do result.nested = nil result.nested.backend_details.x = ("x"):rep(60000) .. i end`,
	}
	value := newStorage()
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			lim := roomy
			lim.Memory = 2 << 20
			script := load(t, "hook.lua", "function hook(result) "+body+"\nend")
			r, s := show(t, *value)
			script.Of(s)
			s.Begin()
			fn, _ := script.Function("hook")
			_, err := script.Run(context.Background(), &lim, fn, r.Value())
			var stopped *sandbox.Error
			if !errors.As(err, &stopped) || stopped.Kind != sandbox.KindMemory {
				t.Errorf("got error %v, want one for its memory", err)
			}
			s.Rollback()
		})
	}
}

// TestARollbackLetsGoOfWhatWasOverwritten: the call goes on without it.
func TestARollbackLetsGoOfWhatWasOverwritten(t *testing.T) {
	script := load(t, "hook.lua", `function hook(result)
		for i = 1, 100 do
			result.meta, result.rules = nil, nil
			result.meta.x = ("x"):rep(100000) .. i
			result.rules[1] = {id = ("x"):rep(100000) .. i}
		end
	end`)
	r, s := show(t, *newStorage())
	script.Of(s)
	r.Value()
	before := heapInUse()
	s.Begin()
	script.mustCall(t, "hook", r.Value())
	s.Rollback()
	if grown := heapInUse() - before; grown > 2<<20 {
		t.Errorf("the heap has %d bytes more", grown)
	}
	runtime.KeepAlive(r)
}

// TestAViewThatWasOverwrittenIsRolledBack, where the script has kept it.
func TestAViewThatWasOverwrittenIsRolledBack(t *testing.T) {
	script := load(t, "hook.lua", `
		function keeps(result)
			result.meta = nil
			kept = result.meta
			kept.x = "y"
			result.meta = nil
		end
		function reads() assert(kept.x == nil and next(kept) == nil) end`)
	r, s := show(t, *newStorage())
	script.Of(s)
	s.Begin()
	script.mustCall(t, "keeps", r.Value())
	s.Rollback()
	s.Begin()
	script.mustCall(t, "reads")
}
