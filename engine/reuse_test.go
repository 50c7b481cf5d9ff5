package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// What the random calls are made with: records in records, by value and by pointer, and graphs, some of them behind
// interfaces, where no type shows them.
type (
	poolT struct {
		Name   string          `json:"name"`
		Size   int64           `json:"size"`
		In     diskT           `json:"in"`
		Ptr    *diskT          `json:"ptr"`
		List   []diskT         `json:"list"`
		Ptrs   []*diskT        `json:"ptrs"`
		ByName map[string]any  `json:"meta"`
		Any    any             `json:"any"`
		Raw    json.RawMessage `json:"raw"`
		placeT
	}
	diskT struct {
		Name  string  `json:"name"`
		Size  int64   `json:"size"`
		Where placeT  `json:"where"`
		Last  *placeT `json:"last"`
		Any   any     `json:"any"`
	}
	placeT struct {
		Rack  string         `json:"rack"`
		Shelf uint8          `json:"shelf"`
		Meta  map[string]any `json:"meta"`
	}
	nodeT struct {
		Name string   `json:"name"`
		Next *nodeT   `json:"next"`
		Kids []*nodeT `json:"kids"`
		In   placeT   `json:"in"`
		Any  any      `json:"any"`
	}
)

// keys are those that lead somewhere, at the first, second and third step from a pool or a node; then all others.
var keys = [][]string{
	{`"in"`, `"any"`, `"any"`, `"ptr"`, `"list"`, `"ptrs"`, `"next"`, `"meta"`},
	{`"any"`, `"any"`, `"where"`, `"last"`, `"next"`, `"kids"`, `"in"`, `"a"`, `1`},
	{`"name"`, `"next"`, `"kids"`, `"meta"`, `"any"`, `"rack"`, `1`},
	{`"name"`, `"name"`, `"size"`, `"in"`, `"any"`, `"rack"`, `"shelf"`, `"raw"`, `"where"`, `"last"`, `"list"`, `"kids"`, `"a"`, `1`, `2`},
}

// TestCallsAreAsWithoutReuse makes random calls through random hooks in two engines. The hooks of one have another hook
// before them that lets a closure share its variables, so that no view of a call serves again. All that comes of the
// calls must be the same: results, errors, and what hooks log of all that they read. Some effects of hooks are not
// kept.
func TestCallsAreAsWithoutReuse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var hooks []script
		for i := range rapid.IntRange(1, 3).Draw(rt, "hooks") {
			change, suppress := rapid.Bool().Draw(rt, "change"), rapid.Bool().Draw(rt, "suppress")
			hooks = append(hooks, hook(fmt.Sprint("h", i), drawHook(rt), func(h *config.Hook) {
				h.ChangeArgs, h.SuppressPreErrors, h.SuppressPostErrors = change, suppress, suppress
			}))
		}
		const shares = `local function nothing() return call, result end`
		without := append([]script{hook("shares", strings.NewReplacer("$", shares).Replace(
			"function pre(call) $ end function post(call, result) $ end function failed(call) $ end function finally(call) $ end"))}, hooks...)
		refused, lost := drawCommits(rt, "refused"), drawCommits(rt, "lost")
		reuses, anew := newTold(t, hooks, refused, lost), newTold(t, without, refused, lost)
		defer reuses.Close()
		defer anew.Close()
		nodes := drawNodes(rt)
		for range rapid.IntRange(2, 6).Draw(rt, "calls") {
			args, result, fails := drawValue(rt, nodes), drawValue(rt, nodes), rapid.IntRange(0, 5).Draw(rt, "fails") == 0
			before := dumpAll(args) + dumpAll(result)
			want, got := anew.tell(args, result, fails), reuses.tell(args, result, fails)
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("(-without +with reuse):\n%s\n%s", diff, sources(hooks))
			}
			if dumpAll(args)+dumpAll(result) != before {
				rt.Fatalf("the values were written to:\n%s", sources(hooks))
			}
		}
	})
}

// TestAListCountsAsMuchWhateverCallsCameBefore has a hook that has little memory besides a list of records, which are
// shown by views that serve again.
func TestAListCountsAsMuchWhateverCallsCameBefore(t *testing.T) {
	type record struct{ Size int }
	type list struct{ List []record }
	for _, before := range []int{0, 4200, 8000, 16_384, 16_385} {
		w := newWorld(t, engine.Options{Logger: discard},
			hook("large", `function pre.list(call) local _ = call.args.List[1] end`),
			hook("small", `function post.list(call, result)
				local _ = result.List[1]
				for i = 1, 4000 do local _ = ("x"):rep(1000) .. i end
			end`, func(h *config.Hook) { h.MaxMemory = 2 << 20 }))
		for _, call := range []struct{ args, result int }{{before, 0}, {0, 4200}, {0, 4200}} {
			if _, err := engine.Call(t.Context(), w.Engine, "list", list{make([]record, call.args)},
				func(context.Context, list) (list, error) { return list{make([]record, call.result)}, nil }); err != nil {
				t.Errorf("after a list of %d: %v", before, err)
			}
		}
	}
}

func sources(hooks []script) string {
	var b strings.Builder
	for _, h := range hooks {
		fmt.Fprintf(&b, "-- %s\n%s\n", h.name, h.source)
	}
	return b.String()
}

// told is an engine, and what is told of its calls.
type told struct {
	*engine.Engine
	log strings.Builder
}

// failingDisk refuses some of the commits, by their numbers, and loses some.
type failingDisk struct {
	disk
	number        int
	refused, lost map[int]bool
}

func (d *failingDisk) Commit(c *effect.Commit) (effect.Ticket, error) {
	d.number++
	d.refuse, d.broken = nil, nil
	if d.refused[d.number] {
		d.refuse = &effect.Error{Code: "store", Message: "refused"}
	}
	if d.lost[d.number] {
		d.broken = &effect.Error{Code: "store", Message: "lost"}
	}
	return d.disk.Commit(c)
}

func drawCommits(t *rapid.T, what string) map[int]bool {
	numbers := make(map[int]bool)
	for _, n := range rapid.SliceOfN(rapid.IntRange(1, 20), 0, 8).Draw(t, what) {
		numbers[n] = true
	}
	return numbers
}

func newTold(t *testing.T, hooks []script, refused, lost map[int]bool) *told {
	var e told
	disk := &failingDisk{refused: refused, lost: lost}
	logger := slog.New(slog.NewTextHandler(&e.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "call_id" || a.Key == "key" {
			return slog.Attr{}
		}
		return a
	}}))
	var err error
	if e.Engine, err = engine.New(configOf(t, t.TempDir(), hooks...), "nfs1", engine.Options{Logger: logger, Store: disk}); err != nil {
		t.Fatal(err)
	}
	return &e
}

// tell makes a call, and tells what came of it. Values of one type make calls of their own method, so that each method
// meets the same types again and again.
func (e *told) tell(args, result any, fails bool) string {
	e.log.Reset()
	var seen string
	driver := func(args any) error {
		seen = dumpAll(args)
		if fails {
			return errDriver
		}
		return nil
	}
	var got any
	var err error
	ctx := context.Background()
	switch a := args.(type) {
	case poolT:
		got, err = engine.Call(ctx, e.Engine, "by_value", a, func(_ context.Context, a poolT) (poolT, error) {
			r, _ := result.(poolT)
			return r, driver(a)
		})
	case *poolT:
		got, err = engine.Call(ctx, e.Engine, "by_pointer", a, func(_ context.Context, a *poolT) (*poolT, error) {
			r, _ := result.(*poolT)
			return r, driver(a)
		})
	case *nodeT:
		got, err = engine.Call(ctx, e.Engine, "graph", a, func(_ context.Context, a *nodeT) (any, error) { return result, driver(a) })
	default:
		got, err = engine.Call(ctx, e.Engine, "any", args, func(_ context.Context, a any) (any, error) { return result, driver(a) })
	}
	return fmt.Sprintf("the driver saw %s\nreturned %s\n%v\n%s", seen, dumpAll(got), err, e.log.String())
}

// drawHook makes a hook whose functions read, write and fail at random.
func drawHook(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("local kept\n")
	for _, phase := range []string{"pre", "post", "failed", "finally"} {
		if phase != "pre" && rapid.Bool().Draw(t, phase) {
			continue
		}
		fmt.Fprintf(&b, "function %s(call, result)\n", phase)
		for range rapid.IntRange(1, 5).Draw(t, "statements") {
			b.WriteString(drawStatement(t, phase))
		}
		b.WriteString("end\n")
	}
	return b.String()
}

// drawStatement makes a statement that goes down a path as far as there are tables, and does something there.
func drawStatement(t *rapid.T, phase string) string {
	from := "call.args"
	if phase == "post" && rapid.Bool().Draw(t, "result") {
		from = "result"
	}
	walk := func(v, from string) string {
		code := fmt.Sprintf("  local %s = %s\n", v, from)
		for depth := range rapid.IntRange(0, 3).Draw(t, "depth") {
			code += fmt.Sprintf("  if type(%[1]s) == \"table\" then %[1]s = %[1]s[%[2]s] end\n", v, drawKey(t, depth))
		}
		return code
	}
	act := rapid.SampledFrom([]string{
		`if type(v) ~= "table" then log.info("read", { v = v }) end`,
		`if type(v) ~= "table" then log.info("read", { v = v }) end`,
		`if type(v) == "table" then for k, w in pairs(v) do log.info("met", { k = k, t = type(w), w = type(w) ~= "table" and w or nil }) end end`,
		`if type(v) == "table" then for i, w in ipairs(v) do log.info("item", { i = i, t = type(w) }) end end`,
		`if type(v) == "table" then v[KEY] = VALUE end`,
		`if type(v) == "table" then v.name = "changed" end`,
		`if type(v) == "table" then v.name = "changed" end`,
		`if type(v) == "table" then v[KEY] = nil end`,
		`if type(v) == "table" then local w = v[KEY] v[KEY] = nil v[KEY] = w end`,
		`if type(v) == "table" then v[#v + 1] = VALUE end`,
		`if type(v) == "table" and #v > 1 then v[1], v[2] = v[2], v[1] end`,
		`if type(v) == "table" then table.remove(v) end`,
		`if type(v) == "table" then table.insert(v, 1, VALUE) table.remove(v, 1) end`,
		`if type(v) == "table" and #v > 0 then rawset(v, "x", 1) rawset(v, "x", nil) rawset(v, 20, 1) rawset(v, 20, nil) end`,
		`if type(v) == "table" then v[KEY] = u end`,
		`if type(v) == "table" then u = v[KEY] if type(u) == "table" then u[KEY] = VALUE end end`,
		`kept = v`,
		`if type(kept) == "table" then log.info("kept", { v = select(2, pcall(function() return kept.name end)) }) end`,
		`state.set("k", VALUE)`,
		`state.set("k", "v")`,
		`events.publish("x", {}, { when = "always" })`,
		`state.set("k", 1) if type(v) == "table" then v.name = "changed" end`,
		`if type(v) == "table" then v.name = "\255" state.set("k", 1) end`,
		`if state.get("k") then return { f = print } end`,
		`log.info("compared", { same = u == v, none = v == nil })`,
		`error("stop")`,
		`if type(v) == "table" then return v end`,
		`return { name = VALUE }`,
	}).Draw(t, "act")
	for strings.Contains(act, "KEY") {
		act = strings.Replace(act, "KEY", drawKey(t, 3), 1)
	}
	for strings.Contains(act, "VALUE") {
		act = strings.Replace(act, "VALUE", rapid.SampledFrom([]string{
			`"x"`, `"available"`, `7`, `1e17`, `true`, `{}`, `{ name = "new" }`, `{ { name = "new" }, { size = 2 } }`, `null`,
		}).Draw(t, "value"), 1)
	}
	return "do\n" + walk("v", from) + walk("u", "call.args") + "  " + act + "\nend\n"
}

func drawKey(t *rapid.T, depth int) string { return rapid.SampledFrom(keys[depth]).Draw(t, "key") }

// drawNodes makes nodes that calls share.
func drawNodes(t *rapid.T) []*nodeT {
	nodes := make([]*nodeT, 4)
	for i := range nodes {
		nodes[i] = &nodeT{Name: fmt.Sprint("n", i), In: drawPlace(t)}
	}
	for _, n := range nodes {
		n.Next, n.Kids = drawNode(t, nodes), []*nodeT{drawNode(t, nodes), drawNode(t, nodes)}
		if rapid.Bool().Draw(t, "held") {
			n.Any = drawNode(t, nodes)
		}
	}
	return nodes
}

func drawNode(t *rapid.T, nodes []*nodeT) *nodeT {
	if i := rapid.IntRange(0, len(nodes)).Draw(t, "node"); i < len(nodes) {
		return nodes[i]
	}
	return nil
}

func drawValue(t *rapid.T, nodes []*nodeT) any {
	pool := func() poolT {
		p := poolT{
			Name: drawText(t), Size: rapid.SampledFrom([]int64{0, 1, 5000, 1<<53 + 1}).Draw(t, "size"), In: drawDisk(t, nodes), Any: drawAny(t, nodes),
			ByName: map[string]any{"a": drawAny(t, nodes)}, placeT: drawPlace(t),
		}
		for range rapid.IntRange(0, 9).Draw(t, "disks") {
			d := drawDisk(t, nodes)
			p.List, p.Ptrs, p.Ptr = append(p.List, drawDisk(t, nodes)), append(p.Ptrs, &d), &d
		}
		if rapid.Bool().Draw(t, "raw") {
			p.Raw = json.RawMessage(`{"name": "raw", "a": [1, {"name": "deep"}]}`)
		}
		return p
	}
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0, 1, 2:
		return pool()
	case 3:
		p := pool()
		return &p
	case 4:
		return nodes[rapid.IntRange(0, len(nodes)-1).Draw(t, "root")]
	}
	return drawAny(t, nodes)
}

func drawDisk(t *rapid.T, nodes []*nodeT) diskT {
	d := diskT{Name: drawText(t), Size: 3, Where: drawPlace(t), Any: drawAny(t, nodes)}
	if rapid.Bool().Draw(t, "last") {
		p := drawPlace(t)
		d.Last = &p
	}
	return d
}

func drawPlace(t *rapid.T) placeT {
	if rapid.Bool().Draw(t, "zero") {
		return placeT{}
	}
	return placeT{Rack: drawText(t), Shelf: 4, Meta: map[string]any{"a": drawText(t)}}
}

func drawText(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "a", "available", "10.0.0.1:/export"}).Draw(t, "text")
}

func drawAny(t *rapid.T, nodes []*nodeT) any {
	switch rapid.IntRange(0, 9).Draw(t, "any") {
	case 0, 1:
		return nil
	case 2:
		return map[string]any{"name": drawText(t), "a": []any{1, drawText(t)}}
	case 3:
		return []any{drawText(t), map[string]any{"name": "item"}}
	case 4:
		return drawPlace(t)
	case 5:
		p := drawPlace(t)
		return &p
	}
	if n := drawNode(t, nodes); n != nil {
		return n
	}
	return drawText(t)
}

// dumpAll shows a value, each pointer once.
func dumpAll(v any) string {
	var b strings.Builder
	seen := map[any]int{}
	var dump func(v reflect.Value)
	dump = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Invalid:
			b.WriteString("nil")
		case reflect.Interface:
			dump(v.Elem())
		case reflect.Pointer:
			if v.IsNil() {
				b.WriteString("nil")
				return
			}
			at, known := seen[v.Interface()]
			if !known {
				at = len(seen)
				seen[v.Interface()] = at
			}
			fmt.Fprintf(&b, "&%d", at)
			if !known {
				dump(v.Elem())
			}
		case reflect.Struct:
			fmt.Fprintf(&b, "%s{", v.Type().Name())
			for i := range v.NumField() {
				dump(v.Field(i))
				b.WriteByte(' ')
			}
			b.WriteByte('}')
		case reflect.Map:
			b.WriteString("map[")
			entries := v.Interface().(map[string]any)
			for _, k := range slices.Sorted(maps.Keys(entries)) {
				fmt.Fprintf(&b, "%s:", k)
				dump(reflect.ValueOf(entries[k]))
			}
			b.WriteByte(']')
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				fmt.Fprintf(&b, "%q", v.Bytes())
				return
			}
			b.WriteByte('[')
			for i := range v.Len() {
				dump(v.Index(i))
				b.WriteByte(' ')
			}
			b.WriteByte(']')
		default:
			fmt.Fprintf(&b, "%#v", v)
		}
	}
	dump(reflect.ValueOf(v))
	return b.String()
}
