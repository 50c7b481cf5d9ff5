package patch_test

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/internal/patch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type location struct {
	Path string         `json:"path"`
	Meta map[string]any `json:"metadata"`
}

type result struct {
	Size      int64      `json:"size"`
	Locations []location `json:"export_locations"`
	At        time.Time  `json:"at,omitzero"`
}

func TestChangesAreOperations(t *testing.T) {
	type m = map[string]any
	tests := map[string]struct {
		before, after any
		want          string
	}{
		"none":            {m{"a": 1}, m{"a": 1}, ``},
		"replace":         {m{"a": 1}, m{"a": "x"}, `{"op":"replace","path":"/a","old":1,"value":"x"}`},
		"add":             {m{}, m{"a": nil}, `{"op":"add","path":"/a","value":null}`},
		"remove":          {m{"a": nil}, m{}, `{"op":"remove","path":"/a","old":null}`},
		"sorted":          {m{"c": 1, "a": 1}, m{"b": 1, "a": 2}, `{"op":"replace","path":"/a","old":1,"value":2}{"op":"add","path":"/b","value":1}{"op":"remove","path":"/c","old":1}`},
		"escaped":         {m{"a/b~c": 1}, m{"a/b~c": 2}, `{"op":"replace","path":"/a~1b~0c","old":1,"value":2}`},
		"html is plain":   {m{"a": ""}, m{"a": "<&>"}, `{"op":"replace","path":"/a","old":"","value":"<&>"}`},
		"large integer":   {m{"a": int64(9007199254740993)}, m{"a": int64(9007199254740992)}, `{"op":"replace","path":"/a","old":9007199254740993,"value":9007199254740992}`},
		"same number":     {m{"a": json.Number("1.50"), "b": json.Number("1e2"), "c": json.Number("-0")}, m{"a": 1.5, "b": 100, "c": 0}, ``},
		"near number":     {m{"a": json.Number("10")}, m{"a": json.Number("1")}, `{"op":"replace","path":"/a","old":10,"value":1}`},
		"digits kept":     {m{"a": json.Number("1.50")}, m{"a": json.Number("0.010")}, `{"op":"replace","path":"/a","old":1.50,"value":0.010}`},
		"number as text":  {m{"a": 1}, m{"a": "1"}, `{"op":"replace","path":"/a","old":1,"value":"1"}`},
		"list to map":     {m{"a": []any{}}, m{"a": m{}}, `{"op":"replace","path":"/a","old":[],"value":{}}`},
		"map to null":     {m{"a": m{}}, m{"a": nil}, `{"op":"replace","path":"/a","old":{},"value":null}`},
		"null to list":    {m{"a": nil}, m{"a": []any{}}, `{"op":"replace","path":"/a","old":null,"value":[]}`},
		"list emptied":    {m{"a": []any{1}}, m{"a": []any{}}, `{"op":"remove","path":"/a/0","old":1}`},
		"first taken":     {[]int{1, 2, 3}, []int{2, 3}, `{"op":"remove","path":"/0","old":1}`},
		"first put in":    {[]int{2, 3}, []int{1, 2, 3}, `{"op":"add","path":"/0","value":1}`},
		"last put in":     {[]int{1}, []int{1, 2, 3}, `{"op":"add","path":"/1","value":2}{"op":"add","path":"/2","value":3}`},
		"whole value":     {nil, m{"a": 1}, `{"op":"replace","path":"","old":null,"value":{"a":1}}`},
		"whole scalar":    {"a", "b", `{"op":"replace","path":"","old":"a","value":"b"}`},
		"whole to null":   {[]any{}, nil, `{"op":"replace","path":"","old":[],"value":null}`},
		"typed":           {result{Size: 1}, result{Size: 2}, `{"op":"replace","path":"/size","old":1,"value":2}`},
		"typed to plain":  {result{Size: 1}, m{"size": 1, "export_locations": nil}, ``},
		"inside an item":  {result{Locations: []location{{Path: "/a"}, {Path: "/b"}}}, result{Locations: []location{{Path: "/a"}, {Path: "/c"}}}, `{"op":"replace","path":"/export_locations/1/path","old":"/b","value":"/c"}`},
		"nil to empty":    {result{}, result{Locations: []location{}}, `{"op":"replace","path":"/export_locations","old":null,"value":[]}`},
		"changed and new": {[]any{m{"p": 1}, m{"p": 2}}, []any{m{"p": 0}, m{"p": 1}, m{"p": 2, "q": 3}}, `{"op":"add","path":"/0","value":{"p":0}}{"op":"add","path":"/2/q","value":3}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ops, err := patch.Compare(test.before, test.after)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			for _, op := range ops {
				if err := enc.Encode(op); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(test.want, strings.ReplaceAll(got.String(), "\n", "")); diff != "" {
				t.Error("-want +got:\n", diff)
			}
		})
	}
}

func TestValueWithoutJSONFormIsAnError(t *testing.T) {
	for name, pair := range map[string][2]any{
		"value before": {math.NaN(), 1},
		"value after":  {1, func() {}},
	} {
		if _, err := patch.Compare(pair[0], pair[1]); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("got %v, want an error about the %s", err, name)
		}
	}
}

func TestPlaceTellsKeysFromIndexes(t *testing.T) {
	type m = map[string]any
	long := make([]any, 2000)
	tests := map[string]struct {
		before, after any
		want          [][]any
	}{
		"whole":       {1, 2, [][]any{nil}},
		"index":       {m{"a": []any{1, 2}}, m{"a": []any{1, 3}}, [][]any{{"a", 1}}},
		"digits":      {m{"0": m{"1": 2}}, m{"0": m{"1": 3}}, [][]any{{"0", "1"}}},
		"escaped":     {m{"a/b": m{"~1": 1}}, m{"a/b": m{"~1": 2}}, [][]any{{"a/b", "~1"}}},
		"empty key":   {m{"": 1}, m{"": 2}, [][]any{{""}}},
		"dash":        {m{"-": 1}, m{"-": 2}, [][]any{{"-"}}},
		"new in list": {[]any{m{"a": 1}}, []any{m{"a": 1, "0": []any{}}}, [][]any{{0, "0"}}},
		"appended":    {long, append(long[:2000:2000], 1, 2), [][]any{{2000}, {2001}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ops, err := patch.Compare(test.before, test.after)
			if err != nil {
				t.Fatal(err)
			}
			var got [][]any
			for _, op := range ops {
				got = append(got, op.Place)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error("-want +got:\n", diff)
			}
		})
	}
}

func TestLongListsAreComparedByIndex(t *testing.T) {
	before, after := make([]int, 5000), make([]int, 5000)
	after[0], after[4999] = 1, 2
	ops, err := patch.Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	if len(ops) != 2 || ops[0].Path != "/0" || ops[1].Path != "/4999" {
		t.Errorf("got %v, want one operation at each end", ops)
	}
}

// Applying the operations one after another must turn before into after, and every old value must be what was there.
func TestOperationsMakeAfterOfBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := document(3).Draw(t, "before")
		after := edited(t, before)
		if rapid.IntRange(0, 3).Draw(t, "other") == 0 {
			after = document(3).Draw(t, "after")
		}
		ops, err := patch.Compare(before, after)
		if err != nil {
			t.Fatal(err)
		}
		got := before
		for _, op := range ops {
			got = apply(t, got, pointer(op.Path), op)
		}
		if diff := cmp.Diff(after, got); diff != "" {
			t.Fatalf("operations %v: -want +got:\n%s", ops, diff)
		}
		again, _ := patch.Compare(before, after)
		if diff := cmp.Diff(ops, again); diff != "" {
			t.Fatal("compared again: -first +second:\n", diff)
		}
	})
}

func document(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.SampledFrom([]any{true, "a", "b", "~/"}),
		rapid.Map(rapid.SampledFrom([]string{"1", "2", "9007199254740993", "-1.5e3"}), func(s string) any { return json.Number(s) }),
	}
	if depth > 0 {
		inner := document(depth - 1)
		kinds = append(kinds,
			rapid.Map(rapid.SliceOfN(inner, 0, 4), func(l []any) any { return append([]any{}, l...) }),
			rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c/d", "e~", "0", "-", ""}), inner, 0, 4), func(m map[string]any) any { return m }))
	}
	return rapid.OneOf(kinds...)
}

// edited returns a copy with some of it changed.
func edited(t *rapid.T, v any) any {
	if rapid.IntRange(0, 9).Draw(t, "edit") == 0 {
		return document(1).Draw(t, "edited")
	}
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, item := range v {
			switch rapid.IntRange(0, 9).Draw(t, "item") {
			case 0:
			case 1:
				out = append(out, document(1).Draw(t, "new"), item)
			default:
				out = append(out, edited(t, item))
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for _, k := range slices.Sorted(keysOf(v)) {
			if rapid.IntRange(0, 9).Draw(t, "key") > 0 {
				out[k] = edited(t, v[k])
			}
		}
		return out
	}
	return v
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func pointer(path string) []string {
	if path == "" {
		return nil
	}
	keys := strings.Split(path[1:], "/")
	for i, k := range keys {
		keys[i] = strings.ReplaceAll(strings.ReplaceAll(k, "~1", "/"), "~0", "~")
	}
	return keys
}

// apply is RFC 6902, written plainly; it never changes v in place.
func apply(t *rapid.T, v any, keys []string, op patch.Op) any {
	if len(keys) == 0 {
		wantOld(t, op, v)
		return parse(t, op.Value)
	}
	last := len(keys) == 1
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, item := range v {
			out[k] = item
		}
		item, there := v[keys[0]]
		switch {
		case last && op.Op == "add":
			out[keys[0]] = parse(t, op.Value)
		case !there:
			t.Fatalf("%+v: nothing there", op)
		case last && op.Op == "remove":
			wantOld(t, op, item)
			delete(out, keys[0])
		default:
			out[keys[0]] = apply(t, item, keys[1:], op)
		}
		return out
	case []any:
		i, err := strconv.Atoi(keys[0])
		if err != nil || i > len(v) || i == len(v) && op.Op != "add" {
			t.Fatalf("%+v: no index %q", op, keys[0])
		}
		switch {
		case last && op.Op == "add":
			return slices.Insert(slices.Clone(v), i, parse(t, op.Value))
		case last && op.Op == "remove":
			wantOld(t, op, v[i])
			return slices.Delete(slices.Clone(v), i, i+1)
		}
		out := slices.Clone(v)
		out[i] = apply(t, v[i], keys[1:], op)
		return out
	}
	t.Fatalf("%+v: no way into %v", op, v)
	return nil
}

func wantOld(t *rapid.T, op patch.Op, there any) {
	if diff := cmp.Diff(there, parse(t, op.Old)); diff != "" {
		t.Fatalf("%+v: old: -there +old:\n%s", op, diff)
	}
}

func parse(t *rapid.T, text json.RawMessage) any {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
