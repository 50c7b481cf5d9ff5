package bridge_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// TestTheEndOfARunCostsWhatItTouched: what earlier runs read of a scope is not looked through again.
func TestTheEndOfARunCostsWhatItTouched(t *testing.T) {
	script := load(t, "hook.lua", `
		function reads(result) for _, r in ipairs(result) do assert(#r.tags == 2) end end
		function touches(result) return result[1].tags[1] end
		function empty(result) end`)
	type record struct {
		Tags []string `lua:"tags"`
	}
	many := make([]record, 1000)
	for i := range many {
		many[i].Tags = []string{"a", "b"}
	}
	r, s := show(t, many)
	for _, run := range []struct {
		name    string
		touches bool
	}{{"reads", true}, {"empty", false}, {"touches", true}, {"empty", false}} {
		s.Begin()
		script.mustCall(t, run.name, r.Value())
		if s.Touched() != run.touches {
			t.Errorf("%s: touched: got %v, want %v", run.name, s.Touched(), run.touches)
		}
		if changed, err := r.Commit(bridge.Value{}, nil); changed || err != nil {
			t.Errorf("%s: changed: %v, error %v", run.name, changed, err)
		}
		s.Rollback()
	}
}

// TestWhatAnEarlierRunKeptIsCommittedByALaterOne: a script writes through lists and records that it got before.
func TestWhatAnEarlierRunKeptIsCommittedByALaterOne(t *testing.T) {
	tests := []struct {
		name, first, second string
		want                func(*share) bool
	}{
		{"a list", `kept = result.tags assert(#kept == 3)`, `kept[1] = "new"`, func(s *share) bool { return s.Tags[0] == "new" && len(s.Tags) == 3 }},
		{"a list that was never read", `kept = result.tags`, `table.insert(kept, "new")`, func(s *share) bool { return s.Tags[3] == "new" }},
		{"a list that was changed", `kept = result.tags kept[4] = "old"`, `kept[1] = "new"`, func(s *share) bool { return s.Tags[0] == "new" && len(s.Tags) == 3 }},
		{"a record of a list", `kept = result.export_locations[1]`, `kept.path = "new"`, func(s *share) bool { return s.Locations[0].Path == "new" }},
		{"a record of a list that was changed", `kept = result.export_locations[1] table.remove(result.export_locations)`, `kept.path = "new"`,
			func(s *share) bool { return s.Locations[0].Path == "new" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := load(t, "hook.lua", "function first(result) "+tt.first+" end function second() "+tt.second+" end")
			r, s := show(t, newShare())
			s.Begin()
			script.mustCall(t, "first", r.Value())
			s.Rollback()
			s.Begin()
			script.mustCall(t, "second")
			changed, err := r.Commit(bridge.Value{}, nil)
			if err != nil || !changed {
				t.Fatalf("changed: %v, error %v", changed, err)
			}
			got := r.Go().Interface().(share)
			want := newShare()
			if len(got.Locations) != len(want.Locations) || !tt.want(&got) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestAListThatARunKeptShowsTheCommittedItemsAfterwards: whoever writes into it, and however.
func TestAListThatARunKeptShowsTheCommittedItemsAfterwards(t *testing.T) {
	script := load(t, "hook.lua", `
		function keeps(result) kept = result.tags rawset(kept, 1, "mine") table.insert(kept, "mine") kept.x = nil end
		function reads(result) return table.concat(result.tags, " ") .. " " .. table.concat(kept, " ") end`)
	r, s := show(t, newShare())
	want := mustHook(t, `local t = table.concat(result.tags, " ") return t .. " " .. t`, r.Value()).Lua()
	s.Begin()
	script.mustCall(t, "keeps", r.Value())
	s.Rollback()
	s.Begin()
	if got := script.mustCall(t, "reads", r.Value()).Lua(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestRoomThatAScriptMadeInAListIsLetGo: what serves again is as large as the list was.
func TestRoomThatAScriptMadeInAListIsLetGo(t *testing.T) {
	const far = 60_000
	script := load(t, "hook.lua", fmt.Sprintf(`function stretches(result)
		local l = result.export_locations
		l[%d] = {}
		l[%[1]d] = nil
	end`, far))
	r, s := show(t, newShare())
	script.Of(s)
	s.Begin()
	script.mustCall(t, "stretches", r.Value())
	s.Rollback()
	before := heapInUse()
	s.Close()
	if after := heapInUse(); before-after < far*8 {
		t.Errorf("the heap had %d bytes and has %d, want the array of %d places let go", before, after, far)
	}
	runtime.KeepAlive(r)
}

func heapInUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestARunHoldsTheViewsItMade: what an earlier one made weighs nothing for it, nor do the service's texts.
func TestARunHoldsTheViewsItMade(t *testing.T) {
	const n = 1000
	const walk = `for _, r in pairs(result) do local id = r.id end`
	weigh := func(r *bridge.Binding) (bytes int64) {
		seen := map[*lua.LTable]bool{}
		var visit func(lua.LValue)
		visit = func(lv lua.LValue) {
			if lv, ok := lv.(*lua.LTable); ok && !seen[lv] {
				seen[lv] = true
				bytes += int64(reflect.TypeFor[lua.LTable]().Size()) + bridge.Of(lv).RetainedSize(true, visit)
				lv.ForEach(func(_, item lua.LValue) { visit(item) })
			}
		}
		visit(r.Value().Lua())
		return bytes
	}
	r, s := show(t, records(n))
	s.Begin()
	mustHook(t, walk, r.Value())
	if got := weigh(r); got < n*200 {
		t.Errorf("the run that made %d views holds %d bytes", n, got)
	}
	s.Rollback()
	s.Begin()
	mustHook(t, walk, r.Value())
	if got := weigh(r); got < 0 || got > n {
		t.Errorf("a run that made none holds %d bytes", got)
	}
	mustHook(t, `for _, r in pairs(result) do r.id = ("mine"):rep(20) end`, r.Value())
	if got := weigh(r); got < n*50 {
		t.Errorf("a run that wrote into each holds %d bytes", got)
	}
}

// TestAListOfTheServicesTextsBorrowsThem, and no others.
func TestAListOfTheServicesTextsBorrowsThem(t *testing.T) {
	for _, list := range []any{[]string{"one", "two"}, []any{"one", "two"}} {
		r, _ := show(t, list)
		mustHook(t, `result[2] = "mine" result[3] = "more"`, r.Value())
		items := r.Value().Lua().(*lua.LTable)
		for i, want := range []bool{true, false, false} {
			if got := bridge.Of(items).Borrows(i, items.RawGetInt(i+1)); got != want {
				t.Errorf("item %d: borrowed: got %v, want %v", i+1, got, want)
			}
		}
	}
}

// TestACommitThatIsStoppedAtItsEndHasNoEffect: however much of it was done by then, neither the caller nor the hooks
// that follow learn of it.
func TestACommitThatIsStoppedAtItsEndHasNoEffect(t *testing.T) {
	type box struct {
		Name string `lua:"name"`
	}
	old := &box{"old"}
	tests := map[string]struct {
		value any
		show  func(any) (*bridge.Binding, *bridge.Tx)
	}{
		"free-form data":         {any(map[string]any{"name": "old"}), showAs[any](t)},
		"an any with a pointer":  {any(old), showAs[any](t)},
		"raw JSON":               {json.RawMessage(`{"name":"old"}`), showAs[json.RawMessage](t)},
		"a pointer to a pointer": {&old, showAs[**box](t)},
		"a record":               {box{"old"}, showAs[box](t)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			script := load(t, "hook.lua", `
				function first(result) local _ = result.name return { name = "half-made" } end
				function second(result) assert(result.name == "old", result.name) result.name = "new" end
				function third(result) assert(result.name == "new", result.name) end`)
			r, s := tt.show(tt.value)
			script.Of(s)
			s.Begin()
			returned := script.mustCall(t, "first", r.Value())
			before := r.Go()
			if changed, err := r.Commit(returned, limited(0, unlimited)); changed || err != errEnough {
				t.Fatalf("the commit that is stopped: changed %v, error %v", changed, err)
			}
			if r.Changed() || !identical(r.Go(), before) {
				t.Errorf("it left %s", dump(r.Go()))
			}
			s.Rollback()
			s.Begin()
			script.mustCall(t, "second", r.Value())
			if changed, err := r.Commit(bridge.Value{}, nil); !changed || err != nil {
				t.Fatalf("the next commit: changed %v, error %v", changed, err)
			}
			s.Rollback()
			script.mustCall(t, "third", r.Value())
		})
	}
}

// showAs shows values as what a place of type T holds.
func showAs[T any](tb testing.TB) func(any) (*bridge.Binding, *bridge.Tx) {
	return func(v any) (*bridge.Binding, *bridge.Tx) { return show(tb, v.(T)) }
}

// TestAListThatTheServiceResizedIsReadAsItIs breaks the rule that what scripts saw stays as it is. What cannot be done
// then is an error in plain words.
func TestAListThatTheServiceResizedIsReadAsItIs(t *testing.T) {
	type held struct {
		Tags  []string
		Any   []any
		Disks []mDisk
	}
	made := func() *held {
		return &held{[]string{"a", "b", "c"}, []any{"a", "b", map[string]any{}}, []mDisk{{Path: "a"}, {Path: "b"}, {Path: "c"}}}
	}
	resizes := map[string]func(h *held){
		"longer": func(h *held) {
			h.Tags, h.Any, h.Disks = append(h.Tags, "d"), append(h.Any, "d"), append(h.Disks, mDisk{Path: "d"})
		},
		"shorter": func(h *held) { h.Tags, h.Any, h.Disks = h.Tags[:1], h.Any[:1], h.Disks[:1] },
		"empty":   func(h *held) { h.Tags, h.Any, h.Disks = nil, nil, nil },
	}
	const refused = ": the service made the list longer or shorter while a script was at it"
	for name, resize := range resizes {
		for _, field := range []string{"Tags", "Any", "Disks"} {
			script := load(t, "hook.lua", `
				function reads(result) kept = result.`+field+` local n = #kept last = kept[3] end
				function writes() if type(last) == "table" then last.Path = "new" end end
				function adds() kept[#kept + 1] = kept[1] end
				function length() return #kept end`)
			for _, during := range []bool{false, true} { // the run that adds an item
				h := made()
				r, s := show(t, h)
				begin := func() {
					s.Rollback()
					s.Begin()
				}
				begin()
				script.mustCall(t, "reads", r.Value())
				begin()
				if during {
					script.mustCall(t, "adds")
				}
				resize(h)
				if text, err := r.Value().AppendJSON(nil, "result", nil); err != nil && (!during || !strings.HasSuffix(err.Error(), field+refused)) {
					t.Errorf("%s %s: got JSON %s, error %v", field, name, text, err)
				}
				_, _, err := r.Uncommitted(nil)
				if during && (err == nil || !strings.HasSuffix(err.Error(), field+refused)) {
					t.Errorf("%s %s in a run: got error %v", field, name, err)
				}
				begin()
				want := reflect.ValueOf(h).Elem().FieldByName(field).Len()
				if got := script.mustCall(t, "length").Lua(); got != lua.LNumber(want) {
					t.Errorf("%s %s: a script sees %v items, want %d", field, name, got, want)
				}
				if changed, err := r.Commit(bridge.Value{}, nil); changed || err != nil {
					t.Errorf("%s %s: changed %v, error %v", field, name, changed, err)
				}
				begin()
				script.mustCall(t, "writes")
				if _, err := r.Commit(bridge.Value{}, nil); err != nil && !strings.HasSuffix(err.Error(), field+refused) {
					t.Errorf("%s %s: got error %v", field, name, err)
				}
				begin()
				if want > 0 {
					script.mustCall(t, "adds")
					if changed, err := r.Commit(bridge.Value{}, nil); !changed || err != nil {
						t.Errorf("%s %s: changed %v, error %v", field, name, changed, err)
					}
					if n := reflect.ValueOf(r.Go().Interface()).Elem().FieldByName(field).Len(); n != want+1 {
						t.Errorf("%s %s: %d items were committed", field, name, n)
					}
				}
			}
		}
	}
}
