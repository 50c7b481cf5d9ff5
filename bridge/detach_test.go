package bridge_test

import (
	"encoding/json"
	stdbig "math/big"
	"reflect"
	"strconv"
	"testing"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// shelf is of a type that has in it all that a method may write to.
type shelf struct {
	Map   map[string]any
	Names []string
	Grid  [][]int
	Rows  [2][]int
	Items []item
	Kids  map[string]*item
	Ptr   *item
	Deep  **item
	Self  *shelf
	Any   any
	Raw   json.RawMessage
	Bytes []byte
	Big   *stdbig.Int
	*Base
}

type Base struct{ Base string }

func newShelf() *shelf {
	it := &item{ID: "p", Tags: []string{"t"}}
	s := &shelf{
		Map: map[string]any{"a": int64(1), "list": []any{"x"}}, Names: []string{"n"}, Grid: [][]int{{1}}, Rows: [2][]int{{1}, {2}},
		Items: []item{{Tags: []string{"t"}}}, Kids: map[string]*item{"k": {ID: "k"}}, Ptr: it, Deep: &it, Any: []string{"any"},
		Raw: json.RawMessage(`"raw"`), Bytes: []byte("bytes"), Big: stdbig.NewInt(5), Base: &Base{"base"},
	}
	s.Self = s
	return s
}

// vandal writes to all that it gets.
type vandal struct{ t *testing.T }

func (v vandal) Whole(s shelf) { v.Pointer(&s) }
func (v vandal) Pointer(s *shelf) {
	if s.Self == nil || s.Self.Self != s.Self || s.Ptr != *s.Deep {
		v.t.Error("a graph has lost its shape")
	}
	s.Self.Names[0], s.Map["a"], s.Grid[0][0], s.Rows[1][0], s.Items[0].Tags[0] = "!", "!", 9, 9, "!"
	s.Map["list"].([]any)[0] = "!"
	s.Kids["k"].ID, s.Ptr.Tags[0], (*s.Deep).ID, s.Any.([]string)[0] = "!", "!", "!", "!"
	s.Raw[0], s.Bytes[0], s.Base.Base = '!', '!', "!"
	s.Big.Add(s.Big, s.Big)
	delete(s.Kids, "k")
}
func (v vandal) Map(m map[string]any) { m["a"], m["list"].([]any)[0] = "!", "!" }
func (v vandal) Names(n []string)     { n[0] = "!" }

// Any takes what has parts of views in it, moved or not.
func (v vandal) Any(values ...any) {
	for _, value := range values {
		if list, ok := value.([]any); ok && len(list) > 0 {
			list[0] = "!"
		}
	}
}
func (v vandal) Item(i *item) { i.ID, i.Tags[0] = "!", "!" }
func (v vandal) Kids(k map[string]*item) {
	for _, i := range k {
		i.ID = "!"
	}
}

// TestArgumentsOfHostMethodsAreTheirOwn: whatever a method does to them, the values of the call stay as they were.
func TestArgumentsOfHostMethodsAreTheirOwn(t *testing.T) {
	for _, body := range []string{
		`v:Whole(result)`, `v:Pointer(result)`, `v:Pointer(result.Self)`, `result.Names[1] = "m" v:Whole(result)`,
		`v:Map(result.Map)`, `v:Names(result.Names)`, `v:Item(result.Ptr)`, `v:Item(result.Deep)`, `v:Kids(result.Kids)`,
		`table.insert(result.Items, result.Items[1]) v:Any(result.Items, {x = result.Items})`,
		`table.insert(result.Items, {id = "new"}) table.sort(result.Items, function(a, b) return a.id > b.id end) v:Any(result.Items)`, `v:Any(result.Items[1], nil, 1, "x", result.Grid)`,
		`v:Kids({a = result.Ptr, b = {id = "b"}})`, `v:Item({id = "i", tags = result.Names})`,
	} {
		s := newShelf()
		root, _ := show(t, s)
		load(t, "hook.lua", "function hook(result) "+body+" end", sandbox.Options{Objects: map[string]sandbox.Object{"v": {Value: vandal{t}, Methods: []string{
			"Whole", "Pointer", "Map", "Names", "Item", "Kids", "Any",
		}}}}).mustCall(t, "hook", root.Value())
		if want := newShelf(); !reflect.DeepEqual(s, want) {
			t.Errorf("%s: changed the value", body)
		}
	}
}

// tally is a host object that takes large values.
type tally struct{ got int }

func (c *tally) Counts(m map[string]int) { c.got = len(m) }
func (c *tally) Data(m map[string]any)   { c.got = len(m) }
func (c *tally) Both(both struct {
	Lists [][]any
	Map   map[string]int
}) {
	for _, list := range both.Lists {
		c.got += len(list)
	}
}

// TestAnArgumentIsCopiedOnce, so that a host method gets as much as a commit may have: a million values.
func TestAnArgumentIsCopiedOnce(t *testing.T) {
	long.Only(t)
	const n = 530_000
	type stock struct {
		Counts, Few map[string]int
		Data        map[string]any
	}
	given := stock{map[string]int{}, map[string]int{"a": 1}, map[string]any{}}
	for i := range n {
		key := strconv.Itoa(i)
		given.Counts[key], given.Data[key] = i, true
	}
	for _, body := range []string{
		`o:Counts(frozen.Counts)`, `o:Data(frozen.Data)`, `o:Data(result.Data)`,
		`local list = {} for i = 1, 265000 do list[i] = i end o:Both({Lists = {list, list}, Map = frozen.Few})`,
	} {
		object := &tally{}
		r, s := show(t, given)
		var frozen bridge.Binding
		frozen.Bind(s, "frozen", reflect.ValueOf(&given).Elem(), false)
		load(t, "hook.lua", "function hook(result, frozen) "+body+" end", sandbox.Options{Objects: map[string]sandbox.Object{
			"o": {Value: object, Methods: []string{"Counts", "Data", "Both"}},
		}}).mustCall(t, "hook", r.Value(), frozen.Value())
		if object.got != n {
			t.Errorf("%s: got %d", body, object.got)
		}
	}
}
