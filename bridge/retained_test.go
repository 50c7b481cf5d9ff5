package bridge_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// reach adds up what a value holds through views, and collects the strings that are found.
func reach(v bridge.Value) (bytes int64, found string) {
	seen, texts := map[*lua.LTable]bool{}, []string{}
	var visit func(lua.LValue)
	visit = func(lv lua.LValue) {
		if s, ok := lv.(lua.LString); ok {
			texts = append(texts, string(s))
		}
		t, ok := lv.(*lua.LTable)
		if !ok || seen[t] {
			return
		}
		seen[t] = true
		bytes += bridge.Of(t).RetainedSize(false, visit)
		t.ForEach(func(k, v lua.LValue) {
			visit(k)
			visit(v)
		})
	}
	visit(v.Lua())
	return bytes, strings.Join(texts, " ")
}

func TestHeldFindsWhatScriptsPutBehindViews(t *testing.T) {
	tests := []struct{ name, body, found string }{
		{"a free field", `result.extra = mine`, "mine"},
		{"a free field's table", `result.extra = { a = { mine } }`, "mine"},
		{"a map", `result.metadata.k = mine`, "mine"},
		{"a nested record's map", `result.export_locations[1].metadata = { mine = mine }`, "mine mine"},
		{"a record of a map", `for _, place in pairs(result.places) do place.backend_details.ip = mine end`, "mine"},
		{"a list", `result.tags[1] = mine`, "mine"},
		{"a record's own text", `result.id = ("mine"):rep(20)`, "minemine"},
		{"a key that was removed", `local k = ("mine"):rep(20) result.labels[k] = "x" next(result.labels) result.labels[k] = nil`, "minemine"},
		{"a map of records", `result.named.new = { id = mine }`, "mine"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := load(t, "hook.lua", `mine = "mine" function hook(result) `+tt.body+" end")
			r, _ := show(t, newShare())
			before, _ := reach(r.Value())
			script.mustCall(t, "hook", r.Value())
			after, found := reach(r.Value())
			if !strings.Contains(found, tt.found) {
				t.Errorf("found %q, want %q", found, tt.found)
			}
			if after <= before {
				t.Errorf("holds %d bytes, and %d before", after, before)
			}
		})
	}
}

func TestHeldKnowsTheHiddenItemsOfAReadOnlyList(t *testing.T) {
	var s bridge.Tx
	var r bridge.Binding
	tags := []string{"one", "two"}
	r.Bind(&s, "result", reflect.ValueOf(&tags).Elem(), false)
	mustHook(t, "return result[1]", r.Value())
	if _, found := reach(r.Value()); found != "one two" {
		t.Errorf("found %q, want the items", found)
	}
}

func TestHeldGrowsWithTheEdit(t *testing.T) {
	const n = 10_000
	held := func(value any, body string) int64 {
		r, _ := show(t, value)
		mustHook(t, fmt.Sprintf(body, n), r.Value())
		bytes, _ := reach(r.Value())
		return bytes
	}
	tests := []struct {
		name string
		got  int64
		each int64 // bytes for each of the n values, at least
	}{
		{"assigned keys", held(map[string]any{}, `for i = 1, %d do result["key" .. i] = i end`), 32 + 16},
		{"walked keys", held(numbered(n), `for k in pairs(result) do end return %d`), 16},
		{"read records of a map", held(records(n), `for k, v in pairs(result) do end return %d`), 16 + 16 + 100},
		{"written records", held(make([]rule, n), `for i = 1, %d do result[i].id = "x" end`), 100 + 48},
	}
	for _, tt := range tests {
		if tt.got < n*tt.each || tt.got > n*1000 {
			t.Errorf("%s: %d bytes for each of %d, want at least %d", tt.name, tt.got/n, n, tt.each)
		}
	}
}

func numbered(n int) map[string]int {
	m := map[string]int{}
	for i := range n {
		m[fmt.Sprint("key", i)] = i
	}
	return m
}

func records(n int) map[string]rule {
	m := map[string]rule{}
	for i := range n {
		m[fmt.Sprint("key", i)] = rule{}
	}
	return m
}

func TestHeldIsNothingForOtherTablesAndAllocatesNothing(t *testing.T) {
	plain := bridge.ToLua([]string{"x"}).Lua().(*lua.LTable)
	if got := bridge.Of(plain).RetainedSize(false, func(lua.LValue) { t.Error("a visit") }); got != 0 {
		t.Errorf("a plain table holds %d bytes, want 0", got)
	}
	r, _ := show(t, newShare())
	mustHook(t, `result.metadata.a, result.size = "x", 1 for k in pairs(result.labels) do result.labels[k] = "new" end`, r.Value())
	visits := 0
	visit := func(lua.LValue) { visits++ }
	view := r.Value().Lua().(*lua.LTable)
	if n := testing.AllocsPerRun(10, func() { bridge.Of(view).RetainedSize(false, visit) }); n != 0 || visits == 0 {
		t.Errorf("%v allocations in %d visits, want none", n, visits)
	}
}

// TestHeldSeesThroughRecordsOfValues: what a hook's call shows are Lua values of their own.
func TestHeldSeesThroughRecordsOfValues(t *testing.T) {
	args, s := show(t, newShare())
	call := struct{ Args, Pre bridge.Value }{args.Value(), bridge.ToLua("what pre returned")}
	var r bridge.Binding
	r.Bind(s, "call", reflect.ValueOf(&call).Elem(), false)
	mustHook(t, `result.Args.extra = "mine"`, r.Value())
	if _, found := reach(r.Value()); found != "mine what pre returned" {
		t.Errorf("found %q, want both", found)
	}
}
