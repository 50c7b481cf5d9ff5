package bridge_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
)

// bond has the pointers that trees and lists are made of: directly, in a list, and in what it holds by value.
type bond struct {
	Name                string
	Left, Right, Parent *bond
	Kids                []*bond
	Ends                struct{ Next, Prev *bond }
}

// arrow is a pointer from one bond to another one, by their names.
type arrow struct{ from, to, field string }

var arrowFields = []string{"Left", "Right", "Parent", "Kids", "Ends.Next", "Ends.Prev"}

// arrows returns all pointers of some bonds and of those to which they lead.
func arrows(all []*bond) (as []arrow) {
	seen := map[*bond]bool{}
	for todo := slices.Clone(all); len(todo) > 0; {
		k := todo[0]
		todo = todo[1:]
		if seen[k] {
			continue
		}
		seen[k] = true
		to := func(field string, other *bond) {
			if other != nil {
				as = append(as, arrow{k.Name, other.Name, field})
				todo = append(todo, other)
			}
		}
		to("Left", k.Left)
		to("Right", k.Right)
		to("Parent", k.Parent)
		to("Ends.Next", k.Ends.Next)
		to("Ends.Prev", k.Ends.Prev)
		for _, kid := range k.Kids {
			to("Kids", kid)
		}
	}
	return as
}

// endless returns the bonds from which one can follow pointers of some fields for ever.
func endless(as []arrow, fields []string) map[string]bool {
	as = slices.DeleteFunc(slices.Clone(as), func(a arrow) bool { return !slices.Contains(fields, a.field) })
	for {
		leads := map[string]bool{}
		for _, a := range as {
			leads[a.from] = true
		}
		n := len(as)
		if as = slices.DeleteFunc(as, func(a arrow) bool { return !leads[a.to] }); len(as) == n {
			return leads
		}
	}
}

// forbidden returns fields along which a ring of pointers goes only through bonds from which no such walk was endless
// before; nil for none.
func forbidden(before, after []arrow) []string {
	for n := range 1 << len(arrowFields) {
		var fields []string
		for i, f := range arrowFields {
			if n>>i&1 == 1 {
				fields = append(fields, f)
			}
		}
		was := endless(before, fields)
		among := slices.DeleteFunc(slices.Clone(after), func(a arrow) bool { return was[a.from] || was[a.to] })
		if len(endless(among, fields)) > 0 {
			return fields
		}
	}
	return nil
}

// TestNoWalkBecomesEndlessAmongValuesFromWhichItEnded compares what is refused as a cycle with all walks there are.
func TestNoWalkBecomesEndlessAmongValuesFromWhichItEnded(t *testing.T) {
	type holder struct{ All []*bond }
	refused, committed := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		all := make([]*bond, rapid.IntRange(1, 4).Draw(rt, "bonds"))
		for i := range all {
			all[i] = &bond{Name: fmt.Sprint("n", i+1)}
		}
		index := rapid.IntRange(-1, len(all)-1)
		one := func() *bond {
			if i := index.Draw(rt, "to"); i >= 0 {
				return all[i]
			}
			return nil
		}
		for _, k := range all {
			k.Left, k.Right, k.Parent, k.Ends.Next, k.Ends.Prev = one(), one(), one(), one(), one()
			for range rapid.IntRange(0, 2).Draw(rt, "kids") {
				if kid := one(); kid != nil {
					k.Kids = append(k.Kids, kid)
				}
			}
		}
		after := make([]*bond, len(all)) // as the edits make it
		for i := range all {
			after[i] = &bond{Name: all[i].Name}
		}
		same := func(k *bond) *bond {
			if k == nil {
				return nil
			}
			return after[slices.Index(all, k)]
		}
		for i, k := range all {
			n := after[i]
			n.Left, n.Right, n.Parent, n.Ends.Next, n.Ends.Prev = same(k.Left), same(k.Right), same(k.Parent), same(k.Ends.Next), same(k.Ends.Prev)
			for _, kid := range k.Kids {
				n.Kids = append(n.Kids, same(kid))
			}
		}
		var body strings.Builder
		body.WriteString("local n = {} for i, k in ipairs(result.All) do n[i] = k end ")
		fresh := 0
		var pointer func() (*bond, string)
		edit := func(k *bond) (field, lua string) {
			to, lua := pointer()
			switch field = rapid.SampledFrom(arrowFields).Draw(rt, "field"); {
			case field != "Kids":
				place := reflect.ValueOf(k).Elem()
				for _, name := range strings.Split(field, ".") {
					place = place.FieldByName(name)
				}
				place.Set(reflect.ValueOf(to))
			case to == nil:
				k.Kids, lua = nil, "{}"
			default:
				k.Kids, lua = []*bond{to}, "{"+lua+"}"
			}
			return field, lua
		}
		pointer = func() (*bond, string) {
			to := index.Draw(rt, "to")
			if to >= 0 {
				return after[to], fmt.Sprintf("n[%d]", to+1)
			}
			if fresh == 3 || rapid.Bool().Draw(rt, "none") {
				return nil, "nil"
			}
			fresh++
			k := &bond{Name: fmt.Sprint("new", fresh)}
			lua := fmt.Sprintf("{Name = %q", k.Name)
			for range rapid.IntRange(0, 2).Draw(rt, "fields") {
				field, value := edit(k)
				if in, ok := strings.CutPrefix(field, "Ends."); ok {
					if field, value = "Ends", "{"+in+" = "+value+"}"; in == "Next" {
						k.Ends.Prev = nil
					} else {
						k.Ends.Next = nil
					}
				}
				lua += ", " + field + " = " + value
			}
			return k, lua + "}"
		}
		for range rapid.IntRange(1, 4).Draw(rt, "edits") {
			i := rapid.IntRange(0, len(all)-1).Draw(rt, "from")
			field, lua := edit(after[i])
			fmt.Fprintf(&body, "n[%d].%s = %s ", i+1, field, lua)
		}
		fields := forbidden(arrows(all), arrows(after))
		var s bridge.Tx
		defer s.Close()
		var r bridge.Binding
		r.Bind(&s, "result", reflect.ValueOf(holder{all}), true)
		mustHook(rt, body.String(), r.Value())
		_, err := r.Commit(bridge.Value{}, nil)
		switch {
		case err == nil && fields != nil:
			rt.Fatalf("%s: along %s there is a new ring\nbefore: %v\nafter: %v", body.String(), fields, arrows(all), arrows(after))
		case err != nil && fields == nil:
			rt.Fatalf("%s: got error %v\nbefore: %v\nafter: %v", body.String(), err, arrows(all), arrows(after))
		case err != nil && !strings.HasSuffix(err.Error(), ": a cycle: the table contains itself"):
			rt.Fatalf("%s: got error %v", body.String(), err)
		case err != nil:
			refused++
			return
		}
		committed++
		want, got := arrows(after), arrows(r.Go().Interface().(holder).All)
		if count(want); !maps.Equal(count(want), count(got)) {
			rt.Fatalf("%s: got %v, want %v", body.String(), got, want)
		}
	})
	if refused == 0 || committed == 0 {
		t.Errorf("%d edits were refused and %d committed, which proves little", refused, committed)
	}
}

func count[T comparable](list []T) map[T]int {
	n := map[T]int{}
	for _, x := range list {
		n[x]++
	}
	return n
}

func TestNoRingIsMadeOfFieldsThatHadNone(t *testing.T) {
	type tree struct {
		Left, Right, Next *tree
		Kids              []*tree
		Parent            *tree
	}
	made := func() *tree {
		root := &tree{Left: &tree{}, Kids: []*tree{{}, {}}}
		for _, kid := range append(root.Kids, root.Left) {
			kid.Parent = root
		}
		return root
	}
	for body, want := range map[string]string{
		`result.Left.Right = result`:                           "result.Left.Right",
		`local k = result.Kids[1] k.Next = k.Parent`:           "result.Kids[1].Next",
		`local k = result.Kids[1] k.Kids = { k.Parent }`:       "result.Kids[1].Kids[1]",
		`local k = result.Kids[1] k.Left, k.Parent = k.Parent`: "result.Kids[1].Left",
	} {
		r, _ := show(t, made())
		mustHook(t, body, r.Value())
		if _, err := r.Commit(bridge.Value{}, nil); err == nil || err.Error() != want+": a cycle: the table contains itself" {
			t.Errorf("%s: got error %v, want a cycle at %s", body, err, want)
		}
	}
}

func TestPointersChangePlacesWhereRingsWereBefore(t *testing.T) {
	type item struct {
		Name               string
		Kids               []*item
		Parent, Next, Prev *item
	}
	type holder struct{ A, B *item }
	made := func() holder {
		h := holder{&item{Name: "p"}, &item{Name: "q"}}
		for _, name := range []string{"a", "b", "c"} {
			h.A.Kids = append(h.A.Kids, &item{Name: name, Parent: h.A})
		}
		for i, kid := range h.A.Kids[1:] {
			kid.Prev, h.A.Kids[i].Next = h.A.Kids[i], kid
		}
		return h
	}
	for name, body := range map[string]string{
		"a child to another parent": `local k = table.remove(result.A.Kids) k.Parent = result.B result.B.Kids = { k } k.Prev.Next, k.Prev = nil`,
		"the last to the front": `local k = result.A.Kids a, c = k[1], k[3]
			c.Prev.Next, c.Prev = nil c.Next, a.Prev = a, c k[1], k[2], k[3] = k[3], k[1], k[2]`,
		"a child below another one": `local k = result.A.Kids local c = table.remove(k)
			c.Prev.Next, c.Prev = nil k[1].Kids = { c } c.Parent = k[1]`,
	} {
		r, _ := show(t, made())
		mustHook(t, "local a, c "+body, r.Value())
		if changed, err := r.Commit(bridge.Value{}, nil); err != nil || !changed {
			t.Errorf("%s: changed %v, error %v", name, changed, err)
		}
	}
}

// TestAmongManyFieldsNoRingIsNew: there are too many choices of them to look at each.
func TestAmongManyFieldsNoRingIsNew(t *testing.T) {
	type hub struct{ A, B, C, D, E, F, G, H, I, J *hub }
	made := func() *hub {
		h := &hub{J: &hub{}}
		h.A, h.B, h.C, h.D, h.E, h.F, h.G, h.H, h.I = h, h, h, h, h, h, h, h, h
		h.J.A = &hub{A: h}
		return h
	}
	if got, _ := edited(t, made(), `result.A, result.B = result.B, result.A result.A = result.J.A.A`); got.A != got {
		t.Error("a pointer that was there is another")
	}
	r, _ := show(t, made())
	mustHook(t, `result.B = result.J`, r.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err == nil || err.Error() != "result.B: a cycle: the table contains itself" {
		t.Errorf("got error %v", err)
	}
	got, _ := edited(t, &struct{ Top, Rest *hub }{&hub{}, made()}, `result.Top.J = result.Rest`)
	if got.Top.J != got.Rest {
		t.Error("a pointer that closes no ring was not moved")
	}
	p := &hub{A: &hub{}, C: made()}
	p.A.B = p
	two, _ := edited(t, &struct{ P, R *hub }{p, &hub{B: p}}, `result.P.A = result.R`)
	if two.P.A != two.R || two.R.B != two.P {
		t.Error("a pointer beside rings of many fields was not moved")
	}
}

// TestFieldsOfOneNameAreNotOne: each way through records that a value holds is a field of its own.
func TestFieldsOfOneNameAreNotOne(t *testing.T) {
	type node struct {
		Links struct {
			Out struct{ Links []*node }
			In  struct{ Links []*node }
		}
	}
	n := &node{}
	n.Links.In.Links = []*node{n}
	r, _ := show(t, n)
	mustHook(t, `result.Links.Out.Links = { result }`, r.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err == nil || err.Error() != "result.Links.Out.Links[1]: a cycle: the table contains itself" {
		t.Errorf("got error %v", err)
	}
}

func TestWhatAScriptMakesHasAPlaceOfItsOwn(t *testing.T) {
	got, _ := edited(t, family(), `local k = result.kids
		k[3] = { name = "k3", up = result, down = k[1] }
		k[1].down = { name = "k4", up = k[3].up, down = k[2], kids = { { up = result } } }`)
	k3, k4 := got.Kids[2], got.Kids[0].Down
	if k3.Up != got || k3.Down != got.Kids[0] || k4.Up != got || k4.Down != got.Kids[1] || k4.Kids[0].Up != got {
		t.Errorf("the new ones are %+v and %+v", k3, k4)
	}
}

func TestALongListIsTurnedRound(t *testing.T) {
	const links = 20_000
	r, _ := show(t, chain(links))
	last := mustHook(t, `local i, last = result while i do last = i i.down, i.up = i.up, i.down i = i.up end return last`, r.Value())
	m := limited(100*links, unlimited)
	if _, err := r.Commit(last, m); err != nil {
		t.Fatal(err)
	}
	p := r.Go().Interface().(*person)
	for range links {
		p = p.Down
	}
	if p.Name != "first" || p.Down != nil {
		t.Errorf("the list ends with %q", p.Name)
	}
}
