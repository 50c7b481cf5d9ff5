package replay

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/internal/patch"
)

func parsed(t interface{ Fatal(...any) }, text string) map[string]any {
	v, err := patch.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

func encoded(v any) string {
	text, _ := patch.Encode(v)
	return string(text)
}

func TestRecordsShrinkToWhatMatters(t *testing.T) {
	const whole = `{"method":"m","at":"2026-11-23T10:00:00Z","context":{"user":"ada","n":7},
		"args":{"share":{"id":"s-1","size":501,"list":[{"a":1},{"a":2},{"b":"xyz"}],"free":{"k":{"l":"long text with a needle in it"}}},"force":true},
		"result":{"size":1.75},"error":{"message":"no","code":"c"}}`
	size := func(r map[string]any) float64 {
		n, _ := at(r, []any{"args", "share", "size"}).(json.Number)
		f, _ := n.Float64()
		return f
	}
	for name, tt := range map[string]struct {
		shows func(map[string]any) bool
		want  string
	}{
		"anything": {func(map[string]any) bool { return true }, `{"at":"2026-11-23T10:00:00Z","method":"m"}`},
		"a limit":  {func(r map[string]any) bool { return size(r) > 100 }, `{"args":{"share":{"size":101}},"at":"2026-11-23T10:00:00Z","method":"m"}`},
		"a flag":   {func(r map[string]any) bool { return at(r, []any{"args", "force"}) != nil }, `{"args":{"force":false},"at":"2026-11-23T10:00:00Z","method":"m"}`},
		"a needle": {
			func(r map[string]any) bool {
				s, _ := at(r, []any{"args", "share", "free", "k", "l"}).(string)
				return strings.Contains(s, "needle")
			},
			`{"args":{"share":{"free":{"k":{"l":"needle"}}}},"at":"2026-11-23T10:00:00Z","method":"m"}`,
		},
		"an item": {
			func(r map[string]any) bool {
				list, _ := at(r, []any{"args", "share", "list"}).([]any)
				return slices.ContainsFunc(list, func(v any) bool { return encoded(v) == `{"a":2}` })
			},
			`{"args":{"share":{"list":[{"a":2}]}},"at":"2026-11-23T10:00:00Z","method":"m"}`,
		},
		"two values": {
			func(r map[string]any) bool {
				return at(r, []any{"context", "user"}) != nil && at(r, []any{"error", "code"}) != nil
			},
			`{"at":"2026-11-23T10:00:00Z","context":{"user":""},"error":{"code":""},"method":"m"}`,
		},
		"a fraction": {
			func(r map[string]any) bool {
				n, _ := at(r, []any{"result", "size"}).(json.Number)
				f, _ := n.Float64()
				return f >= 1
			},
			`{"at":"2026-11-23T10:00:00Z","method":"m","result":{"size":1}}`,
		},
	} {
		record := parsed(t, whole)
		before := encoded(record)
		got := Shrink(record, []string{"context", "args", "result", "error", "tick"}, 1000, tt.shows)
		if diff := cmp.Diff(tt.want, encoded(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if encoded(record) != before {
			t.Errorf("%s: the record itself was changed", name)
		}
	}
}

func TestShrinkingKeepsToItsBudget(t *testing.T) {
	record := parsed(t, `{"args":{"list":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],"text":"`+strings.Repeat("long ", 1000)+`"}}`)
	for _, budget := range []int{0, 1, 10, 100} {
		tries := 0
		Shrink(record, []string{"args"}, budget, func(map[string]any) bool { tries++; return tries%3 == 0 })
		if tries > budget {
			t.Errorf("got %d tries, want at most %d", tries, budget)
		}
	}
}

// What shows is kept, whatever it is; and a record that depends on few values becomes as small as they are.
func TestMostRecordsShrinkToFewValues(t *testing.T) {
	failing, small := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		args := tree(4).Draw(t, "args")
		var leaves [][]any
		walkLeaves(args, nil, func(path []any) { leaves = append(leaves, path) })
		if len(leaves) == 0 {
			t.Skip("nothing in it")
		}
		needed := rapid.SliceOfN(rapid.SampledFrom(leaves), 1, 3).Draw(t, "needed")
		shows := func(r map[string]any) bool { // the values are in it, wherever lists have moved them to
			for _, path := range needed {
				if !holds(r["args"], at(args, path)) {
					return false
				}
			}
			return true
		}
		got := Shrink(map[string]any{"args": args}, []string{"args"}, 400, shows)
		if !shows(got) {
			t.Fatalf("%s does not hold what %s must", encoded(got), encoded(args))
		}
		failing++
		if Values(got["args"]) <= 5 {
			small++
		}
	})
	if small*100 < failing*95 {
		t.Errorf("%d of %d records have at most 5 values, want 95 %%", small, failing)
	}
}

// tree generates objects and lists with texts, numbers and flags.
func tree(depth int) *rapid.Generator[any] {
	scalar := rapid.OneOf(
		rapid.Map(rapid.StringMatching(`[a-z]{0,12}`), func(s string) any { return s }),
		rapid.Map(rapid.IntRange(-1000, 1000), func(n int) any { return json.Number(fmt.Sprint(n)) }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
	)
	if depth == 0 {
		return scalar
	}
	inner := tree(depth - 1)
	return rapid.OneOf(
		scalar,
		rapid.Map(rapid.SliceOfN(inner, 0, 6), func(l []any) any { return append([]any{}, l...) }),
		rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-h]`), inner, 0, 6), func(m map[string]any) any { return m }),
	)
}

func walkLeaves(v any, path []any, leaf func([]any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			walkLeaves(v[key], below(path, key), leaf)
		}
	case []any:
		for i, item := range v {
			walkLeaves(item, below(path, i), leaf)
		}
	default:
		leaf(path)
	}
}

// holds reports whether a value is somewhere in a tree.
func holds(v, wanted any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if holds(item, wanted) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, wanted) })
	}
	return encoded(v) == encoded(wanted)
}

func TestValuesAreCounted(t *testing.T) {
	for text, want := range map[string]int{`{"a":1}`: 1, `{"a":{}}`: 1, `{"a":[1,2,{"b":null}]}`: 3, `{}`: 1} {
		if got := Values(parsed(t, text)); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}
