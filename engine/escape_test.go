package engine_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// TestAViewThatIsKeptNeverServesAgain keeps views in all ways that a script has. Other calls make views meanwhile,
// which must not be those that are kept.
func TestAViewThatIsKeptNeverServesAgain(t *testing.T) {
	source, err := os.ReadFile("testdata/keeps.lua")
	if err != nil {
		t.Fatal(err)
	}
	type anyArgs struct {
		Share share `json:"share"`
		Any   any   `json:"any"`
	}
	driver := func(context.Context, anyArgs) (any, error) { return nil, nil }
	w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", string(source)))
	ways, err := engine.Call(t.Context(), w.Engine, "list", "", func(context.Context, string) (map[string]any, error) {
		return map[string]any{}, nil
	})
	if err != nil || len(ways) < 50 {
		t.Fatalf("got %d ways to keep a view, and %v", len(ways), err)
	}
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", string(source)))
			for _, act := range []string{"read", "read", "keep", "read", "look", "read", "look", "look"} {
				s := newKept()
				s.Name, s.ID = way, act
				if _, err := engine.Call(t.Context(), w.Engine, "create_snapshot", anyArgs{Share: s}, driver); err != nil {
					t.Errorf("%s: %v", act, err)
				}
			}
		})
	}
}

func TestAHandlerMayKeepItsArgumentsInArg(t *testing.T) {
	w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", `
local held
function pre(...)
  if held and pcall(function() return held[1].args.share.id end) then error("it shows a call") end
  held = held or arg
end`))
	for range 3 {
		if err := w.made(t.Context(), "make"); err != nil {
			t.Error(err)
		}
	}
}

// TestAHandlerThatIsACoroutineKeepsItsArguments: they lie on a stack that lives on, and nowhere else.
func TestAHandlerThatIsACoroutineKeepsItsArguments(t *testing.T) {
	w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", `
pre = coroutine.wrap(function(call)
  while true do
    local kept = call
    call = coroutine.yield()
    if pcall(rawget, kept, "args") then reject("it shows a call") end
    call = coroutine.yield()
  end
end)`))
	for range 12 {
		if err := w.made(t.Context(), "make"); err != nil {
			t.Error(err)
		}
	}
}

// TestAGraphEndsWithItsCall has graphs that are reached by way of an interface, which the types do not show.
func TestAGraphEndsWithItsCall(t *testing.T) {
	type node struct {
		Name string `json:"name"`
		Next *node  `json:"next"`
	}
	type held struct {
		Any any `json:"any"`
	}
	type deep struct {
		In held `json:"in"`
	}
	w := newWorld(t, engine.Options{}, hook("adds", `
		function pre.create_snapshot(call) call.args.any.name = call.args.any.name .. call.args.any.next.name end
		function post.create_snapshot(call, result) result["in"].any.name = result["in"].any.name .. "z" end`,
		func(h *config.Hook) { h.ChangeArgs = true }))
	same := &node{Name: "a", Next: &node{Name: "b"}}
	for _, start := range []*node{same, same, {Name: "c", Next: &node{Name: "d"}}, same} {
		got, err := engine.Call(t.Context(), w.Engine, "create_snapshot", held{start},
			func(_ context.Context, a held) (deep, error) { return deep{a}, nil })
		if want := start.Name + start.Next.Name + "z"; err != nil || got.In.Any.(*node).Name != want {
			t.Fatalf("got %v, and %v, want %s", got.In.Any, err, want)
		}
	}
}

// TestARecordThatSleepsIsNoPartOfAGraph has a ring that is also reached from a record which an earlier call has read,
// and this one does not.
func TestARecordThatSleepsIsNoPartOfAGraph(t *testing.T) {
	type node struct {
		Name string  `json:"name"`
		Kids []*node `json:"kids"`
	}
	type held struct {
		Any any `json:"any"`
	}
	type graphs struct {
		In  held `json:"in"`
		Any any  `json:"any"`
	}
	w := newWorld(t, engine.Options{}, hook("adds", `
		function pre.create_snapshot(call)
			local a = call.args
			if a.any then a.any.name = "changed" else local _ = a["in"].any end
		end`, func(h *config.Hook) { h.ChangeArgs = true }))
	n, m := &node{Name: "n"}, &node{Name: "m"}
	n.Kids, m.Kids = []*node{m}, []*node{n}
	for _, a := range []graphs{{In: held{map[string]any{"x": 1}}}, {In: held{m}, Any: n}} {
		got, err := engine.Call(t.Context(), w.Engine, "create_snapshot", a,
			func(_ context.Context, a graphs) (graphs, error) { return a, nil })
		if err != nil {
			t.Fatal(err)
		}
		if g, ok := got.Any.(*node); ok && (g.Name != "changed" || g.Kids[0].Kids[0] != g) {
			t.Fatalf("got %s, which leads to %s", g.Name, g.Kids[0].Kids[0].Name)
		}
	}
}

// TestNoViewServesTwice has a graph whose root is met twice when the call ends, once as the root and once as a node,
// with records and lists of records in it. Each record must have a view of its own in the calls that follow.
func TestNoViewServesTwice(t *testing.T) {
	type part struct {
		Name string `json:"name"`
		Size int    `json:"size"`
	}
	type node struct {
		Name  string `json:"name"`
		First part   `json:"first"`
		Last  *part  `json:"last"`
		Parts []part `json:"parts"`
		Next  *node  `json:"next"`
	}
	w := newWorld(t, engine.Options{}, hook("reads", `
		function pre.create_snapshot(call)
			local n, seen = call.args, ""
			while n do
				n.first.size, n.last.size = n.first.size + 1, n.last.size + 1
				seen = seen .. n.name .. n.first.name .. n.first.size .. n.last.name .. n.last.size
				for _, p in ipairs(n.parts) do seen = seen .. p.name .. p.size end
				n = n.next
			end
			log.info(seen)
		end`))
	driver := func(context.Context, *node) (string, error) { return "", nil }
	for i := range 5 {
		second := &node{Name: " b", First: part{"c", 1}, Last: &part{"d", 2}, Parts: []part{{"e", 3}, {"f", 4}}}
		first := &node{Name: " a", First: part{"g", 5}, Last: &part{"h", 6}, Parts: []part{{"i", 7}, {"j", 8}}, Next: second}
		if _, err := engine.Call(t.Context(), w.Engine, "create_snapshot", first, driver); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(w.log.String(), "ag6h7i7j8 bc2d3e3f4"), i+1; got != want {
			t.Fatalf("%d calls read what they should, want %d:\n%s", got, want, w.log)
		}
	}
}
