package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

var errEnough = errors.New("enough")

// counter is a meter that ends a conversion where it takes more than it may. It is a context, too, for threads.
type counter struct {
	context.Context
	steps, bytes int // what may still be taken
	taken, most  int // the steps so far, and the most bytes at once
}

func limited(steps, bytes int) *counter {
	return &counter{Context: context.Background(), steps: steps, bytes: bytes}
}

func (c *counter) Steps(n int) error {
	c.taken += n
	return c.check(c.taken > c.steps)
}

func (c *counter) Bytes(n int) error {
	c.most = max(c.most, n)
	return c.check(n > c.bytes)
}

func (c *counter) Hosts() {}

func (c *counter) Panicked(text string) error { return errors.New(text) }

func (c *counter) check(over bool) error {
	if over {
		return errEnough
	}
	return nil
}

// unlimited is more than any conversion of a test takes.
const unlimited = math.MaxInt / 2

// conversions are conversions of some ten thousand values, each with what it needs made beforehand.
func conversions(tb testing.TB) map[string]func(m *counter) error {
	list, record := make([]any, 30_000), map[string]any{}
	for i := range list {
		list[i] = json.Number("1")
		record[fmt.Sprintf("key%06d", i)] = "value"
	}
	listText, recordText := marshaled(tb, list), marshaled(tb, record)
	plainList, plainRecord := bridge.ToLua(list), bridge.ToLua(record)
	free := func(v bridge.Value) func(*counter) error {
		return func(m *counter) error {
			_, err := v.ToGo("value", m)
			return err
		}
	}
	encode := func(v bridge.Value) func(*counter) error {
		return func(m *counter) error {
			_, err := v.AppendJSON(nil, "value", m)
			return err
		}
	}
	decode := func(text string) func(*counter) error {
		return func(m *counter) error {
			_, err := bridge.DecodeJSON(text, m)
			return err
		}
	}
	return map[string]func(*counter) error{
		"free a list": free(plainList), "free a map": free(plainRecord),
		"free a view of a list": free(viewOf(tb, list)), "free a view of a map": free(viewOf(tb, record)),
		"free raw JSON": free(viewOf(tb, json.RawMessage(listText))),
		"encode a list": encode(plainList), "encode a map": encode(plainRecord),
		"encode a view of a list": encode(viewOf(tb, list)), "encode a view of a map": encode(viewOf(tb, record)),
		"encode a long string": encode(bridge.Wrap(lua.LString(strings.Repeat("\x00", 1<<20)))),
		"decode a list":        decode(listText), "decode a map": decode(recordText),
		"decode lists":      decode("[" + strings.Repeat("[],", 50_000) + "[]]"),
		"decode maps":       decode("[" + strings.Repeat(`{"a":1},`, 20_000) + "{}]"),
		"decode a string":   decode(`"` + strings.Repeat("x", 1<<20) + `"`),
		"decode escapes":    decode(`"` + strings.Repeat(`\u65e5`, 200_000) + `"`),
		"commit free data":  commit(tb, map[string]any{}, plainList),
		"commit a map":      commit(tb, map[string]string{}, plainRecord),
		"commit raw JSON":   commit(tb, json.RawMessage(nil), plainRecord),
		"commit an item":    edit(tb, list, "result[7] = 'new'"),
		"commit a new item": edit(tb, list, "table.insert(result, 1, 'new')"),
		"commit a graph":    edit(tb, chain(1000), "result.name = 'new'"),
		"commit a key":      edit(tb, record, "result.key000007 = 'new'"),
	}
}

func viewOf(tb testing.TB, v any) bridge.Value {
	r, _ := show(tb, v)
	return r.Value()
}

// commit commits a replacement for a value.
func commit[T any](tb testing.TB, value T, replacement bridge.Value) func(*counter) error {
	return func(m *counter) error {
		var holder any = value
		if reflect.TypeFor[T]() == reflect.TypeFor[map[string]any]() {
			r, _ := show(tb, holder)
			_, err := r.Commit(replacement, m)
			return err
		}
		r, _ := show(tb, value)
		_, err := r.Commit(replacement, m)
		return err
	}
}

// edit commits what a script does to a value. It is done anew for each commit.
func edit[T any](tb testing.TB, value T, body string) func(*counter) error {
	script := load(tb, "hook.lua", "function hook(result) "+body+"\nend")
	return func(m *counter) error {
		r, s := show(tb, value)
		defer s.Rollback()
		script.mustCall(tb, "hook", r.Value())
		m.taken, m.most = 0, 0
		_, err := r.Commit(bridge.Value{}, m)
		if err != nil && (r.Changed() || !identical(r.Go(), reflect.ValueOf(&value).Elem())) {
			tb.Error("a commit that was stopped changed the value")
		}
		return err
	}
}

func TestConversionsStopWhereTheirMeterSays(t *testing.T) {
	long.Only(t)
	for name, convert := range conversions(t) {
		t.Run(name, func(t *testing.T) {
			free := limited(unlimited, unlimited)
			if err := convert(free); err != nil {
				t.Fatal(err)
			}
			if free.taken < 1000 || free.most < 50_000 {
				t.Fatalf("takes %d steps and %d bytes: too little to be true", free.taken, free.most)
			}
			if err := convert(limited(free.taken, free.most)); err != nil {
				t.Errorf("with all that it needs: %v", err)
			}
			if err := convert(limited(free.taken/3, unlimited)); err != errEnough {
				t.Errorf("with a third of its %d steps: error %v", free.taken, err)
			}
			if err := convert(limited(unlimited, free.most/3)); err != errEnough {
				t.Errorf("with a third of its %d bytes: error %v", free.most, err)
			}
		})
	}
}

// TestBytesAreAboutWhatIsTaken compares what a meter is asked for with what Go gives.
func TestBytesAreAboutWhatIsTaken(t *testing.T) {
	for name, convert := range conversions(t) {
		if strings.HasPrefix(name, "commit a") { // the script takes more than the commit
			continue
		}
		m := limited(unlimited, unlimited)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := convert(m); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		taken := after.TotalAlloc - before.TotalAlloc
		if ratio := float64(taken) / float64(m.most); ratio < 0.25 || ratio > 4 {
			t.Errorf("%s: takes %d bytes and asks for %d, ratio %.2f", name, taken, m.most, ratio)
		}
	}
}

// TestAStoppedConversionTakesLittle: it ends before it takes what it may not.
func TestAStoppedConversionTakesLittle(t *testing.T) {
	const budget = 1 << 20
	for name, convert := range conversions(t) {
		if strings.HasPrefix(name, "commit a") {
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := convert(limited(unlimited, budget))
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; err != nil && taken > 3*budget {
			t.Errorf("%s: takes %d bytes and may have %d", name, taken, budget)
		}
	}
}

// scriptConversions are what scripts make views do, with `list` and `map` of a hundred thousand values each, `raw` of
// as many, `long` of a mebibyte and `host`. What comes before it is not what it costs.
var scriptConversions = []struct{ name, before, body string }{
	{"the first touch of a list", "", `return result.list[1]`},
	{"its length", "", `return #result.list`},
	{"the first touch of a read-only list", "", `return frozen.list[1]`},
	{"a copy of a read-only list", `ipairs(frozen.list)`, `for i = 1, 5 do ipairs(frozen.list) end`},
	{"the keys of a map", "", `return next(result.map)`},
	{"the first touch of raw JSON", "", `return result.raw[1]`},
	{"a long string, read", "", `return result.long`},
	{"a long string, met on a walk", "", `return next(result.longs)`},
	{"a long string, in place", "", `return frozen.long`},
	{"a long string that was set", `result.free = result.long`, `return result.free`},
	{"a long string, written", `local s = result.long .. "x"`, `result.text = s`},
	{"a long key", `local s = result.long .. "x"`, `return result.map[s]`},
	{"what was removed from a map", `for k in pairs(result.map) do result.map[k] = nil end next(result.map)`, `return next(result.map)`},
	{"what was removed from a list", `for i = 1, #result.list do result.list[i] = nil end`, `return next(result.list)`},
	{"a table with many dead keys", `local t = {} for i = 1, 1e5 do t["k" .. i] = 1 t["k" .. i] = nil end`, `result.free = t`},
	{"an argument of the host", `local t = {} for i = 1, 1e5 do t[i] = "x" end`, `host.Take(t)`},
	{"a result of the host", "", `host.Give(100000)`},
}

type warehouse struct{}

// Take takes a list.
func (warehouse) Take([]string) {}

// Give returns a list of n items.
func (warehouse) Give(n int) []int { return make([]int, n) }

func TestWorkOfViewsCountsAsTheScripts(t *testing.T) {
	long.Only(t)
	type stock struct {
		List  []int             `lua:"list"`
		Map   map[string]string `lua:"map"`
		Raw   json.RawMessage   `lua:"raw"`
		Long  string            `lua:"long"`
		Longs map[string]string `lua:"longs"`
		Text  string            `lua:"text"`
		Free  any               `lua:"free"`
	}
	value := stock{List: make([]int, 100_000), Map: map[string]string{}, Long: strings.Repeat("x", 1<<20)}
	for i := range value.List {
		value.Map[fmt.Sprint("key", i)] = "value"
	}
	value.Raw, value.Longs = json.RawMessage(marshaled(t, value.List)), map[string]string{value.Long: value.Long}
	cost := func(body string) int64 {
		script := load(t, "hook.lua", "function hook(result, frozen) "+body+"\nend", sandbox.Options{
			Objects: map[string]sandbox.Object{"host": {Value: warehouse{}, Methods: []string{"Take", "Give"}}}})
		r, s := show(t, value)
		var frozen bridge.Binding
		frozen.Bind(s, "frozen", reflect.ValueOf(&value).Elem(), false)
		script.mustCall(t, "hook", r.Value(), frozen.Value())
		return script.Instructions()
	}
	for _, tt := range scriptConversions {
		t.Run(tt.name, func(t *testing.T) {
			if got := cost(tt.before+" "+tt.body) - cost(tt.before); got < 5000 {
				t.Errorf("it costs %d instructions, want at least 5000", got)
			}
		})
	}
}

// TestAnEditOfALargeValueCostsWhatItDoes: as many edits of a small one cost about as much.
func TestAnEditOfALargeValueCostsWhatItDoes(t *testing.T) {
	type stock struct {
		List []int          `lua:"list"`
		Map  map[string]int `lua:"map"`
	}
	for name, body := range map[string]string{
		"appending to a list":            `l[#l + 1] = i`,
		"inserting at the end of a list": `table.insert(l, i)`,
		"writing into a list":            `l[1] = i`,
		"taking from the end of a list":  `l[#l + 1] = i l[#l] = nil`,
		"asking for the first key":       `m["x" .. i] = i assert(next(m))`,
		"asking for it now and then":     `m["x" .. i] = i assert(i % 7 > 0 or next(m))`,
	} {
		cost := func(size, n int) int64 {
			script := load(t, "hook.lua", fmt.Sprintf(`function hook(result)
				local l, m = result.list, result.map
				local _, _ = l[1], next(m)
				for i = 1, %d do %s end
			end`, n, body))
			value := stock{List: make([]int, size), Map: map[string]int{}}
			for i := range size {
				value.Map[fmt.Sprint("a", i)] = i
			}
			r, s := show(t, value)
			script.Of(s)
			script.mustCall(t, "hook", r.Value())
			return script.Instructions()
		}
		few, many := cost(1, 5000)-cost(1, 0), cost(30_000, 5000)-cost(30_000, 0)
		if many > 3*few {
			t.Errorf("%s: takes %d instructions with few items and %d with many", name, few, many)
		}
	}
}

// TestACopyOfRawJSONHoldsWhatItIs: what was decoded to be copied is let go, except for the texts, which the copy has.
func TestACopyOfRawJSONHoldsWhatItIs(t *testing.T) {
	most := func(v any) int {
		m := limited(unlimited, unlimited)
		if _, err := viewOf(t, v).ToGo("value", m); err != nil {
			t.Fatal(err)
		}
		return m.most
	}
	const part = `{"a":[1,{"b":2},3,4,[],{"c":{}}],"d":[{},{},{}]}`
	raw, decoded := make([]json.RawMessage, 1000), make([]any, 1000)
	for i := range raw {
		raw[i], decoded[i] = json.RawMessage(part), free(part)
	}
	if got, want := most(raw), most(decoded)+len(raw)*len(part); got > want+want/4 {
		t.Errorf("a copy of raw JSON holds %d bytes, want about %d", got, want)
	}
	text := `"` + strings.Repeat("x", 1<<20) + `"`
	if got := most([]json.RawMessage{json.RawMessage(text), json.RawMessage(text), json.RawMessage(text)}); got < 3<<20 {
		t.Errorf("three texts of 1 MiB hold %d bytes", got)
	}
}
