package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

const mayHold = 8 << 20

func roomy(h *config.Hook) { h.MaxMemory, h.Timeout, h.MaxInstructions = mayHold, time.Minute, 1e9 }

// What a hook holds counts while its changes become Go data, since both are there then.
func TestCommitCountsWhatTheHookHolds(t *testing.T) {
	const tables = `local list = {} for i = 1, 10000 do list[i] = { a = i } end ` // some 6 MiB, and 4 as Go data
	for name, source := range map[string]string{
		"what it returned": tables + `return { metadata = { list = list } }`,
		"what it assigned": tables + `result.metadata.list = list`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("hoards", `function post.create_snapshot(call, result) `+source+` end`, roomy))
			_, err := engine.Call(context.Background(), w.Engine, "create_snapshot", args{}, echo)
			var failed *engine.HookError
			if !errors.As(err, &failed) || failed.Kind != engine.KindMemory {
				t.Errorf("got error %v, want one of kind memory", err)
			}
		})
	}
}

// numbers are ids that no double holds.
type numbers struct {
	Lists [][]int64 `json:"lists"`
}

func manyNumbers(lists, each int) numbers {
	n := numbers{make([][]int64, lists)}
	for i := range n.Lists {
		n.Lists[i] = make([]int64, each)
		for j := range each {
			n.Lists[i][j] = 1<<53 + 1 + 2*int64(i*each+j)
		}
	}
	return n
}

// What is noted of integers that no double holds is the run's that met them, and of no later one.
func TestNotesOfLongIntegersCount(t *testing.T) {
	const walk = `for _, list in ipairs(call.args.lists) do for _, id in ipairs(list) do last = tostring(id) end end`
	for _, tt := range []struct {
		name   string
		lists  int
		source string
		want   engine.Kind
	}{
		{"too many", 6, walk, engine.KindMemory}, // 1 MiB of lists, and 13 of notes
		{"a few", 1, walk, ""},
		{"those of an earlier hook", 2, `local t = {} for i = 1, 100 do t[i] = ("x"):rep(40000) end`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := hook("all", `function pre.count(call) `+walk+` end`, func(h *config.Hook) { h.Timeout = time.Minute })
			w := newWorld(t, engine.Options{}, all, hook("counts", `function pre.count(call) `+tt.source+` end`, roomy))
			if tt.want != "" {
				if err := w.SetEnabled("all", false); err != nil {
					t.Fatal(err)
				}
			}
			_, err := engine.Call(context.Background(), w.Engine, "count", manyNumbers(tt.lists, 12_000),
				func(context.Context, numbers) (int, error) { return 0, nil })
			var failed *engine.HookError
			if errors.As(err, &failed); (err != nil) != (tt.want != "") || failed != nil && failed.Kind != tt.want {
				t.Errorf("got error %v, want kind %q", err, tt.want)
			}
		})
	}
}

// variadic is a host object.
type variadic struct{}

// Take takes any number of values.
func (variadic) Take(values ...any) int { return len(values) }

// What a host method is given is held as a whole while it runs, however often one value is in it.
func TestTheArgumentsOfAHostMethodCountTogether(t *testing.T) {
	w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"host": {Value: variadic{}, Methods: []string{"Take"}}}}, hook("a", `
local list, all = {}, {}
for i = 1, 100 do list[i] = i end
for i = 1, 1000 do all[i] = list end
local many = {}
for i = 1, 8 do many[i] = all end
function pre.one() assert(host:Take(all) == 1) end
function pre.many() host:Take(unpack(many)) end`, func(h *config.Hook) { h.MaxMemory = 8 << 20 }))
	for range 2 {
		must(0, w.made(t.Context(), "one"))
		if err := w.made(t.Context(), "many"); !strings.Contains(failureOf(err), "memory") {
			t.Errorf("got %v, want that there is not enough memory", err)
		}
	}
}
