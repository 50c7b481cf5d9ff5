package bridge_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// person is of a type that points back to itself in all ways.
type person struct {
	Name     string             `json:"name"`
	Up       *person            `json:"up"`
	Down     *person            `json:"down"`
	Kids     []*person          `json:"kids"`
	Named    map[string]*person `json:"named"`
	Inside   house              `json:"inside"`
	Indirect **person           `json:"indirect"`
	Any      any                `json:"any"`
}

type house struct {
	Owner *person `json:"owner"`
}

// pair are two who point to one another.
func pair() *person {
	p := &person{Name: "p"}
	p.Down = &person{Name: "q", Up: p}
	return p
}

// family is a parent with two children who know one another and their parent.
func family() *person {
	p := &person{Name: "p", Named: map[string]*person{}}
	for i := range 2 {
		kid := &person{Name: fmt.Sprint("k", i+1), Up: p, Inside: house{p}, Any: p}
		kid.Indirect = &kid.Up
		p.Kids = append(p.Kids, kid)
		p.Named[kid.Name] = kid
	}
	p.Kids[0].Down, p.Kids[1].Down = p.Kids[1], p.Kids[0]
	return p
}

func TestAPointerOfAGraphIsOneView(t *testing.T) {
	mustHook(t, `
		local k = result.kids[1]
		assert(k.up == result and k.inside.owner == result and k.indirect == result and k.any == result)
		assert(k.down == result.kids[2] and k.down.down == k and result.named.k1 == k and result.named.k2.down == k)
		k.up.name = "new"
		assert(result.name == "new" and result.kids[2].up.name == "new")`, viewOf(t, family()))
}

func TestAnEndlessWalkMakesNothingNew(t *testing.T) {
	mustHook(t, `local p, q = result, result.down for i = 1, 100000 do p = p.down.up end assert(p == result and p.down == q)`, viewOf(t, pair()))
}

// chain is a list of n links after the first, each with a pointer back.
func chain(n int) *person {
	first := &person{Name: "first"}
	last := first
	for range n {
		last.Down = &person{Up: last}
		last = last.Down
	}
	return first
}

func TestALongListIsWalkedAndChangedAtItsEnd(t *testing.T) {
	long.Only(t)
	first := chain(100_000)
	got, _ := edited(t, first, `local p = result while p.down do p = p.down end p.name = "last" p.up.name = "last but one"`)
	last := first
	for ; last.Down != nil; last = last.Down {
	}
	n, p := 0, got
	for ; p.Down != nil; p = p.Down {
		if p.Down.Up != p {
			t.Fatalf("node %d does not point back", n+1)
		}
		n++
	}
	if n != 100_000 || p.Name != "last" || p.Up.Name != "last but one" || last.Name != "" || got == first {
		t.Errorf("%d nodes, the last is %q after %q", n, p.Name, p.Up.Name)
	}
}

func TestACommitMakesAGraphOfTheSameShape(t *testing.T) {
	for name, body := range map[string]string{
		"without a look at those who point back": `result.name = "new"`,
		"through one who points back":            `result.kids[1].up.name = "new"`,
		"through what points to a pointer":       `result.kids[2].indirect.name = "new"`,
		"after a walk":                           `for _, k in ipairs(result.kids) do k.inside.owner.named.k1.up.name = "new" end`,
		"in a list that is sorted":               `table.sort(result.kids, function(a, b) return a.name > b.name end) result.name = "new"`,
		"in what is returned":                    `result.name = "new" return { name = "other", up = result }`,
	} {
		t.Run(name, func(t *testing.T) {
			old := family()
			got, _ := edited(t, old, body)
			if got.Name == "other" {
				got = got.Up
			}
			if old.Name != "p" || got.Name != "new" || len(got.Kids) != 2 {
				t.Fatalf("the old one is %q, the new one %q with %d kids", old.Name, got.Name, len(got.Kids))
			}
			if got.Kids[0].Name == "k2" {
				got.Kids[0], got.Kids[1] = got.Kids[1], got.Kids[0]
			}
			for i, k := range got.Kids {
				if k == old.Kids[i] || k.Up != got || k.Inside.Owner != got || *k.Indirect != got || k.Down != got.Kids[1-i] || got.Named[k.Name] != k {
					t.Errorf("kid %d is of another graph: %+v", i+1, k)
				}
			}
		})
	}
}

func TestAScriptMakesNoRing(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{`result.down = result`, "result.down: a cycle: the table contains itself"},
		{`result.kids[1].kids = { result }`, "result.kids[1].kids[1]: a cycle"},
		{`result.named.k3 = { named = { me = result } }`, "result.named.k3.named.me: a cycle"},
		{`result.any = result.kids[2].inside`, "result.any.owner: a cycle"},
		{`result.any = { result }`, "result.any[1]: a cycle"},
		{`result.up = result.kids[1]`, "result.up: a cycle"},
		{`result.inside = { owner = result.kids[2] }`, "result.inside.owner: a cycle"},
		{`result.named.k1.named.me = result.named.k1`, "result.kids[1].named.me: a cycle"},
	} {
		old := family()
		r, s := show(t, old)
		returned := mustHook(t, `local _ = result.kids[1] `+tt.body, r.Value())
		if _, err := r.Commit(returned, nil); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %s", tt.body, err, tt.want)
		}
		if s.Rollback(); r.Go().Interface() != any(old) {
			t.Errorf("%s: something was committed", tt.body)
		}
	}
	free, _ := edited(t, family(), `local k = result.kids[1]
		for _, k in ipairs(result.kids) do k.up, k.down, k.inside, k.indirect, k.any = nil, nil, nil, nil, nil end
		k.down = result.kids[2]`)
	if free.Kids[0].Down != free.Kids[1] || free.Named["k1"] != free.Kids[0] {
		t.Error("a pointer that was moved is another")
	}
}

// TestAScriptPutsPointersInAnotherOrder: whatever points back then did so before.
func TestAScriptPutsPointersInAnotherOrder(t *testing.T) {
	for body, want := range map[string]string{
		`local n = result.named n.k1, n.k2 = n.k2, n.k1`:                             "k1 k2 k2 k1",
		`local k = result.kids k[1], k[2] = k[2], k[1]`:                              "k2 k1 k1 k2",
		`result.kids = { result.named.k2, result.named.k1, result.named.k2 }`:        "k2 k1 k2 k1 k2",
		`table.insert(result.kids, result.named.k1)`:                                 "k1 k2 k1 k1 k2",
		`result.down = result.kids[2] result.kids = { result.down }`:                 "k2 k1 k2 k2",
		`result.down = result.kids[1] result.kids[1].down.any = result.kids[1]`:      "k1 k2 k1 k2 k1",
		`for _, k in ipairs(result.kids) do k.any, k.up = k.inside.owner, k.any end`: "k1 k2 k1 k2",
	} {
		old := family()
		got, _ := edited(t, old, body+` result.name = "new"`)
		var names []string
		for _, p := range append(slices.Clone(got.Kids), got.Named["k1"], got.Named["k2"], got.Down) {
			if p != nil {
				names = append(names, p.Name)
			}
			if p != nil && (p.Up != got || p.Inside.Owner != got) {
				t.Errorf("%s: %s is of another graph", body, p.Name)
			}
		}
		if strings.Join(names, " ") != want {
			t.Errorf("%s: got %q, want %s", body, names, want)
		}
	}
	type node struct {
		Name        string
		Left, Right *node
		Parent      *node
		Slots       []struct {
			Rank  int
			Owner *node
		}
	}
	root := &node{Left: &node{Name: "l"}, Right: &node{Name: "r"}}
	root.Left.Parent, root.Right.Parent = root, root
	for i := range 1000 {
		root.Slots = append(root.Slots, struct {
			Rank  int
			Owner *node
		}{-i, root})
	}
	got, _ := edited(t, root, `
		result.Left, result.Right = result.Right, result.Left
		table.sort(result.Slots, function(a, b) return a.Rank < b.Rank end)`)
	if got.Left.Name != "r" || got.Right.Name != "l" || got.Left.Parent != got || got.Slots[0].Rank != -999 || got.Slots[9].Owner != got {
		t.Errorf("got %+v", got)
	}
	got, _ = edited(t, root, `result.Left, result.Right = nil, result.Left`)
	if got.Left != nil || got.Right.Name != "l" || got.Right.Parent != got {
		t.Errorf("got %+v", got)
	}
	got, _ = edited(t, root, `result.Right.Parent = result result.Name = "new"`)
	if got.Name != "new" || got.Right.Parent != got {
		t.Errorf("a pointer that was written without a look at it: got %+v", got)
	}
	type item struct {
		Name       string
		Next, Prev *item
	}
	first := &item{Name: "a", Next: &item{Name: "b", Next: &item{Name: "c"}}}
	first.Next.Prev, first.Next.Next.Prev = first, first.Next
	last, _ := edited(t, first, `local i, last = result while i do last = i i.Next, i.Prev = i.Prev, i.Next i = i.Prev end return last`)
	if text := last.Name + last.Next.Name + last.Next.Next.Name; text != "cba" || last.Next.Next.Next != nil || last.Next.Prev != last {
		t.Errorf("a list in reverse is %s", text)
	}
	r, _ := show(t, first)
	mustHook(t, `local b = result.Next b.Next, b.Prev = b.Prev, b.Next`, r.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err == nil || err.Error() != "result.Next.Next: a cycle: the table contains itself" {
		t.Errorf("a list whose end leads back to its beginning: got error %v", err)
	}
}

func TestWhatLeadsToNoChangeKeepsItsPointer(t *testing.T) {
	type two struct{ A, B *person }
	old := two{pair(), pair()}
	got, _ := edited(t, old, `local _ = result.B.down.up result.A.down.name = "new"`)
	if got.B != old.B || got.A == old.A || got.A.Down.Up != got.A || got.A.Down.Name != "new" || old.A.Down.Name != "q" {
		t.Errorf("got %+v and %+v", got.A, got.B)
	}
	old = two{family(), nil}
	old.A.Kids[1].Up, old.A.Kids[1].Down = nil, nil
	old.A.Kids[1].Inside.Owner, old.A.Kids[1].Any, old.A.Kids[1].Indirect = nil, nil, nil
	got, _ = edited(t, old, `result.A.name = "new"`)
	if got.A.Kids[1] != old.A.Kids[1] || got.A.Kids[0] == old.A.Kids[0] {
		t.Error("a kid that leads to no change is another, or one that does is the same")
	}
}

func TestArgumentsAndResultAreGraphsOfTheirOwn(t *testing.T) {
	type both struct{ Args, Result *person }
	p := pair()
	got, _ := edited(t, both{p, p}, `result.Args.name = "new" assert(result.Result.name == "new")`)
	if got.Args != got.Result || got.Args.Name != "new" {
		t.Error("one value has two graphs")
	}
}

func TestADeepChainOfTablesEndsWithAnError(t *testing.T) {
	m := map[string]any{}
	m["self"] = m
	_, err := hook(t, `local m = result while true do m = m.self end`, viewOf(t, m))
	if err == nil || !strings.Contains(err.Error(), "....self.self.self") {
		t.Errorf("got error %v, want %s", err, "....self.self.self")
	}
	if err == nil || !strings.Contains(err.Error(), "nested deeper than 8192 tables") {
		t.Errorf("got error %v, want %s", err, "nested deeper than 8192 tables")
	}
	type ring struct{ Items []ring }
	r := ring{make([]ring, 1)}
	r.Items[0].Items = r.Items
	_, err = hook(t, `local r = result while true do r = r.Items[1] end`, viewOf(t, r))
	if err == nil || !strings.Contains(err.Error(), "nested deeper than 8192 tables") {
		t.Errorf("got error %v, want %s", err, "nested deeper than 8192 tables")
	}
	got, changed := edited(t, m, `local m = result for i = 1, 8000 do m = m.self end m.x = 1`)
	if !changed || m["x"] != nil {
		t.Error("nothing has changed, or the old map has")
	}
	inner := any(got)
	for range 8001 {
		inner = inner.(map[string]any)["self"]
	}
	if inner.(map[string]any)["self"].(map[string]any)["x"] != nil {
		t.Error("more than one place was written to")
	}
}

// JSON is written in the middle of a commit, when the values of the graph are still being made.
func TestAGraphIsWholeInRawJSON(t *testing.T) {
	type link struct {
		Name string `json:"name"`
		Up   *link  `json:"up"`
	}
	type holder struct {
		Root   *link             `json:"root"`
		Inside struct{ L *link } `json:"inside"`
		Raw    json.RawMessage   `json:"raw"`
	}
	const root = `{"name":"new","up":{"name":"top","up":null}}`
	for body, want := range map[string]string{
		`result.raw = result.root`:         root,
		`result.raw = { a = result.root }`: `{"a":` + root + `}`,
		`result.raw = result.inside`:       `{"L":` + root + `}`,
		`result.raw.a = result.root`:       `{"a":` + root + `,"b":1}`,
		`result.raw.a = { result.root }`:   `{"a":[` + root + `],"b":1}`,
		`result.raw.a = result.inside`:     `{"a":{"L":` + root + `},"b":1}`,
		`result.raw.a = result.root.up`:    `{"a":{"name":"top","up":null},"b":1}`,
	} {
		before := holder{Root: &link{"old", &link{Name: "top"}}, Raw: json.RawMessage(`{"b":1}`)}
		before.Inside.L = before.Root
		got, _ := edited(t, before, body+` result.root.name = "new"`)
		if string(got.Raw) != want || got.Root.Name != "new" || got.Inside.L != got.Root || before.Root.Name != "old" {
			t.Errorf("%s:\ngot  %s\nwant %s\nthe root is %+v, and that inside %+v", body, got.Raw, want, got.Root, got.Inside.L)
		}
	}
}

func TestALongGraphWithRawJSONIsCommittedAsALoop(t *testing.T) {
	type link struct {
		Next *link           `json:"next"`
		Meta json.RawMessage `json:"meta"`
	}
	const links = 20_000
	var first *link
	for range links {
		first = &link{first, json.RawMessage(`{}`)}
	}
	got, _ := edited(t, first, `local n = result while n do n.meta.seen = true n = n.next end`)
	n := 0
	for l := got; l != nil; l = l.Next {
		if string(l.Meta) == `{"seen":true}` {
			n++
		}
	}
	if n != links {
		t.Errorf("%d of %d links were changed", n, links)
	}
}

// TestOneTableStandsInAGraphAndInText: the graph is filled in while the text is written, which is no cycle.
func TestOneTableStandsInAGraphAndInText(t *testing.T) {
	type knot struct {
		Name string          `json:"name" lua:"name"`
		Data any             `json:"data" lua:"data"`
		Text json.RawMessage `json:"text,omitempty" lua:"text"`
		Next *knot           `json:"next" lua:"next"`
	}
	type pair struct {
		A     *knot           `lua:"a"`
		B     *knot           `lua:"b"`
		Extra json.RawMessage `lua:"extra"`
	}
	for _, body := range []string{
		`local t = {n = result.a} result.a.name = "x" result.b.data = t result.extra = t`,
		`local t = {n = result.a} result.extra = t result.b.data = {t, t} result.a.name = "x"`,
		`local t = {{n = result.a}} result.a.name = "x" result.b.data = t[1] result.extra = t`,
	} {
		got, _ := edited(t, pair{A: &knot{Name: "a"}, B: &knot{Name: "b"}}, body)
		if got.A.Name != "x" || got.B.Data == nil || !strings.Contains(string(got.Extra), `{"n":{"name":"x","data":null,"next":null}}`) {
			t.Errorf("%s: got %+v, data %v, extra %s", body, got.A, got.B.Data, got.Extra)
		}
	}
	const cycle = "a cycle: the table contains itself"
	for body, want := range map[string]string{
		`local t = {n = result.a} result.a.data = t result.extra = t`:                   "cycle",
		`local t = {n = result.b} result.b.text = t result.a.text = t`:                  cycle,
		`result.a.text = {result.a}`:                                                    cycle,
		`result.a.text = result.a`:                                                      cycle,
		`result.a.next.text = {{result.b.name, result.a.next}} result.extra = result.a`: cycle,
		`local t = {} result.extra = t t.t = t`:                                         cycle,
	} {
		r, _ := show(t, pair{A: &knot{Name: "a", Next: &knot{Name: "n"}}, B: &knot{Name: "b"}})
		mustHook(t, body, r.Value())
		if _, err := r.Commit(bridge.Value{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			got := r.Go().Interface().(pair)
			t.Errorf("%s: got error %v, want %s; texts %s, %s", body, err, want, got.A.Text, got.A.Next.Text)
		}
	}
}

// TestAWriteIsSeenByEveryPathToIt: a script writes along one path, and the commit comes by another one first.
func TestAWriteIsSeenByEveryPathToIt(t *testing.T) {
	type slot struct{ Node *person }
	type holder struct {
		First   *person
		List    []*person
		Slots   []slot
		Map     map[string]slot
		Inside  slot
		Any     any
		Pointer *slot
		Second  *person
	}
	firsts := map[string]func(*holder) **person{
		"result.First":         func(h *holder) **person { return &h.First },
		"result.List[1]":       func(h *holder) **person { return &h.List[0] },
		"result.Slots[1].Node": func(h *holder) **person { return &h.Slots[0].Node },
		"result.Map.m.Node":    func(h *holder) **person { n := h.Map["m"].Node; return &n },
		"result.Inside.Node":   func(h *holder) **person { return &h.Inside.Node },
		"result.Any":           func(h *holder) **person { p := h.Any.(*person); return &p },
		"result.Pointer.Node":  func(h *holder) **person { return &h.Pointer.Node },
		"result.Second":        func(h *holder) **person { return &h.Second },
	}
	made := func() (holder, *person) {
		n := &person{Name: "n"}
		p := &person{Name: "p", Down: n}
		return holder{p, []*person{p}, []slot{{p}}, map[string]slot{"m": {p}}, slot{p}, p, &slot{p}, p}, n
	}
	for path := range firsts {
		old, n := made()
		got, _ := edited(t, old, path+`.down.name = "x"`)
		for other, at := range firsts {
			if p := *at(&got); p == *at(&old) || p != got.First || p.Down == n || p.Down.Name != "x" {
				t.Errorf("written through %s: %s is %+v", path, other, p)
			}
		}
		r, _ := show(t, old)
		returned := mustHook(t, path+`.down.name = "x" return { inside = result.Inside, list = result.List, slots = result.Slots }`, r.Value())
		text, err := returned.AppendJSON(nil, "returned", nil)
		if err != nil || strings.Count(string(text), `"name":"x"`) != 3 || n.Name != "n" {
			t.Errorf("written through %s: got JSON %s, error %v", path, text, err)
		}
		data, err := returned.ToGo("returned", nil)
		if err != nil || strings.Count(fmt.Sprint(data), "name:x") != 3 {
			t.Errorf("written through %s: got data %v, error %v", path, data, err)
		}
	}
}

func TestAGraphThatIsReadOnlyHidesNoChange(t *testing.T) {
	type holder struct {
		Free any
		Node *person
	}
	var options bridge.Tx
	var given bridge.Binding
	given.Bind(&options, "options", reflect.ValueOf(&holder{Node: &person{Down: &person{}}}).Elem(), false)
	t.Cleanup(options.Close)
	script := load(t, "hook.lua", `function hook(result, options)
		local _ = options.Node.down
		result.Free = options.Node
		result.Node.down.up.name = "new"
	end`)
	r, s := show(t, holder{Node: pair()})
	script.mustCall(t, "hook", r.Value(), given.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err != nil {
		t.Fatal(err)
	}
	s.Rollback()
	if got := r.Go().Interface().(holder); got.Node.Name != "new" || got.Free == nil {
		t.Errorf("got %+v, free %v", got.Node, got.Free)
	}
}

func TestATextHasAllOfAGraphThatItLeadsTo(t *testing.T) {
	type knot struct {
		Name string          `json:"name" lua:"name"`
		Text json.RawMessage `json:"text,omitempty" lua:"text"`
		Next *knot           `json:"next,omitempty" lua:"next"`
	}
	type three struct {
		C *knot `json:"c" lua:"c"`
		A *knot `json:"a" lua:"a"`
		B *knot `json:"b" lua:"b"`
	}
	made := func() three {
		a := &knot{Name: "a", Next: &knot{Name: "n"}}
		return three{C: &knot{Name: "c", Next: &knot{Name: "z", Next: a}}, A: a, B: &knot{Name: "b"}}
	}
	const b, n = `{"name":"b"}`, `,"next":{"name":"n"}`
	const a = `{"name":"a","text":` + b + n + `}`
	for body, want := range map[string]string{
		`result.a.text = result.b result.c.text = result.c.next`:                    `{"name":"z","next":` + a + `}`,
		`result.a.text = result.b result.c.text = result.a`:                         a,
		`result.c.text = result.a result.a.text = result.b`:                         a,
		`result.a.text = result.b result.c.text = { k = { result.a } }`:             `{"k":[` + a + `]}`,
		`result.a.text = result.b result.c.text = { result.b, result.a, result.b }`: `[` + b + `,` + a + `,` + b + `]`,
		`result.b.text = { result.a } result.c.text = { x = result.b }`:             `{"x":{"name":"b","text":[{"name":"a"` + n + `}]}}`,
	} {
		for _, order := range []string{"", " result.c.name = result.c.name", ` result.a.name, result.b.name = "a", "b"`} {
			got, _ := edited(t, made(), body+order)
			if string(got.C.Text) != want {
				t.Errorf("%s: got %s, want %s", body, got.C.Text, want)
			}
			whole, err := json.Marshal(got)
			if err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			r, _ := show(t, made())
			returned := mustHook(t, body+order+" return result", r.Value())
			text, err := returned.AppendJSON(nil, "returned", nil)
			if err != nil || !reflect.DeepEqual(filled(free(string(text))), filled(free(string(whole)))) {
				t.Errorf("%s: got JSON %s, error %v, want %s", body, text, err, whole)
			}
			if _, err := returned.ToGo("returned", nil); err != nil {
				t.Errorf("%s: got error %v", body, err)
			}
		}
	}
	const cycle = "a cycle: the table contains itself"
	for _, body := range []string{
		`result.a.next.text = result.a`, `result.a.text = result.a`, `result.a.text = result.b result.b.text = result.a`,
		`result.a.text = result.c`, `result.a.text = { result.b, result.c.next }`, `result.b.text = result.c result.a.next.text = { result.b }`,
	} {
		r, s := show(t, made())
		returned := mustHook(t, body+" return result", r.Value())
		if _, err := r.Commit(bridge.Value{}, nil); err == nil || !strings.Contains(err.Error(), cycle) {
			t.Errorf("%s: got error %v, want %s", body, err, cycle)
		}
		if text, err := returned.AppendJSON(nil, "returned", nil); err == nil || !strings.Contains(err.Error(), cycle) {
			t.Errorf("%s: got JSON %s, error %v, want %s", body, text, err, cycle)
		}
		s.Rollback()
	}
}

// filled removes what is null from free-form data, which other writers leave out.
func filled(data any) any {
	switch x := data.(type) {
	case []any:
		for i := range x {
			x[i] = filled(x[i])
		}
	case map[string]any:
		for key, v := range x {
			if x[key] = filled(v); x[key] == nil {
				delete(x, key)
			}
		}
	}
	return data
}

// TestWhatLeadsToNoGraphIsReadWithoutALookAtOne: a script walks through a graph, writes, and tells of each value.
func TestWhatLeadsToNoGraphIsReadWithoutALookAtOne(t *testing.T) {
	type member struct {
		Name   string
		Labels map[string]string
		Size   struct{ Rank int }
		Info   any
		Made   struct{ By any }
		Kids   []*member
		Parent *member
	}
	root := &member{}
	for range 1000 {
		root.Kids = append(root.Kids, &member{Name: "k", Labels: map[string]string{"a": "b"}, Info: []any{"i"}, Parent: root})
	}
	for _, of := range []string{"Labels", "Size", "Info", "Made"} {
		r, _ := show(t, root)
		told := mustHook(t, `local k = result.Kids[1] k.Name = "new" return { name = k.Name, of = k.`+of+` }`, r.Value())
		for what, read := range map[string]func(m bridge.Meter) error{
			"JSON": func(m bridge.Meter) error { _, err := told.AppendJSON(nil, "told", m); return err },
			"data": func(m bridge.Meter) error { _, err := told.ToGo("told", m); return err },
			"log":  func(m bridge.Meter) error { _, err := told.Tell("told", 1<<20, m); return err },
		} {
			if err := read(limited(100, unlimited)); err != nil {
				t.Errorf("%s of %s: %v", what, of, err)
			}
		}
	}
}
