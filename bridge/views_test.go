package bridge_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/bridge"
)

func TestMovedItemsKeepTheirGoTypes(t *testing.T) {
	before := *fixtures["mixed"]().(*[]any)
	tests := []struct {
		name, body string
		from       []int // for each item after, the index it had before; -1 for new ones
	}{
		{"insert at the front", `table.insert(result, 1, "new")`, []int{-1, 0, 1, 2, 3, 4, 5, 6, 7, 8}},
		{"insert in the middle", `table.insert(result, 5, {})`, []int{0, 1, 2, 3, -1, 4, 5, 6, 7, 8}},
		{"append", `result[#result + 1] = 5`, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, -1}},
		{"remove", `table.remove(result, 4)`, []int{0, 1, 2, 4, 5, 6, 7, 8}},
		{"remove and append", `local x = table.remove(result, 4); result[#result + 1] = x`, []int{0, 1, 2, 4, 5, 6, 7, 8, 3}},
		{"swap", `result[1], result[9] = result[9], result[1]`, []int{8, 1, 2, 3, 4, 5, 6, 7, 0}},
		{"replace one", `result[3] = "other"`, []int{0, 1, -1, 3, 4, 5, 6, 7, 8}},
		{"reverse", `for i = 1, 4 do result[i], result[10 - i] = result[10 - i], result[i] end`, []int{8, 7, 6, 5, 4, 3, 2, 0, 1}},
		{"items that read the same, in order", `local x, y = result[3], result[4]
			while #result > 0 do table.remove(result) end
			result[1], result[2], result[3], result[4] = y, 1, x, 1`, []int{3, 0, 2, 1}},
		{"copy", `result[#result + 1] = result[4]`, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 3}},
		{"keep two", `local a, b = result[4], result[9]
			while #result > 0 do table.remove(result) end
			result[1], result[2] = b, a`, []int{8, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, s := show(t, before)
			mustHook(t, tt.body, r.Value())
			if _, err := r.Commit(bridge.Value{}, nil); err != nil {
				t.Fatal(err)
			}
			s.Rollback()
			after := r.Go().Interface().([]any)
			if len(after) != len(tt.from) {
				t.Fatalf("got %d items, want %d", len(after), len(tt.from))
			}
			for i, from := range tt.from {
				if from >= 0 && !identical(reflect.ValueOf(&after[i]).Elem(), reflect.ValueOf(&before[from]).Elem()) {
					t.Errorf("item %d: got %T %v, want the very %T %v", i, after[i], after[i], before[from], before[from])
				}
			}
		})
	}
}

func TestPointersKeepTheirIdentity(t *testing.T) {
	type node struct {
		Name string
		Next *node
		Any  any
		Deep **node
	}
	leaf := &node{Name: "leaf"}
	n := node{Next: &node{Next: leaf}, Any: leaf, Deep: &leaf}
	n.Next.Any = n.Next // Go data may go round in circles
	tests := []struct {
		name, body string
		same       func(got node) bool
	}{
		{"a nested change makes new pointers on the ways to it only", `result.Next.Name = "x"`,
			func(got node) bool {
				return got.Next != n.Next && got.Next.Next == leaf && got.Any == any(leaf) && got.Deep == n.Deep && got.Next.Any == any(got.Next)
			}},
		{"a pointer moves as it is", `result.Next = result.Next.Next`, func(got node) bool { return got.Next == leaf }},
		{"also to where any value goes, and from there", `result.Any, result.Next = result.Next, result.Any`,
			func(got node) bool { return got.Any == any(n.Next) && got.Next == leaf }},
		{"through a list", `result.Any = { result.Next }`, func(got node) bool { return got.Any.([]any)[0] == any(n.Next) }},
		{"a changed one in a free place is still a pointer", `result.Any.Name = "changed"`,
			func(got node) bool { return got.Any.(*node).Name == "changed" && leaf.Name == "leaf" }},
		{"a changed one moved to a free place is still a pointer", `result.Next.Name = "changed"; result.Any = result.Next`,
			func(got node) bool { return got.Any.(*node).Name == "changed" && got.Next.Name == "changed" }},
		{"a circle in Go can be walked", `assert(result.Next.Any.Any.Any.Any.Next.Name == "leaf")`,
			func(got node) bool { return got.Next == n.Next }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := edited(t, n, tt.body)
			if !tt.same(got) {
				t.Errorf("%s: got %+v", tt.body, got)
			}
		})
	}
}

func TestUntouchedNilAndEmptyStayWhatTheyAre(t *testing.T) {
	type lists struct {
		NilList, EmptyList []string
		NilMap, EmptyMap   map[string]int
		Any                []any
	}
	before := lists{EmptyList: []string{}, EmptyMap: map[string]int{}, Any: []any{[]string(nil), map[string]any(nil), []any{}, nil}}
	body := `
		for _, v in pairs(result) do
			assert(type(v) == "table")
			for k in pairs(v) do assert(v ~= result.NilList and v ~= result.EmptyMap) end
		end
		table.insert(result.NilList, "x")
		table.remove(result.NilList)
		result.NilMap.x = 1
		result.NilMap.x = nil
		for _, v in ipairs(result.Any) do if v ~= null then assert(#v == 0) end end`
	got, changed := edited(t, before, body)
	if diff := cmp.Diff(before, got); diff != "" || changed {
		t.Errorf("changed %v (-want +got):\n%s", changed, diff)
	}
}

func TestCommittedValueIsNoPrivateCopyOfAView(t *testing.T) {
	type inner struct{ Name string }
	type outer struct {
		Size  int
		Inner inner
		List  []inner
		Map   map[string]int
	}
	r, s := show(t, outer{List: []inner{{"a"}}, Map: map[string]int{"a": 1}})
	script := load(t, "hook.lua", `
		function first(result)
			kept, list, item, map = result, result.List, result.List[1], result.Map
			result.Size, result.Inner.Name, item.Name, map.a, list[2] = 1, "one", "one", 1.0 + 1, { Name = "two" }
		end
		function second()
			kept.Size, kept.Inner.Name, item.Name, map.a, map.b, list[1], list[2] = 9, "nine", "nine", 9, 9, { Name = "nine" }, { Name = "nine" }
		end`)
	script.mustCall(t, "first", r.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err != nil {
		t.Fatal(err)
	}
	s.Rollback()
	want := outer{1, inner{"one"}, []inner{{"one"}, {"two"}}, map[string]int{"a": 2}}
	script.mustCall(t, "second")
	if diff := cmp.Diff(want, r.Go().Interface()); diff != "" {
		t.Errorf("a write to an old view reached the committed value (-want +got):\n%s", diff)
	}
	s.Rollback()
	if changed, err := r.Commit(bridge.Value{}, nil); changed || err != nil {
		t.Errorf("got changed %v, error %v, want none", changed, err)
	}
}

func TestLookingAtAViewLeavesItAlone(t *testing.T) {
	// Assigning, encoding and logging a view look at it while it has writes that are taken back later.
	type rec struct {
		Size int
		List []string
		Any  any
	}
	got, _ := edited(t, rec{List: []string{"a"}}, `
		result.Size = 5
		table.insert(result.List, "x")
		local copy = { result.List }
		result.Any = copy
		result.Any = result.List
		assert(json.encode(result) == '{"Any":["a","x"],"List":["a","x"],"Size":5}', json.encode(result))
		log.info("look", result)
		result.Any = nil
		table.remove(result.List)`)
	if diff := cmp.Diff(rec{Size: 5, List: []string{"a"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLargeTableIsCheckedWholeByTheCommitOnly(t *testing.T) {
	r, s := show(t, struct {
		List []string
		Map  map[string]any
	}{})
	tests := []struct{ name, body, commit, raises string }{
		{"a mistake at the beginning", `local t = {} for i = 1, 500 do t[i] = "x" end t[5] = 5; result.List = t`,
			"", "hook.lua:1: result.List[5]: want string, got number"},
		{"a mistake far behind", `local t = {} for i = 1, 5000 do t[i] = "x" end t[4000] = 5; result.List = t`,
			"result.List[4000]: want string, got number", ""},
		{"a mistake in a large map", `local t = {} for i = 1, 5000 do t["k" .. i] = i end t.k5000 = print; result.Map.x = t`,
			"result.Map.x.k5000: want data, got function", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer s.Rollback()
			_, err := hook(t, tt.body, r.Value())
			if fmt.Sprint(err) != tt.raises && (err != nil || tt.raises != "") {
				t.Fatalf("got error %v, want %q", err, tt.raises)
			}
			if err != nil {
				return
			}
			if _, err := r.Commit(bridge.Value{}, nil); err == nil || err.Error() != tt.commit {
				t.Errorf("got commit error %v, want %s", err, tt.commit)
			}
		})
	}
}

func TestSpecialFloatsSurviveMoves(t *testing.T) {
	type floats struct {
		F    float64
		F32  float32
		List []float32
		Size int
	}
	before := floats{math.Inf(1), float32(math.NaN()), []float32{float32(math.NaN()), 0.1, float32(math.Inf(-1))}, 0}
	got, _ := edited(t, before, `
		result.F, result.F32 = result.F, result.F32
		table.insert(result.List, 1, 5)
		result.List[2], result.List[3] = result.List[3], result.List[2]
		result.Size = 1`)
	want := floats{before.F, before.F32, []float32{5, 0.1, float32(math.NaN()), float32(math.Inf(-1))}, 1}
	if !equal(reflect.ValueOf(got), reflect.ValueOf(want)) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnIntegerAndATextOfItsDigitsAreNotTheSameItem(t *testing.T) {
	before := []any{"9007199254740993", json.Number("9007199254740993"), int64(1<<53 + 1)}
	for body, want := range map[string][]any{
		`result[1], result[2] = result[2], result[1]`: {before[1], before[0], before[2]},
		`result[1], result[3] = result[3], result[1]`: {before[2], before[1], before[0]},
	} {
		if got, _ := edited(t, before, body); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", body, got, want)
		}
	}
}
