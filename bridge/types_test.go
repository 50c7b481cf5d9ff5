package bridge_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/bridge"
)

func TestRootsOfEveryKind(t *testing.T) {
	type rec struct{ A int }
	var nilMap map[string]any
	var nilAny any
	tests := []struct {
		name  string
		value any // a pointer to the variable that the root shows
		check string
	}{
		{"nil any", &nilAny, "assert(result == nil)"},
		{"nil map", &nilMap, "assert(next(result) == nil)"},
		{"any with a record", ptr[any](rec{1}), "assert(result.A == 1)"},
		{"any with a pointer", ptr[any](&rec{1}), "assert(result.A == 1)"},
		{"any with a list", ptr[any]([]int{1}), "assert(result[1] == 1)"},
		{"number", ptr(5), "assert(result == 5)"},
		{"function", ptr(func() {}), "assert(result == nil)"},
		{"map with other keys", ptr(map[[1]int]string{{1}: "x"}), "assert(result == nil)"},
		{"map with integer keys", ptr(map[int]string{1: "x"}), "assert(result['1'] == 'x' and result[1] == 'x' and next(result) == '1')"},
		{"interface with methods", ptr[error](errors.New("x")), "assert(result == nil)"},
		{"pointer to a pointer", ptr(ptr(ptr(rec{1}))), "assert(result.A == 1)"},
		{"empty struct", ptr(struct{}{}), "assert(next(result) == nil and result.x == nil)"},
		{"array of records", ptr([1]rec{{1}}), "assert(result[1].A == 1 and #result == 1)"},
		{"raw JSON", ptr(json.RawMessage(`[{"a":null}]`)), "assert(next(result[1]) == nil)"},
		{"raw text that is no JSON", ptr(json.RawMessage(`{`)), "assert(result == nil)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s bridge.Tx
			var r bridge.Binding
			val := reflect.ValueOf(tt.value).Elem()
			r.Bind(&s, "result", val, true)
			mustHook(t, tt.check, r.Value())
			if changed, err := r.Commit(bridge.Value{}, nil); changed || err != nil || !identical(r.Go(), val) {
				t.Errorf("got changed %v, error %v, value %v", changed, err, r.Go())
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

type (
	tree     []tree
	forest   map[string]forest
	selfish  *selfish
	ring     struct{ To *ring }
	knot     struct{ *knot }
	stranger interface{ Strange() }
)

func TestTypesThatContainThemselves(t *testing.T) {
	got, _ := edited(t, tree{{}, {{}}}, `table.insert(result[2][1], {}); result[1] = nil; result[1] = {}`)
	if diff := cmp.Diff(tree{{}, {{{}}}}, got); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	wood, _ := edited(t, forest{"a": nil}, `result.a.b = { c = {} }`)
	if diff := cmp.Diff(forest{"a": {"b": {"c": {}}}}, wood); diff != "" {
		t.Errorf("forest (-want +got):\n%s", diff)
	}
	r := &ring{}
	r.To = r
	edited(t, r, `assert(result.To.To.To)`)
	var p selfish
	p = &p
	edited(t, p, `assert(result == nil)`)
	edited(t, struct{ P selfish }{p}, `assert(next(result) == nil)`)
	k := &knot{}
	k.knot = k
	edited(t, k, `assert(next(result) == nil)`)
	edited(t, struct{ S stranger }{}, `assert(next(result) == nil)`)
}
