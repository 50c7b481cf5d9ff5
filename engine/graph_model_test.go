package engine_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/engine"
)

var graphs = flag.Int("graphs", 150, "how many generated graphs TestCommitsOfGraphsEqualAModel runs")

// spot is a value of the host's as hosts have them: with cycles, shared pointers and slices, nil maps, text methods
// that fail.
type spot struct {
	Name  string           `json:"name"`
	ID    int64            `json:"id"`
	Text  tender           `json:"text"`
	Up    *spot            `json:"up"`
	Down  *spot            `json:"down"`
	Kids  []*spot          `json:"kids"`
	Named map[string]*spot `json:"named"`
	Any   any              `json:"any"`
	Tags  []string         `json:"tags"`
	Attic attic            `json:"attic"`
	quiet *spot
}

type attic struct {
	Owner *spot  `json:"owner"`
	Note  string `json:"note"`
}

// newGraph makes some spots that point to one another.
func newGraph(r *rand.Rand) *spot {
	spots := make([]*spot, 1+r.IntN(6))
	for i := range spots {
		spots[i] = &spot{Name: fmt.Sprint("s", i), ID: 1<<53 + int64(r.IntN(9)), Text: tender{"t"}}
	}
	some := func() *spot {
		if r.IntN(3) == 0 {
			return nil
		}
		return spots[r.IntN(len(spots))]
	}
	kids, tags := []*spot{some(), some()}, []string{"a", "b"}
	for _, s := range spots {
		s.Up, s.Down, s.Attic.Owner, s.quiet = some(), some(), some(), some()
		if r.IntN(2) == 0 {
			s.Kids, s.Tags = kids, tags // which are shared
		}
		if r.IntN(2) == 0 {
			s.Named = map[string]*spot{"a": some(), "b": some()}
		}
		if p := some(); p != nil {
			s.Any = p
		}
	}
	return spots[0]
}

// copyGraph copies a graph, and notes which spot became which.
func copyGraph(s *spot, done map[*spot]*spot) *spot {
	if s == nil || done[s] != nil {
		return done[s]
	}
	c := new(spot)
	*c = *s
	done[s] = c
	c.Up, c.Down, c.Attic.Owner = copyGraph(s.Up, done), copyGraph(s.Down, done), copyGraph(s.Attic.Owner, done)
	c.Kids, c.Tags, c.Named = slices.Clone(s.Kids), slices.Clone(s.Tags), maps.Clone(s.Named)
	for i, k := range s.Kids {
		c.Kids[i] = copyGraph(k, done)
	}
	for key, k := range s.Named {
		c.Named[key] = copyGraph(k, done)
	}
	if p, ok := s.Any.(*spot); ok {
		c.Any = copyGraph(p, done)
	}
	return c
}

// pointers are those of a spot, with how a script reaches them.
func (s *spot) pointers() map[string]*spot {
	all := map[string]*spot{".up": s.Up, ".down": s.Down, ".attic.owner": s.Attic.Owner}
	for i, k := range s.Kids {
		all[fmt.Sprintf(".kids[%d]", i+1)] = k
	}
	for key, k := range s.Named {
		all[".named."+key] = k
	}
	if p, ok := s.Any.(*spot); ok {
		all[".any"] = p
	}
	maps.DeleteFunc(all, func(_ string, p *spot) bool { return p == nil })
	return all
}

// dumpGraph writes a graph with a number for each spot.
func dumpGraph(s *spot) string {
	var out strings.Builder
	numbers := map[*spot]int{}
	for todo := []*spot{s}; len(todo) > 0; todo = todo[1:] {
		s := todo[0]
		number := func(p *spot) int {
			if _, met := numbers[p]; !met && p != nil {
				numbers[p] = len(numbers) + 1
				todo = append(todo, p)
			}
			return numbers[p]
		}
		fmt.Fprintf(&out, "%d: %s %d %s up %d down %d owner %d %s tags %q kids", number(s), s.Name, s.ID, s.Text.text, number(s.Up), number(s.Down),
			number(s.Attic.Owner), s.Attic.Note, s.Tags)
		for _, k := range s.Kids {
			fmt.Fprint(&out, " ", number(k))
		}
		for _, key := range slices.Sorted(maps.Keys(s.Named)) {
			fmt.Fprint(&out, " ", key, " ", number(s.Named[key]))
		}
		if p, ok := s.Any.(*spot); ok {
			fmt.Fprint(&out, " any ", number(p))
		}
		fmt.Fprintln(&out, s.Kids == nil, s.Named == nil)
	}
	return out.String()
}

// edit makes one change of the model, and returns it as Lua.
func edit(r *rand.Rand, root *spot, originals map[*spot]*spot) string {
	s, path := root, "result"
	for range r.IntN(6) {
		all := s.pointers()
		maps.DeleteFunc(all, func(_ string, p *spot) bool { return originals[p] == nil }) // what a script made is no record before the commit
		if len(all) == 0 {
			break
		}
		step := slices.Sorted(maps.Keys(all))[r.IntN(len(all))]
		s, path = all[step], path+step
	}
	word := fmt.Sprint("w", r.IntN(100))
	switch r.IntN(9) {
	case 0:
		s.Name = word
		return fmt.Sprintf("%s.name = %q", path, word)
	case 1:
		s.ID = root.ID
		return fmt.Sprintf("%s.id = result.id", path)
	case 2:
		s.Text.text = word
		return fmt.Sprintf("%s.text = %q", path, word)
	case 3:
		s.Tags = append(slices.Clone(s.Tags), word)
		return fmt.Sprintf("local t = %s.tags t[#t + 1] = %q", path, word)
	case 4:
		s.Attic.Note = word
		return fmt.Sprintf("%s.attic.note = %q", path, word)
	case 5:
		s.Down = nil
		return path + ".down = nil"
	case 6:
		if len(s.Kids) == 0 {
			return ""
		}
		if s.Kids = s.Kids[1:]; len(s.Kids) == 0 && originals[s].Kids == nil {
			s.Kids = nil // as it was
		}
		return fmt.Sprintf("table.remove(%s.kids, 1)", path)
	case 7:
		delete(s.Named, "a")
		return path + ".named.a = nil"
	}
	s.Kids = append(slices.Clone(s.Kids), &spot{Name: word, Text: tender{"t"}})
	return fmt.Sprintf("table.insert(%s.kids, { name = %q, text = 't' })", path, word)
}

// becomes reports whether a copy of a spot is as it was made.
func (s *spot) becomes(to *spot, copies map[*spot]*spot) bool {
	was, is := s.pointers(), to.pointers()
	for step, p := range was {
		was[step] = copies[p]
	}
	return s.Name == to.Name && s.ID == to.ID && s.Text == to.Text && s.Attic.Note == to.Attic.Note && slices.Equal(s.Tags, to.Tags) &&
		len(s.Kids) == len(to.Kids) && len(s.Named) == len(to.Named) && maps.Equal(was, is)
}

// leadsTo reports whether a spot reaches one that changed.
func (s *spot) leadsTo(changed, seen map[*spot]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	if changed[s] {
		return true
	}
	for _, p := range s.pointers() {
		if p.leadsTo(changed, seen) {
			return true
		}
	}
	return false
}

// endings are what may come after the edits, and how the hook fails then.
var endings = []struct {
	lua  string
	kind engine.Kind
}{
	{"", ""}, {"", ""}, {"", ""}, {"return result", ""},
	{`error("no")`, engine.KindScript}, {`result.text = "set panics"`, engine.KindInternal}, {`result.text = "set fails"`, engine.KindType},
	{`return { kids = { { text = "set panics" } } }`, engine.KindInternal}, {`result.name = {}`, engine.KindType},
}

func TestCommitsOfGraphsEqualAModel(t *testing.T) {
	for seed := range *graphs {
		r := rand.New(rand.NewPCG(uint64(seed), 10))
		given := newGraph(r)
		first, copies := dumpGraph(given), map[*spot]*spot{}
		model := copyGraph(given, copies)
		originals := map[*spot]*spot{}
		for from, to := range copies {
			originals[to] = from
		}
		var source strings.Builder
		for range r.IntN(6) {
			fmt.Fprintln(&source, "do", edit(r, model, originals), "end")
		}
		end := endings[r.IntN(len(endings))]
		source.WriteString(end.lua)
		w := newWorld(t, engine.Options{}, hook("edits", "function post.m(call, result)\n"+source.String()+"\nend"))
		got, err := engine.Call(context.Background(), w.Engine, "m", 0, func(context.Context, int) (*spot, error) { return given, nil })
		var he *engine.HookError
		switch {
		case end.kind != "":
			if !errors.As(err, &he) || he.Kind != end.kind || got != given {
				t.Errorf("seed %d: got error %v, want kind %s, and the very value\n%s", seed, err, end.kind, &source)
			}
		case err != nil:
			t.Errorf("seed %d: %v\n%s", seed, err, &source)
		default:
			if diff := cmp.Diff(dumpGraph(model), dumpGraph(got)); diff != "" {
				t.Errorf("seed %d: (-want +got):\n%s\n%s", seed, diff, &source)
			} else {
				changed := map[*spot]bool{}
				for to, from := range originals {
					changed[to] = !from.becomes(to, copies)
				}
				checkKept(t, seed, model, got, originals, changed)
			}
		}
		if now := dumpGraph(given); now != first {
			t.Errorf("seed %d: the first graph has changed:\n%s\n%s", seed, cmp.Diff(first, now), &source)
		}
		_ = w.Close()
	}
}

// checkKept checks that what leads to no change is the very spot of before, and nothing else is.
func checkKept(t *testing.T, seed int, model, got *spot, originals map[*spot]*spot, changed map[*spot]bool) {
	t.Helper()
	seen := map[*spot]bool{}
	var walk func(m, g *spot)
	walk = func(m, g *spot) {
		if seen[m] {
			return
		}
		seen[m] = true
		if old := originals[m]; old != nil && (g == old) == m.leadsTo(changed, map[*spot]bool{}) {
			t.Errorf("seed %d: %s is the very one: %v", seed, m.Name, g == old)
		}
		others := g.pointers()
		for step, p := range m.pointers() {
			walk(p, others[step])
		}
	}
	walk(model, got)
}
