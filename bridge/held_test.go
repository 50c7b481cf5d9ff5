package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// storage has a place of each kind behind whose views something may be held.
type storage struct {
	Meta   map[string]string            `lua:"meta"`
	Maps   []map[string]string          `lua:"maps"`
	Names  map[string]map[string]string `lua:"names"`
	Main   rule                         `lua:"main"`
	Nested server                       `lua:"nested"`
	Rules  []rule                       `lua:"rules"`
	Sizes  []*sizes                     `lua:"sizes"`
	Raw    map[string]json.RawMessage   `lua:"raw"`
	Tiny   map[string]json.RawMessage   `lua:"tiny"`
	Counts map[int]bool                 `lua:"counts"`
	Nets   []map[zone]int               `lua:"nets"`
}

type sizes struct {
	Used zone `lua:"used"`
}

// zone is a key with text methods.
type zone struct{ name string }

func (z zone) MarshalText() ([]byte, error) { return []byte(z.name), nil }

func (z *zone) UnmarshalText(text []byte) error {
	z.name = string(text)
	return nil
}

func newStorage() *storage {
	s := &storage{
		Meta: map[string]string{"a": "b"}, Names: map[string]map[string]string{}, Raw: map[string]json.RawMessage{},
		Tiny: map[string]json.RawMessage{}, Counts: map[int]bool{}, Rules: make([]rule, 20_000),
	}
	for i := range 40 {
		s.Maps = append(s.Maps, map[string]string{"a": "b"})
		s.Sizes = append(s.Sizes, new(sizes))
		s.Raw[fmt.Sprint("k", i)] = json.RawMessage("[" + strings.Repeat(`"a text",`, 20_000) + "1]")
		nets := map[zone]int{}
		for j := range 2000 {
			nets[zone{fmt.Sprint("some longer name ", i, j)}] = j
		}
		s.Nets = append(s.Nets, nets)
	}
	for range 360 {
		s.Sizes = append(s.Sizes, new(sizes))
	}
	for i := range 400 {
		s.Tiny[fmt.Sprint("k", i)] = json.RawMessage("[" + strings.Repeat("{},", 600) + "{}]")
	}
	for i := range 200_000 {
		s.Counts[1_000_000_000+i] = true
	}
	return s
}

// TestWhatATransactionHoldsForARunCounts: no script gets past its memory by way of its views, whether it can still
// reach what they hold or not, and although an earlier run has made some of them.
func TestWhatATransactionHoldsForARunCounts(t *testing.T) {
	long.Only(t)
	tests := map[string]string{
		"a map that is overwritten":          `for i = 1, 1000 do result.meta = nil result.meta.x = ("x"):rep(60000) .. i end`,
		"small maps that are overwritten":    `for i = 1, 50000 do result.meta = nil result.meta.x = "y" end`,
		"a map of a map":                     `for i = 1, 1000 do result.names.x = null result.names.x.y = ("x"):rep(60000) .. i end`,
		"a list that is overwritten":         `for i = 1, 1000 do result.rules = nil result.rules[1] = {id = ("x"):rep(60000) .. i} end`,
		"small lists that are overwritten":   `for i = 1, 50000 do result.rules = nil local _ = result.rules[1] end`,
		"a record that is overwritten":       `for i = 1, 1000 do result.main = nil result.main.id = ("x"):rep(60000) .. i end`,
		"what lies in an overwritten record": `for i = 1, 1000 do result.nested = nil result.nested.backend_details.x = ("x"):rep(60000) .. i end`,
		"keys that were removed": `for _, m in ipairs(result.maps) do
			for i = 1, 10000 do m["k" .. i] = "" end
			for i = 1, 10000 do m["k" .. i] = nil end
		end`,
		"keys that were removed after a walk": `for _, m in ipairs(result.maps) do
			for i = 1, 4000 do m[i .. ("k"):rep(50)] = "" end
			next(m)
			for i = 1, 4000 do m[i .. ("k"):rep(50)] = nil end
		end`,
		"texts of numbers, in the order of a walk": `next(result.counts) for i = 1, 1e5 do local _ = {i} end`,
		"texts of keys with text methods":          `for _, m in ipairs(result.nets) do local _ = m.x end`,
		"raw JSON":                                 `for _, list in pairs(result.raw) do end`,
		"much raw JSON that is small":              `for _, list in pairs(result.tiny) do end`,
		"texts of the host's types":                `for i, s in ipairs(result.sizes) do s.used = ("x"):rep(60000) .. i end`,
		"short texts of records": `for i, r in ipairs(result.rules) do
			local s = i .. ("x"):rep(50)
			r.id, r.access_level, r.access_to = s .. 1, s .. 2, s .. 3
		end`,
	}
	limits := map[string]int64{
		"texts of numbers, in the order of a walk": 4 << 20, "short texts of records": 10 << 20, "keys that were removed after a walk": 8 << 20,
	}
	value := newStorage()
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			lim := roomy
			if lim.Memory = limits[name]; lim.Memory == 0 {
				lim.Memory = 2 << 20
			}
			script := load(t, "hook.lua", "function reads(result) for k, v in pairs(result) do end end function hook(result) "+body+"\nend")
			r, s := show(t, *value)
			script.Of(s)
			s.Begin()
			script.mustCall(t, "reads", r.Value())
			s.Rollback()
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

// TestWhatRawJSONIsDecodedToWeighsWhatItTakes: about so, for texts of every shape.
func TestWhatRawJSONIsDecodedToWeighsWhatItTakes(t *testing.T) {
	long.Only(t)
	texts := []string{
		"[" + strings.Repeat(`"a text",`, 20_000) + "1]",
		"[" + strings.Repeat("1,", 20_000) + "1]",
		"[" + strings.Repeat("{},", 600) + "{}]",
		"[" + strings.Repeat("[],", 600) + "[]]",
		"[" + strings.Repeat(`{"a":1},`, 600) + "{}]",
		string(marshaled(t, numbered(1000))),
		`{"a":{"b":[1,2,3]},"c":"some text of a length","d":null}`,
	}
	for _, text := range texts {
		value := map[string]json.RawMessage{}
		for i := range 100 {
			value[fmt.Sprint("k", i)] = json.RawMessage(text)
		}
		script := load(t, "hook.lua", "function hook(result) for k, v in pairs(result) do end end")
		r, s := show(t, value)
		script.Of(s)
		before := heapInUse()
		script.mustCall(t, "hook", r.Value())
		taken := heapInUse() - before
		if weight, _ := reach(r.Value()); float64(weight) < 0.7*float64(taken) || float64(weight) > 1.7*float64(taken) {
			t.Errorf("%.20s…: weighs %d bytes, takes %d", text, weight, taken)
		}
		runtime.KeepAlive(value)
	}
}

// TestTheServicesOwnKeysWeighNothing: a walk of a map takes room for their order only.
func TestTheServicesOwnKeysWeighNothing(t *testing.T) {
	weigh := func(length int) (bytes int64, found string) {
		m := map[string]int{}
		for i := range 1000 {
			m[fmt.Sprint(strings.Repeat("k", length), 1000+i)] = i
		}
		r, _ := show(t, m)
		mustHook(t, "next(result)", r.Value())
		return reach(r.Value())
	}
	short, _ := weigh(1)
	for _, length := range []int{50, 100} {
		if long, found := weigh(length); short != long || found != "" {
			t.Errorf("short keys take %d bytes, keys of %d bytes take %d, and visit %.20q", short, length, long, found)
		}
	}
}

// TestATextOfAHostsTypeThatIsWrittenAgainCountsOnce: only the last one is held.
func TestATextOfAHostsTypeThatIsWrittenAgainCountsOnce(t *testing.T) {
	long.Only(t)
	script := load(t, "hook.lua", `function hook(result)
		for i = 1, 1000 do
			for _, s in ipairs(result.sizes) do s.used = ("x"):rep(60) .. i end
		end
	end`)
	r, s := show(t, storage{Sizes: newStorage().Sizes})
	script.Of(s)
	s.Begin()
	fn, _ := script.Function("hook")
	lim := roomy
	lim.Memory = 2 << 20
	if _, err := script.Run(context.Background(), &lim, fn, r.Value()); err != nil {
		t.Error(err)
	}
}
