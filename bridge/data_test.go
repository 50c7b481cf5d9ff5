package bridge_test

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestFreeCopiesLuaData(t *testing.T) {
	tests := []struct {
		name, expr string
		want       any
	}{
		{"nil", "nil", nil},
		{"null", "null", nil},
		{"boolean", "false", false},
		{"string", `"a\0b"`, "a\x00b"},
		{"integer", "2^53", int64(1 << 53)},
		{"negative zero", "-0", int64(0)},
		{"fraction", "0.5", 0.5},
		{"a number above int64", "2^63", float64(1 << 63)},
		{"empty table", "{}", map[string]any{}},
		{"empty JSON list", `json.decode("[]")`, []any{}},
		{"list", `{ 1, "x", null, {} }`, []any{int64(1), "x", nil, map[string]any{}}},
		{"map", `{ a = 1, b = { c = { 1 } }, n = null }`, map[string]any{"a": int64(1), "b": map[string]any{"c": []any{int64(1)}}, "n": nil}},
		{"record", "result.share_server", map[string]any{"id": "srv-1", "backend_details": map[string]any{"ip": "10.0.0.9"},
			"next": map[string]any{"id": "srv-2", "backend_details": map[string]any{}, "next": nil}}},
		{"numbers behind a view", "{ result.metadata.list, result.count, q = nil }", []any{
			[]any{int64(big), nil, "x", map[string]any{"k": int64(1)}}, int64(big - 1)}},
		{"a changed view", "(function() result.tags[1] = 'z'; result.inline.id = 'y'; return { result.tags, result.inline.id } end)()",
			[]any{[]any{"z", "a", "c"}, "y"}},
		{"text", "{ result.created_at, result.addr, result.digest }", []any{"2026-11-23T10:00:00.000000005+01:00", "10.0.0.5", "\x00\xffa"}},
		{"raw JSON", "result.raw", map[string]any{"b": []any{json.Number("1"), json.Number("2.50")}, "a": json.Number("9007199254740993")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := show(t, newShare())
			got, err := mustHook(t, "return "+tt.expr, r.Value()).ToGo("value", nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFreeRefusesWhatIsNoData(t *testing.T) {
	tests := []struct{ name, expr, want string }{
		{"function", "{ a = { print } }", "value.a[1]: want data, got function"},
		{"NaN", "{ 0/0 }", "value[1]: want a finite number, got NaN"},
		{"infinity", "-1/0", "value: want a finite number, got -Inf"},
		{"mixed keys", "{ 1, a = 2 }", `value: want a list, got a table with the key "a"`},
		{"a hole", "{ 1, nil, 3 }", "value: a hole: item 2 of 3 is nil"},
		{"boolean key", "{ [true] = 1 }", "value: want string keys, got a boolean key"},
		{"a sparse list", "{ [7] = 1 }", "value: a hole: item 1 of 7 is nil"},
		{"a cycle", "(function() local t = {} t.t = { t } return t end)()", "value.t[1]: a cycle: the table contains itself"},
		{"a coroutine", "coroutine.create(function() end)", "value: want data, got thread"},
		{"a cycle in Go", "result", "value.Any" + strings.Repeat(".Any", 99) + ": nested deeper than 100 tables"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			type circle struct{ Any any }
			c := &circle{}
			c.Any = c
			r, _ := show(t, c)
			got, err := mustHook(t, "return "+tt.expr, r.Value()).ToGo("value", nil)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, error %v, want error %s", got, err, tt.want)
			}
		})
	}
}

// bush is a Go value that contains itself twice, so that walking it never ends.
type bush struct{ Left, Right *bush }

func newBush() *bush {
	b := &bush{}
	b.Left, b.Right = b, b
	return b
}

func TestGoDataThatContainsItselfEnds(t *testing.T) {
	long.Only(t)
	r, _ := show(t, newBush())
	if _, err := r.Value().ToGo("value", nil); err == nil {
		t.Error("Free: got no error")
	}
	if bridge.ToLua(newBush()).IsNil() {
		t.Error("ToLua: got nil, want a table")
	}
}

func TestPlainMakesOrdinaryTables(t *testing.T) {
	s := newShare()
	s.Notify = nil
	v := bridge.ToLua(s)
	if bridge.Of(v.Lua().(*lua.LTable)).IsView() {
		t.Fatal("got a view")
	}
	mustHook(t, `
		assert(result.id == "s-1" and result.name == "home" and result.secret == nil and result.share_server.next.id == "srv-2")
		assert(#result.metadata.list == 4 and result.metadata.list[2] == null and #result.access_rules == 3)
		assert(result.created_at == "2026-11-23T10:00:00.000000005+01:00" and result.raw.b[2] == 2.5)
		assert(json.encode(result.metadata.empty_list) == "[]" and json.encode(result.metadata.empty_map) == "{}")
		assert(getmetatable(result) == nil and rawget(result, "id") == "s-1")
		result.anything = print
		result.tags[2] = 5
		table.insert(result.tags, {})`, v)
	if s.Tags[1] != "a" {
		t.Error("the Go value was changed")
	}
	for _, v := range []any{nil, (*share)(nil), func() {}, map[[1]int]int{}} {
		if !bridge.ToLua(v).IsNil() {
			t.Errorf("ToLua(%T): got a value, want nil", v)
		}
	}
}

func TestDescribeSaysWhatScriptsSee(t *testing.T) {
	type shape struct {
		Kind     luatype.Kind
		Optional bool
		Fields   string
		Elem     reflect.Type
	}
	type record struct {
		A string `lua:"x" json:"y"`
		B int    `json:"b,omitempty"`
		C *bool
		D func()
		e int
	}
	tests := []struct {
		value any
		want  shape
	}{
		{"", shape{Kind: luatype.String}},
		{state(""), shape{Kind: luatype.String}},
		{[]byte{}, shape{Kind: luatype.String}},
		{token{}, shape{Kind: luatype.String}},
		{time.Time{}, shape{Kind: luatype.String}},
		{&time.Time{}, shape{Kind: luatype.String, Optional: true}},
		{netip.Addr{}, shape{Kind: luatype.String}},
		{level(0), shape{Kind: luatype.String}},
		{shout{}, shape{Kind: luatype.String}},
		{&shout{}, shape{Kind: luatype.String, Optional: true}},
		{int8(0), shape{Kind: luatype.Integer}},
		{uint64(0), shape{Kind: luatype.Integer}},
		{time.Second, shape{Kind: luatype.Integer}},
		{float32(0), shape{Kind: luatype.Number}},
		{json.Number(""), shape{Kind: luatype.Number}},
		{true, shape{Kind: luatype.Boolean}},
		{ptr(ptr(1)), shape{Kind: luatype.Integer, Optional: true}},
		{record{e: 0}, shape{Kind: luatype.Record, Fields: "x:string b:int C:*bool"}},
		{embedding{}, shape{Kind: luatype.Record, Fields: "id:string extra:interface {} by:string audit_kind:string notes:map[string]string " +
			"pointer:*bridge_test.rule any:interface {} account:string Settled:string kind:string tagged:bridge_test.base billing:*bridge_test.Billing"}},
		{map[label]int{}, shape{Kind: luatype.Map, Elem: reflect.TypeFor[int]()}},
		{[]record{}, shape{Kind: luatype.List, Elem: reflect.TypeFor[record]()}},
		{[3]level{}, shape{Kind: luatype.List, Elem: reflect.TypeFor[level]()}},
		{[]level{}, shape{Kind: luatype.List, Elem: reflect.TypeFor[level]()}},
		{json.RawMessage{}, shape{Kind: luatype.Any, Optional: true}},
		{ptr[any](nil), shape{Kind: luatype.Any, Optional: true}},
		{func() {}, shape{Kind: luatype.None}},
		{map[[1]int]int{}, shape{Kind: luatype.None}},
		{[]chan int{}, shape{Kind: luatype.None}},
		{1i, shape{Kind: luatype.None}},
	}
	for _, tt := range tests {
		typ := reflect.TypeOf(tt.value)
		t.Run(typ.String(), func(t *testing.T) {
			d := bridge.Describe(typ)
			var fields []string
			for _, f := range d.Fields {
				fields = append(fields, f.Name+":"+f.Type.String())
			}
			if got := (shape{d.Kind, d.Optional, strings.Join(fields, " "), d.Elem}); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestTypeNameSaysTableForViewsAndNullForNull(t *testing.T) {
	r, _ := show(t, newShare())
	tests := []struct {
		value lua.LValue
		want  string
	}{
		{nil, "nil"}, {lua.LNil, "nil"}, {bridge.Null, "null"}, {lua.LString(""), "string"}, {r.Value().Lua(), "table"}, {lua.LTrue, "boolean"},
	}
	for _, tt := range tests {
		if got := bridge.Wrap(tt.value).TypeName(); got != tt.want {
			t.Errorf("TypeName(%v): got %s, want %s", tt.value, got, tt.want)
		}
	}
	if !(bridge.Value{}).IsNil() || (bridge.Value{}).Lua() != lua.LNil {
		t.Error("the zero Value is not nil")
	}
}

func TestRawJSONKeepsItsTextWhereItCan(t *testing.T) {
	type rec struct {
		Raw  json.RawMessage
		Size int
	}
	text := json.RawMessage(`  {"html": "<b>", "n": 1.50 } `)
	got, _ := edited(t, rec{Raw: text}, `result.Size = 1; result.Raw = result.Raw`)
	if &got.Raw[0] != &text[0] {
		t.Errorf("got %s, want the very text", got.Raw)
	}
	got, _ = edited(t, rec{Raw: text}, `result.Raw.new = 1e3`)
	if want := `{"html":"<b>","n":1.50,"new":1000}`; string(got.Raw) != want {
		t.Errorf("got %s, want %s", got.Raw, want)
	}
	got, _ = edited(t, rec{Raw: json.RawMessage("no JSON")}, `assert(result.Raw == nil); result.Size = 2`)
	if string(got.Raw) != "no JSON" {
		t.Errorf("got %s, want what was there", got.Raw)
	}
	if got, _ := edited(t, rec{}, `result.Raw = { nan = 1 }; result.Raw.nan = 0/0; result.Raw = nil`); got.Raw != nil {
		t.Errorf("got %s, want nil", got.Raw)
	}
	r, _ := show(t, rec{})
	mustHook(t, `result.Raw = {}; result.Raw.nan = 0/0`, r.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err == nil || err.Error() != "result.Raw.nan: want a finite number, got NaN" {
		t.Errorf("got error %v, want one about NaN", err)
	}
}
