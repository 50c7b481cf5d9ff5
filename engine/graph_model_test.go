package engine_test

import (
	"context"
	"encoding/json"
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
	Raw   json.RawMessage  `json:"raw"`
	quiet *spot

	// In the model:
	bare   bool  // whether Kids was nil
	quotes *spot // what is to become Raw
}

type attic struct {
	Owner *spot  `json:"owner"`
	Note  string `json:"note"`
}

// town holds spots by value, as the results of many drivers do.
type town struct {
	Name string `json:"name"`
	Spot spot   `json:"spot"`
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
	c.bare = s.Kids == nil
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

// fieldOf is the field in which a pointer is that a script reaches by a step.
func fieldOf(step string) string {
	if strings.HasPrefix(step, ".named.") {
		return "named"
	}
	field, _, _ := strings.Cut(step[1:], "[")
	return field
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
		fmt.Fprintln(&out, s.Kids == nil, s.Named == nil, string(s.Raw))
	}
	return out.String()
}

// walk goes some steps from the root, and returns where it ended, with the path. What a script made is no record before
// the commit.
func walk(r *rand.Rand, root *spot, path string, originals map[*spot]*spot) (*spot, string) {
	s := root
	for range r.IntN(6) {
		all := s.pointers()
		maps.DeleteFunc(all, func(_ string, p *spot) bool { return originals[p] == nil })
		if len(all) == 0 {
			break
		}
		step := slices.Sorted(maps.Keys(all))[r.IntN(len(all))]
		s, path = all[step], path+step
	}
	return s, path
}

// edit makes one change of the model, and returns it as Lua, and what it changed.
func edit(r *rand.Rand, root *spot, rootPath string, originals map[*spot]*spot) (string, *spot) {
	s, path := walk(r, root, rootPath, originals)
	q, from := walk(r, root, rootPath, originals)
	word := fmt.Sprint("w", r.IntN(100))
	kind := r.IntN(19)
	if originals[q] == nil && kind >= 14 { // the root is no pointer
		return "", nil
	}
	switch kind {
	case 0:
		s.Name = word
		return fmt.Sprintf("%s.name = %q", path, word), s
	case 1:
		s.ID = root.ID
		return fmt.Sprintf("%s.id = %s.id", path, rootPath), s
	case 2:
		s.Text.text = word
		return fmt.Sprintf("%s.text = %q", path, word), s
	case 3:
		s.Tags = append(slices.Clone(s.Tags), word)
		return fmt.Sprintf("local t = %s.tags t[#t + 1] = %q", path, word), s
	case 4:
		s.Attic.Note = word
		return fmt.Sprintf("%s.attic.note = %q", path, word), s
	case 5:
		s.Down = nil
		return path + ".down = nil", s
	case 6:
		if len(s.Kids) == 0 {
			return "", nil
		}
		if s.Kids = slices.Clone(s.Kids[1:]); len(s.Kids) == 0 && s.bare {
			s.Kids = nil // as it was
		}
		return fmt.Sprintf("table.remove(%s.kids, 1)", path), s
	case 7:
		delete(s.Named, "a")
		return path + ".named.a = nil", s
	case 8:
		s.Kids = append(slices.Clone(s.Kids), &spot{Name: word, Text: tender{"t"}})
		return fmt.Sprintf("table.insert(%s.kids, { name = %q, text = 't' })", path, word), s
	case 9:
		s.Up, s.Down = s.Down, s.Up
		return fmt.Sprintf("local s = %s s.up, s.down = s.down, s.up", path), s
	case 10:
		if len(s.Kids) < 2 {
			return "", nil
		}
		slices.Reverse(s.Kids[:2])
		return fmt.Sprintf("local k = %s.kids k[1], k[2] = k[2], k[1]", path), s
	case 11:
		if s.Named["a"] == nil || s.Named["b"] == nil {
			return "", nil
		}
		s.Named["a"], s.Named["b"] = s.Named["b"], s.Named["a"]
		return fmt.Sprintf("local n = %s.named n.a, n.b = n.b, n.a", path), s
	case 12:
		s.Up, s.Attic.Owner = s.Attic.Owner, s.Up
		return fmt.Sprintf("local s = %s s.up, s.attic.owner = s.attic.owner, s.up", path), s
	case 13:
		s.Down, s.Any = nil, nil
		return fmt.Sprintf("local s = %s s.down, s.any = nil, nil", path), s
	case 14:
		s.Down = q
		return fmt.Sprintf("%s.down = %s", path, from), s
	case 15:
		s.Attic.Owner = q
		return fmt.Sprintf("%s.attic.owner = %s", path, from), s
	case 16:
		s.Kids = append(slices.Clone(s.Kids), q)
		return fmt.Sprintf("table.insert(%s.kids, %s)", path, from), s
	case 17:
		if originals[s] == nil {
			return "", nil
		}
		s.Kids = append(slices.Clone(s.Kids), &spot{Name: word, Text: tender{"t"}, Up: s, Kids: []*spot{q}, bare: true})
		return fmt.Sprintf("local s = %s table.insert(s.kids, { name = %q, text = 't', up = s, kids = { %s } })", path, word, from), s
	}
	s.quotes = q
	return fmt.Sprintf("%s.raw = %s", path, from), s
}

// quote makes the texts of all spots that one leads to. It fails where a text would have no end.
func quote(s *spot, done map[*spot]bool) bool {
	if s == nil || done[s] {
		return true
	}
	done[s] = true
	for _, p := range s.pointers() {
		if !quote(p, done) {
			return false
		}
	}
	if s.quotes == nil {
		return true
	}
	if s.quotes.inRing(map[*spot]bool{}, map[*spot]bool{}) || !quote(s.quotes, done) {
		return false
	}
	s.Raw = s.quotes.json()
	return true
}

// json is the text of a spot, once those that it leads to have theirs.
func (s *spot) json() json.RawMessage {
	for _, p := range s.pointers() {
		p.json()
	}
	if s.quotes != nil {
		s.Raw = s.quotes.json()
	}
	return must(json.Marshal(s))
}

// inRing reports whether a spot leads to a ring of pointers and quotations.
func (s *spot) inRing(open, done map[*spot]bool) bool {
	if s == nil || done[s] {
		return false
	}
	if open[s] {
		return true
	}
	open[s] = true
	for _, p := range s.pointers() {
		if p.inRing(open, done) {
			return true
		}
	}
	if s.quotes.inRing(open, done) {
		return true
	}
	open[s], done[s] = false, true
	return false
}

// hop is a pointer from one spot to another.
type hop struct {
	from, to *spot
	field    string
}

// hopsOf adds the pointers of a spot to others.
func hopsOf(s *spot, hops []hop) []hop {
	for step, p := range s.pointers() {
		hops = append(hops, hop{s, p, fieldOf(step)})
	}
	return hops
}

// endless returns those of some pointers that lead to a ring of them.
func endless(hops []hop) []hop {
	for {
		leads := map[*spot]bool{}
		for _, h := range hops {
			leads[h.from] = true
		}
		n := len(hops)
		if hops = slices.DeleteFunc(slices.Clone(hops), func(h hop) bool { return !leads[h.to] }); len(hops) == n {
			return hops
		}
	}
}

// newRing reports whether there is a ring of pointers along whose fields no walk from any of its spots was endless.
func newRing(before, after []hop) bool {
	after = endless(after)
	was, fields := map[*spot]bool{}, map[string]bool{}
	for _, h := range after {
		fields[h.field] = true
	}
	for _, h := range endless(slices.DeleteFunc(slices.Clone(before), func(h hop) bool { return !fields[h.field] })) {
		was[h.from] = true
	}
	if len(endless(slices.DeleteFunc(slices.Clone(after), func(h hop) bool { return was[h.from] }))) > 0 {
		return true
	}
	for f := range fields {
		in := func(h hop) bool { return h.field == f }
		if newRing(slices.DeleteFunc(slices.Clone(before), in), slices.DeleteFunc(slices.Clone(after), in)) {
			return true
		}
	}
	return false
}

// closesRing reports whether a graph has pointers that close a ring which must not be.
func closesRing(root *spot, copies map[*spot]*spot) bool {
	var before, after []hop
	for old, s := range copies {
		for _, h := range hopsOf(old, nil) {
			before = append(before, hop{s, copies[h.to], h.field})
		}
	}
	seen := map[*spot]bool{}
	for todo := []*spot{root}; len(todo) > 0; {
		s := todo[0]
		if todo = todo[1:]; s == nil || seen[s] {
			continue
		}
		seen[s] = true
		after = hopsOf(s, after)
		todo = append(todo, s.quotes)
		for _, p := range s.pointers() {
			todo = append(todo, p)
		}
	}
	return newRing(before, after)
}

// becomes reports whether a copy of a spot is as it was made.
func (s *spot) becomes(to *spot, copies map[*spot]*spot) bool {
	was, is := s.pointers(), to.pointers()
	for step, p := range was {
		was[step] = copies[p]
	}
	return s.Name == to.Name && s.ID == to.ID && s.Text == to.Text && s.Attic.Note == to.Attic.Note && slices.Equal(s.Tags, to.Tags) &&
		string(s.Raw) == string(to.Raw) && len(s.Kids) == len(to.Kids) && len(s.Named) == len(to.Named) && maps.Equal(was, is)
}

// leadsToOne reports whether a spot reaches one that changed.
func (s *spot) leadsToOne(changed, seen map[*spot]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	if changed[s] {
		return true
	}
	for _, p := range s.pointers() {
		if p.leadsToOne(changed, seen) {
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
		rootPath := "result"
		byValue := r.IntN(3)
		if byValue > 0 { // nothing points to the root
			root := *given
			given = &root
		}
		if byValue == 2 {
			rootPath = "result.spot"
		}
		first, copies := dumpGraph(given), map[*spot]*spot{}
		model := copyGraph(given, copies)
		if byValue > 0 {
			delete(copies, given)
		}
		originals := map[*spot]*spot{}
		for from, to := range copies {
			originals[to] = from
		}
		var source strings.Builder
		touched := map[*spot]bool{}
		for range r.IntN(6) {
			lua, s := edit(r, model, rootPath, originals)
			fmt.Fprintln(&source, "do", lua, "end")
			touched[s] = true
		}
		end := endings[r.IntN(len(endings))]
		if byValue == 2 {
			end.lua = strings.ReplaceAll(end.lua, "result.text", "result.spot.text")
			end.lua = strings.ReplaceAll(end.lua, "{ kids = { { text = \"set panics\" } } }", "{ spot = { text = \"set panics\" } }")
		}
		source.WriteString(end.lua)
		if end.kind == "" && (closesRing(model, copies) || !quote(model, map[*spot]bool{})) {
			end.kind = engine.KindType
		}
		w := newWorld(t, engine.Options{}, hook("edits", "function post.m(call, result)\n"+source.String()+"\nend"))
		got, err := callWith(w, given, byValue)
		var he *engine.HookError
		switch {
		case end.kind != "":
			if !errors.As(err, &he) || he.Kind != end.kind || byValue == 0 && got != given || dumpGraph(got) != first {
				t.Errorf("seed %d: got error %v, want kind %s, and the very value\n%s%s", seed, err, end.kind, &source, first)
			}
		case err != nil:
			t.Errorf("seed %d: %v\n%s%s", seed, err, &source, first)
		default:
			if diff := cmp.Diff(dumpGraph(model), dumpGraph(got)); diff != "" {
				t.Errorf("seed %d: (-want +got):\n%s\n%s%s", seed, diff, &source, first)
			} else {
				changed := map[*spot]bool{}
				for to, from := range originals {
					changed[to] = !from.becomes(to, copies)
				}
				checkKept(t, seed, model, got, originals, changed, touched)
			}
		}
		if now := dumpGraph(given); now != first {
			t.Errorf("seed %d: the first graph has changed:\n%s\n%s", seed, cmp.Diff(first, now), &source)
		}
		_ = w.Close()
	}
}

// callWith makes a call whose result is the spot: a pointer to it, the value itself, or one that it is a part of.
func callWith(w *world, given *spot, byValue int) (*spot, error) {
	switch ctx := context.Background(); byValue {
	case 0:
		return engine.Call(ctx, w.Engine, "m", 0, func(context.Context, int) (*spot, error) { return given, nil })
	case 1:
		got, err := engine.Call(ctx, w.Engine, "m", 0, func(context.Context, int) (spot, error) { return *given, nil })
		return &got, err
	default:
		got, err := engine.Call(ctx, w.Engine, "m", 0, func(context.Context, int) (town, error) { return town{"t", *given}, nil })
		return &got.Spot, err
	}
}

// checkKept checks that what leads to no change is the very spot of before, and nothing else is. Either may be where a
// script took back what it did.
func checkKept(t *testing.T, seed int, model, got *spot, originals map[*spot]*spot, changed, touched map[*spot]bool) {
	t.Helper()
	seen := map[*spot]bool{}
	var walk func(m, g *spot)
	walk = func(m, g *spot) {
		if seen[m] {
			return
		}
		seen[m] = true
		if old := originals[m]; old != nil {
			is := g == old
			if is && m.leadsToOne(changed, map[*spot]bool{}) || !is && !m.leadsToOne(touched, map[*spot]bool{}) {
				t.Errorf("seed %d: %s is the very one: %v", seed, m.Name, is)
			}
		}
		others := g.pointers()
		for step, p := range m.pointers() {
			walk(p, others[step])
		}
	}
	walk(model, got)
}
