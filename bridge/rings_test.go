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
	Left, Right, Parent *bond
	Kids                []*bond
	Ends                struct{ Next, Prev *bond }
}

// arrow is a pointer from one of the bonds to another one.
type arrow struct {
	from, to int
	field    string
}

var arrowFields = []string{"Left", "Right", "Parent", "Kids", "Ends.Next", "Ends.Prev"}

// arrows returns all pointers between some bonds.
func arrows(all []*bond) (as []arrow) {
	for i, k := range all {
		as = append(as, arrow{i, slices.Index(all, k.Left), "Left"}, arrow{i, slices.Index(all, k.Right), "Right"},
			arrow{i, slices.Index(all, k.Parent), "Parent"}, arrow{i, slices.Index(all, k.Ends.Next), "Ends.Next"},
			arrow{i, slices.Index(all, k.Ends.Prev), "Ends.Prev"})
		for _, kid := range k.Kids {
			as = append(as, arrow{i, slices.Index(all, kid), "Kids"})
		}
	}
	return slices.DeleteFunc(as, func(a arrow) bool { return a.to < 0 })
}

// endless returns the bonds from which one can follow pointers of some fields for ever.
func endless(as []arrow, fields []string) map[int]bool {
	as = slices.DeleteFunc(slices.Clone(as), func(a arrow) bool { return !slices.Contains(fields, a.field) })
	for {
		leads := map[int]bool{}
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
			all[i] = new(bond)
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
			after[i] = new(bond)
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
		for range rapid.IntRange(1, 4).Draw(rt, "edits") {
			i, to := rapid.IntRange(0, len(all)-1).Draw(rt, "from"), index.Draw(rt, "to")
			var target *bond
			lua := "nil"
			if to >= 0 {
				target, lua = after[to], fmt.Sprintf("n[%d]", to+1)
			}
			field := rapid.SampledFrom(arrowFields).Draw(rt, "field")
			if field == "Kids" {
				if target == nil {
					after[i].Kids, lua = nil, "{}"
				} else {
					after[i].Kids, lua = []*bond{target}, "{"+lua+"}"
				}
			} else {
				place := reflect.ValueOf(after[i]).Elem()
				for _, name := range strings.Split(field, ".") {
					place = place.FieldByName(name)
				}
				place.Set(reflect.ValueOf(target))
			}
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
