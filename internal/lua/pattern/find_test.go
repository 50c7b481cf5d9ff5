package pattern

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mb is about a million bytes.
const mb = 1 << 20

func TestLongTextsTakeNeitherStackNorMemory(t *testing.T) {
	text := strings.Repeat("a", 3*mb)
	for _, c := range []struct {
		pattern, src string
		want         bool
	}{
		{"(.*)b", text, false},
		{"(.*)b", "b" + text, true},
		{"(.-)b", text + "b", true},
		{"^(.-)b", text, false},
		{"^(a-)b", text + "b", true},
		{"^[ab]*$", text, true},
		{"^%s*(.-)%s*$", "  " + text + "  ", true},
		{"%b()", "(" + text + ")", true},
		{"^a*a?a$", text, true},
		{"^(a*)b%1$", text[:mb] + "b" + text[:mb], true},
		{"%f[b]b", text + "b", true},
		{"[b-d]x", text, false},
		{"[b-d]?$", text, true},
		{"^%a-b", text, false},
		{"ab", text + "b", true},
	} {
		p := Compile(c.pattern)
		var m Matcher
		allocs := testing.AllocsPerRun(1, func() {
			if found, err := m.Find(p, c.src, 0); found != c.want || err != nil {
				t.Errorf("find(%q): got %v, %v; want %v", c.pattern, found, err, c.want)
			}
		})
		if allocs > 0 {
			t.Errorf("find(%q): %v allocations, want none", c.pattern, allocs)
		}
	}
}

func TestManyChoicesInOnePattern(t *testing.T) {
	src, pattern := strings.Repeat("a", 10_000), strings.Repeat("a?", 10_000)+strings.Repeat("a-", 5_000)+"$"
	var m Matcher
	if found, err := m.Find(Compile(pattern), src, 0); !found || err != nil || m.End() != len(src) {
		t.Errorf("got %v, %v, end %d", found, err, m.End())
	}
}

// hostile searches take years without a budget, or a time that grows with the square of the text.
var hostile = []struct{ name, src, pattern string }{
	{"nested choices", strings.Repeat("a", 40), strings.Repeat("a*", 20) + "b"},
	{"many optional", strings.Repeat("a", 60), strings.Repeat("a?", 60) + strings.Repeat("a", 60) + "b"},
	{"lazy squared", strings.Repeat("a", mb), "a-b"},
	{"greedy squared", strings.Repeat("a", mb), "a*b"},
	{"captured squared", strings.Repeat("a", mb), "(a+)%1b"},
	{"balance squared", strings.Repeat("(", mb), "%b()"},
	{"lazy twice", strings.Repeat("ab", mb), "a.-a.-a.-c"},
	{"suffix", strings.Repeat(" ", mb) + "x", "%s*$"},
	{"frontier", strings.Repeat("a ", mb), "%f[%a].-b"},
	{"any twice", strings.Repeat("ab", mb), ".-a.-b.-c"},
	{"long literal, hash for hash", strings.Repeat(morse("a", "b"), 4096), strings.Repeat(morse("a", "b"), 2048) + morse("b", "a")},
}

// morse is the sequence of Thue and Morse, 2^11 times one of two letters. Modulo 2^64, any hash of this kind is the
// same when the letters change places.
func morse(a, b string) string {
	for range 11 {
		a, b = a+b, b+a
	}
	return a
}

func TestMeterEndsHostileSearches(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			meter := &budget{steps: 2_000_000, bytes: mb}
			m := Matcher{Meter: meter}
			found, err := m.Find(Compile(c.pattern), c.src, 0)
			if found || err != errSpent {
				t.Errorf("got %v, %v; want %v", found, err, errSpent)
			}
			// Of the comparison with a capture the meter hears in advance.
			if over, most := -meter.steps, MaxArrears+len(c.src)/fastPerStep; over > most {
				t.Errorf("overdrew by %d steps, want %d at most", over, most)
			}
		})
	}
}

// A search for a long text takes time in proportion to both texts, also where much of it stands in many places.
func TestLongTextsAreFoundInOneGo(t *testing.T) {
	mark := "ab" + strings.Repeat("c", 14)
	for _, c := range []struct{ name, src, text string }{
		{"one letter", strings.Repeat("a", 4*mb), strings.Repeat("a", mb) + "b"},
		{"one letter, not at its end", strings.Repeat("a", 4*mb), strings.Repeat("a", mb) + "b" + strings.Repeat("a", mb)},
		{"marks", strings.Repeat(mark, 4*mb/16), strings.Repeat(mark, mb/16) + "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := Matcher{Meter: &budget{steps: 3 * mb, bytes: mb}}
			if at, err := m.Index(c.src, c.text, 0); at != -1 || err != nil {
				t.Errorf("index: got %d, %v; want -1", at, err)
			}
			if found, err := m.Find(Compile(c.text), c.src, 0); found || err != nil {
				t.Errorf("find: got %v, %v; want none", found, err)
			}
			if at, err := m.Index(c.src+c.text, c.text, 0); at != len(c.src) || err != nil {
				t.Errorf("index where it is: got %d, %v; want %d", at, err, len(c.src))
			}
		})
	}
}

func TestMeterIsToldOfEveryStep(t *testing.T) {
	for _, c := range []struct {
		name, src, pattern string
		least, most        int
	}{
		{"short", "abc", "(%w)(%w)", 5, 12},
		{"run", strings.Repeat("a", 80_000), "^%a*$", 10_000, 10_200},
		{"plain search", strings.Repeat("a", 64_000), "b", 1_000, 1_100},
		{"long plain search", strings.Repeat("a", 80_000), strings.Repeat("b", 8_000), 11_000, 11_300},
		{"lazy", strings.Repeat("a", 80_000), "^[^b]-b", 10_000, 10_200},
		{"back", strings.Repeat("a", 80_000), "^.*b", 9_900, 10_200},
	} {
		meter := &budget{steps: mb, bytes: mb}
		m := Matcher{Meter: meter}
		if _, err := m.Find(Compile(c.pattern), c.src, 0); err != nil {
			t.Fatal(c.name, err)
		}
		if used := mb - meter.steps; used < c.least || used > c.most {
			t.Errorf("%s: %d steps, want %d to %d", c.name, used, c.least, c.most)
		}
	}
}

type panicking struct{ budget }

func (p *panicking) Steps(n int) error {
	if p.budget.Steps(n) != nil {
		panic("stopped")
	}
	return nil
}

func TestMatcherIsFitAfterMeterPanics(t *testing.T) {
	m := Matcher{Meter: &panicking{budget{steps: 1000, bytes: mb}}}
	func() {
		defer func() {
			if thrown := recover(); thrown != "stopped" {
				t.Errorf("recovered %v, want the meter's panic", thrown)
			}
		}()
		m.Find(Compile(hostile[0].pattern), hostile[0].src, 0)
	}()
	m.Meter = nil
	if found, err := m.Find(Compile("b(c)"), "abc", 0); !found || err != nil || m.Start() != 1 || m.End() != 3 {
		t.Errorf("got %v, %v, %d-%d; want a match at 1-3", found, err, m.Start(), m.End())
	}
}

func TestMeterRefusesMemory(t *testing.T) {
	m := Matcher{Meter: &budget{steps: mb, bytes: 1000}}
	if _, err := m.Find(Compile(strings.Repeat("a?a", 1000)), "a", 0); err != errSpent {
		t.Errorf("choices: got %v, want %v", err, errSpent)
	}
	if _, _, err := m.Gsub(Compile("."), strings.Repeat("a", 100), "0123456789", 100); err != errSpent {
		t.Errorf("gsub: got %v, want %v", err, errSpent)
	}
}

func TestIndex(t *testing.T) {
	long := strings.Repeat("a", 5*fastWindow)
	for _, c := range []struct {
		src, text string
		from      int
		want      int
	}{
		{"abcabc", "bc", 0, 1},
		{"abcabc", "bc", 2, 4},
		{"abc", "", 3, 3},
		{"abc", "x", 0, -1},
		{"abc", "a", -5, 0},
		{"abc", "", 100, 3},
		{"a.c", ".", 0, 1},
		{long + "b", "ab", 0, len(long) - 1},
		{long[:fastWindow-1] + "bcd" + long, "bcd", 0, fastWindow - 1},
		{long, long[:3*fastWindow] + "b", 0, -1},
		{long + "b" + long, long[:2*fastWindow] + "b" + long, 7, 3 * fastWindow},
		{long + "b", long + "bb", 0, -1},
		{long, long, 0, 0},
		{long, long, 1, -1},
		{long + "b", long[:maxFast] + "b", 0, len(long) - maxFast},
	} {
		m := Matcher{Meter: &budget{steps: mb}}
		if got, err := m.Index(c.src, c.text, c.from); got != c.want || err != nil {
			t.Errorf("index(%.10q, %.10q, %d) = %d, %v; want %d", c.src, c.text, c.from, got, err, c.want)
		}
	}
	m := Matcher{Meter: &budget{steps: 10}}
	if got, err := m.Index(long, "b", 0); got != -1 || !errors.Is(err, errSpent) {
		t.Errorf("index with few steps: got %d, %v; want -1, %v", got, err, errSpent)
	}
}

func TestSearchFromOutsideTheText(t *testing.T) {
	for _, c := range []struct {
		pattern    string
		from, want int
	}{{"a*", -3, 0}, {"a*", 4, 2}, {"^", 100, 2}} {
		var m Matcher
		if found, err := m.Find(Compile(c.pattern), "aa", c.from); !found || err != nil || m.Start() != c.want {
			t.Errorf("find(%q, %d): got %v, %v at %d; want %d", c.pattern, c.from, found, err, m.Start(), c.want)
		}
	}
}

func TestReleaseDropsTheMemoryOfLargeMatches(t *testing.T) {
	var m Matcher
	if _, err := m.Find(Compile(strings.Repeat("a?a", 1000)), "a", 0); err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	if _, _, err := m.GsubFunc(Compile("a"), "aa", 2, func() (string, bool, error) {
		if len(m.Scratch) > 0 {
			return "", false, stopped
		}
		return strings.Repeat("x", 10*maxScratch), true, nil
	}); err != stopped {
		t.Fatal(err)
	}
	m.Release()
	if cap(m.Scratch) > maxScratch || len(m.choices)*choiceSize > maxScratch {
		t.Errorf("keeps %d bytes and %d choices", cap(m.Scratch), len(m.choices))
	}
}

func TestReleaseForgetsTheText(t *testing.T) {
	var m Matcher
	if _, err := m.Find(Compile("a*b"), "aab", 0); err != nil {
		t.Fatal(err)
	}
	m.Release()
	if diff := cmp.Diff([]any{"", true, true}, []any{m.src, m.pattern == nil, m.prog == nil}); diff != "" {
		t.Error(diff)
	}
}
