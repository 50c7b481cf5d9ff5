package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/sandbox"
)

// inventory is a host object with more than scripts may use.
type inventory struct {
	Name  string // a field, never seen
	calls []string
	*ledger
}

type ledger struct{ Balance int }

// Promoted comes from an embedded struct.
func (l *ledger) Promoted() int { return 42 }

type item struct {
	ID    string   `json:"id"`
	Count int      `json:"count"`
	Tags  []string `json:"tags"`
	note  string
}

func (i *inventory) note(format string, args ...any) {
	i.calls = append(i.calls, fmt.Sprintf(format, args...))
}

func (i *inventory) Secret() string                          { return "secret" }
func (i *inventory) Nothing()                                { i.note("Nothing") }
func (i *inventory) Add(a, b int) int                        { return a + b }
func (i *inventory) Join(sep string, parts ...string) string { return strings.Join(parts, sep) }
func (i *inventory) Echo(v any) any                          { i.note("%T", v); return v }
func (i *inventory) Store(it item) item                      { it.Count++; it.note = "kept"; return it }
func (i *inventory) Point(it *item) *item                    { return it }
func (i *inventory) Items(n int) []item                      { return make([]item, n) }
func (i *inventory) Pair() (string, int)                     { return "a", 1 }
func (i *inventory) Fail(msg string) (int, error)            { return 7, errors.New(msg) }
func (i *inventory) Fine() (int, error)                      { return 7, nil }
func (i *inventory) OnlyError() error                        { return nil }
func (i *inventory) Panic()                                  { _ = i.calls[len(i.calls)] }
func (i *inventory) PanicWith(v string)                      { panic(errorText(v)) }
func (i *inventory) Callback(f func())                       { f() }
func (i *inventory) Channel() chan int                       { return make(chan int) }
func (i *inventory) Bytes(b []byte) []byte                   { return append(b, '!') }
func (i *inventory) Map(m map[string]int) int                { return len(m) }
func (i *inventory) Level(l level) level                     { return l }
func (i *inventory) Later(ctx context.Context, s string) string {
	return fmt.Sprint(ctx.Value(ctxKey{}), s, ctx.Err())
}
func (i *inventory) Sum(ctx context.Context, ns ...float64) (sum float64) {
	for _, n := range ns {
		sum += n
	}
	return sum
}

type ctxKey struct{}

var allowed = []string{"Nothing", "Add", "Join", "Echo", "Store", "Point", "Items", "Pair", "Fail", "Fine", "OnlyError", "Panic", "PanicWith",
	"Callback", "Channel", "Bytes", "Map", "Level", "Later", "Sum", "Promoted"}

// around is how the tests' host calls run: with a value in the context, and noted.
type around struct{ running, calls int }

func (a *around) run(ctx context.Context, call func(context.Context)) {
	a.running++
	a.calls++
	defer func() { a.running-- }()
	call(context.WithValue(ctx, ctxKey{}, "context"))
}

func withObject(object any, methods []string, a *around) sandbox.Options {
	return sandbox.Options{Objects: map[string]sandbox.Object{"stock": {Value: object, Methods: methods}}, WrapHostCall: a.run}
}

func TestHostMethods(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"with a colon", `return stock:Add(1, 2)`, "3"},
		{"with a dot", `return stock.Add(1, 2)`, "3"},
		{"kept in a variable", `local add = stock.Add; return add(1, 2)`, "3"},
		{"without arguments and results", `return stock:Nothing()`, "null"},
		{"two results", `return { stock.Pair() }`, `["a",1]`},
		{"no error", `return { stock.Fine() }`, "[7]"},
		{"only an error, which is nil", `return { stock.OnlyError() }`, "{}"},
		{"variadic with none", `return stock.Join("-")`, `""`},
		{"variadic with some", `return stock:Join("-", "a", "b", "c")`, `"a-b-c"`},
		{"the context is filled in", `return stock.Later("x")`, `"contextx\u003cnil\u003e"`},
		{"a context before variadics", `return stock:Sum(1, 2, 3.5)`, "6.5"},
		{"a promoted method", `return stock.Promoted()`, "42"},
		{"a struct from a table, and back as one", `local r = stock.Store({ id = "a", tags = { "x" } }); r.extra = 1; r.count = r.count + 1; return r`,
			`{"count":2,"extra":1,"id":"a","tags":["x"]}`},
		{"a pointer from a table", `return stock.Point({ id = "a" }).id`, `"a"`},
		{"a nil pointer", `return { stock.Point(nil) == nil }`, "[true]"},
		{"a nil pointer from null", `return { stock.Point(null) == nil }`, "[true]"},
		{"a list of structs", `local l = stock.Items(2); table.insert(l, "any"); return #l`, "3"},
		{"an empty list stays a list", `return stock.Items(0)`, "[]"},
		{"bytes", `return stock.Bytes("a\0")`, `"a\u0000!"`},
		{"a text marshaler", `return stock.Level("high")`, `"high"`},
		{"a map", `return stock.Map({ a = 1, b = 2 })`, "2"},
		{"free-form data", `return stock.Echo({ a = { 1, null, { b = "c" } } })`, `{"a":[1,null,{"b":"c"}]}`},
		{"free-form nil", `return { stock.Echo(nil) == nil }`, "[true]"},
		{"a result scripts cannot hold", `return { stock.Channel() == nil }`, "[true]"},
		{"a view as a struct", `return stock.Point(result.item).id`, `"v"`},
		{"a view as free-form data", `result.item.count = 9; return stock.Echo(result)`, `{"item":{"count":9,"id":"v","tags":[]}}`},
		{"the object itself equals itself", `return { stock == stock, type(stock) }`, `[true,"table"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a around
			script := load(t, "hook.lua", "function hook(result) "+tt.body+"\nend", withObject(&inventory{ledger: &ledger{}}, allowed, &a))
			r, _ := show(t, struct {
				Item item `json:"item"`
			}{item{ID: "v"}})
			got, err := script.mustCall(t, "hook", r.Value()).ToGo("value", nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := jsonDiff(t, tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if a.running != 0 {
				t.Error("the call did not end")
			}
		})
	}
}

func TestHostMethodErrors(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"its error", `stock.Fail("disk full")`, "stock.Fail: disk full"},
		{"a panic", `stock.Panic()`, "panic: stock.Panic: runtime error: index out of range [0] with length 0"},
		{"a panic with an error", `stock.PanicWith("x")`, "panic: stock.PanicWith: x"},
		{"too few arguments", `stock.Add(1)`, "stock.Add: want 2 arguments, got 1"},
		{"too many arguments", `stock:Add(1, 2, 3)`, "stock.Add: want 2 arguments, got 3"},
		{"too few before variadics", `stock.Join()`, "stock.Join: want at least 1 argument, got 0"},
		{"none but a context wanted", `stock.Later()`, "stock.Later: want 1 argument, got 0"},
		{"a wrong type", `stock.Add(1, "2")`, "stock.Add: argument 2: want integer, got string"},
		{"a fraction", `stock:Add(1.5, 2)`, "stock.Add: argument 1: want integer, got 1.5"},
		{"a wrong variadic", `stock.Join("-", "a", {})`, "stock.Join: argument 3: want string, got table"},
		{"a wrong field", `stock.Store({ id = 5 })`, "stock.Store: argument 1.id: want string, got number"},
		{"an unknown field", `stock.Store({ idd = "x" })`, `stock.Store: argument 1.idd: no such field (did you mean "id"?)`},
		{"a wrong item", `stock.Store({ tags = { "a", 2 } })`, "stock.Store: argument 1.tags[2]: want string, got number"},
		{"a list for a struct", `stock.Store({ "x" })`, "stock.Store: argument 1: want a table with named fields, got a number key"},
		{"a function", `stock.Echo(print)`, "stock.Echo: argument 1: want data, got function"},
		{"a function inside", `stock.Echo({ f = { print } })`, "stock.Echo: argument 1.f[1]: want data, got function"},
		{"a callback", `stock.Callback(print)`, "stock.Callback: argument 1: func() cannot come from a script"},
		{"a coroutine", `stock.Echo(coroutine.create(function() end))`, "stock.Echo: argument 1: want data, got thread"},
		{"the object", `stock.Echo({ stock })`, "stock.Echo: argument 1[1]: want data, got a host object"},
		{"a cycle", `local t = {} t.t = t stock.Echo(t)`, "stock.Echo: argument 1.t: a cycle: the table contains itself"},
		{"too deep", `local t = {} for _ = 1, 150 do t = { t } end stock.Echo(t)`,
			"stock.Echo: argument 1" + strings.Repeat("[1]", 100) + ": nested deeper than 100 tables"},
		{"a method that is not allowed", `stock.Secret()`, "attempt to call field 'Secret' (a nil value)"},
		{"a field", `stock.Name.x = 1`, "attempt to index field 'Name' (a nil value)"},
		{"writing to the object", `stock.Add = print`, "stock is read only"},
		{"writing a new key", `stock.mine = 1`, "stock is read only"},
		{"writing an index", `stock[1] = 1`, "stock is read only"},
		{"rawset", `rawset(stock, "Add", print)`, "stock is read only"},
		{"table.insert", `table.insert(stock, 1)`, "stock is read only"},
		{"table.sort", `table.sort(stock)`, "stock is read only"},
		{"another metatable", `setmetatable(stock, {})`, "cannot change a protected metatable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a around
			script := load(t, "hook.lua", "function hook() "+tt.body+" end", withObject(&inventory{}, allowed, &a))
			_, err := script.call(t, "hook")
			var se *sandbox.Error
			if !errors.As(err, &se) || se.Message != tt.want {
				t.Fatalf("got error %v, want %s", err, tt.want)
			}
			kind := sandbox.KindScript
			if strings.HasPrefix(tt.name, "a panic") {
				kind = sandbox.KindInternal
			}
			if se.Kind != kind {
				t.Errorf("got kind %s, want %s", se.Kind, kind)
			}
			if a.running != 0 {
				t.Error("the call did not end")
			}
			if _, err := script.call(t, "hook"); err == nil {
				t.Error("the second time: got no error")
			}
		})
	}
}

func TestHostErrorsCanBeCaught(t *testing.T) {
	var a around
	script := load(t, "hook.lua", `function hook()
		local ok, err = pcall(stock.Fail, "x")
		assert(not ok and err:find("stock.Fail: x", 1, true))
		return stock.Add(1, 1)
	end`, withObject(&inventory{}, allowed, &a))
	script.mustCall(t, "hook")
	if a.calls != 2 {
		t.Errorf("got %d calls, want 2", a.calls)
	}
}

func TestHostObjectShowsNothingButItsMethods(t *testing.T) {
	var a around
	object := &inventory{Name: "n", ledger: &ledger{Balance: 5}}
	script := load(t, "hook.lua", `function hook()
		assert(stock.Name == nil and stock.name == nil and stock.Secret == nil and stock.Balance == nil and stock.calls == nil)
		assert(stock.ledger == nil and stock.add == nil and stock[1] == nil and #stock == 0)
		assert(next(stock) == nil and getmetatable(stock) == false and rawget(stock, "Add") == nil)
		for k in pairs(stock) do error(k) end
		assert(type(stock.Add) == "function" and stock.Add == stock.Add)
		assert(not pcall(function() return -stock end) and not pcall(function() return stock ^ 1 end) and not pcall(function() stock() end))
		assert(tostring(stock):match("^table: "), tostring(stock))
	end`, withObject(object, []string{"Add"}, &a))
	script.mustCall(t, "hook")
}

func TestHostMethodGetsACopyOfFreeFormData(t *testing.T) {
	var a around
	keeper := &keeper{}
	script := load(t, "hook.lua", `function hook(result) stock.Keep(result.metadata, { result.metadata.list }) end`,
		withObject(keeper, []string{"Keep"}, &a))
	s := newShare()
	r, _ := show(t, s)
	script.mustCall(t, "hook", r.Value())
	keeper.got.(map[string]any)["big"] = "changed"
	keeper.more.([]any)[0].([]any)[0] = "changed"
	if diff := cmp.Diff(newShare().Metadata["list"], s.Metadata["list"]); diff != "" || s.Metadata["big"] != int64(big) {
		t.Errorf("the host changed the value behind the view:\n%s", diff)
	}
}

type keeper struct{ got, more any }

func (k *keeper) Keep(got, more any) { k.got, k.more = got, more }

func TestHostObjectMistakesOfTheService(t *testing.T) {
	tests := []struct {
		name    string
		object  any
		methods []string
		want    string
	}{
		{"nil", nil, nil, "object stock: want a value, got nil"},
		{"a misspelt method", &inventory{}, []string{"Ad"}, `object stock: *bridge_test.inventory has no method Ad (did you mean "Add"?)`},
		{"a method of the pointer", inventory{}, []string{"Add"}, "object stock: bridge_test.inventory has no method Add"},
		{"a field", &inventory{}, []string{"Name"}, "object stock: *bridge_test.inventory has no method Name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a around
			_, err := sandbox.New(withObject(tt.object, tt.methods, &a))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %s", err, tt.want)
			}
		})
	}
}
