package pattern

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGsub(t *testing.T) {
	for _, c := range []struct {
		name, src, pattern, template string
		limit                        int
		want                         string
		n                            int
	}{
		{"every match", "banana", "a", "o", 100, "bonono", 3},
		{"the first ones", "banana", "a", "o", 2, "bonona", 2},
		{"none", "banana", "a", "o", 0, "banana", 0},
		{"fewer than none", "banana", "a", "o", -1, "banana", 0},
		{"no match", "banana", "x", "o", 100, "banana", 0},
		{"empty matches", "abc", "", "-", 100, "-a-b-c-", 4},
		{"empty match after another", "abc def", "%w*", "x", 100, "xx xx", 4},
		{"anchored", "aaa", "^a", "b", 100, "baa", 1},
		{"captures", "hello world", "(%w+) (%w+)", "%2 %1", 100, "world hello", 1},
		{"whole match", "ab", "%w", "%0%0", 100, "aabb", 2},
		{"first capture of none", "ab", "%w", "<%1>", 100, "<a><b>", 2},
		{"position", "abc", "()b", "%1", 100, "a2c", 1},
		{"escaped percent", "a", "a", "%%1", 100, "%1", 1},
		{"escaped text", "a", "a", "%x", 100, "x", 1},
		{"percent at the end", "a", "a", "x%", 100, "x\x00", 1},
		{"to nothing", "a b c", " ", "", 100, "abc", 2},
		{"everything", "abc", ".*", "", 100, "", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Matcher
			got, n, err := m.Gsub(Compile(c.pattern), c.src, c.template, c.limit)
			if got != c.want || n != c.n || err != nil {
				t.Errorf("got %q, %d, %v; want %q, %d", got, n, err, c.want, c.n)
			}
		})
	}
}

func TestGsubTemplateNamesACaptureThatIsNotThere(t *testing.T) {
	var m Matcher
	if got, n, err := m.Gsub(Compile("(a)"), "ba", "%2", 100); got != "" || n != 0 || err != errCaptureIndex {
		t.Errorf("got %q, %d, %v; want %v", got, n, err, errCaptureIndex)
	}
}

func TestGsubFuncKeepsReplacesAndStops(t *testing.T) {
	var m Matcher
	calls := 0
	upper := func() (string, bool, error) {
		calls++
		c, err := m.Capture(0)
		return strings.ToUpper(c.Text), c.Text != "bb", err
	}
	got, n, err := m.GsubFunc(Compile("%a+"), "a bb c", 100, upper)
	if got != "A bb C" || n != 3 || calls != 3 || err != nil {
		t.Errorf("got %q, %d, %v after %d calls; want %q, 3", got, n, err, calls, "A bb C")
	}
	stop := errors.New("stop")
	got, n, err = m.GsubFunc(Compile("%a+"), "a bb c", 100, func() (string, bool, error) { return "", false, stop })
	if got != "" || n != 0 || err != stop {
		t.Errorf("got %q, %d, %v; want %v", got, n, err, stop)
	}
}

func TestGsubCopiesTheTextOnce(t *testing.T) {
	src := strings.Repeat("abcd", mb/4)
	meter := &budget{steps: 100 * mb, bytes: 100 * mb}
	m := Matcher{Meter: meter}
	got, n, err := m.Gsub(Compile("b"), src, "x", len(src)+1)
	if want := strings.ReplaceAll(src, "b", "x"); got != want || n != mb/4 || err != nil {
		t.Errorf("got %d bytes, %d, %v", len(got), n, err)
	}
	if used := 100*mb - meter.bytes; used > 6*mb {
		t.Errorf("allocated %d bytes for a text of %d", used, len(src))
	}
	if used := 100*mb - meter.steps; used > 3*mb {
		t.Errorf("took %d steps for a text of %d", used, len(src))
	}
	used := meter.bytes
	if again, _, _ := m.Gsub(Compile("b"), src, "x", len(src)+1); again != got || used-meter.bytes != len(got) {
		t.Errorf("allocated %d bytes for the same once more, want the %d of the text", used-meter.bytes, len(got))
	}
}

func TestGsubWithoutAMatchReturnsTheTextItself(t *testing.T) {
	var m Matcher
	p := Compile("x(y)")
	if got := testing.AllocsPerRun(10, func() { m.Gsub(p, "no match here", "%1", 100) }); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
	p = Compile("m%a+")
	if got := testing.AllocsPerRun(10, func() { m.Gsub(p, "no match here", "<%0>", 100) }); got != 1 {
		t.Errorf("%v allocations with a match, want the result's", got)
	}
}

// A template of nothing but captures makes the result grow with the product of both lengths.
func TestGsubStopsBeforeTheResultIsTooLarge(t *testing.T) {
	meter := &budget{steps: 1000 * mb, bytes: 8 * mb}
	m := Matcher{Meter: meter}
	_, _, err := m.Gsub(Compile(".*"), strings.Repeat("a", mb), strings.Repeat("%0", mb), 1)
	if err != errSpent {
		t.Errorf("got %v, want %v", err, errSpent)
	}
	meter.steps, meter.bytes = 1000, mb
	if _, _, err = m.Gsub(Compile("()"), "a", strings.Repeat("%0", mb), 1); err != errSpent {
		t.Errorf("empty pieces: got %v, want %v", err, errSpent)
	}
}

func TestGmatch(t *testing.T) {
	for _, c := range []struct {
		src, pattern string
		want         []string
	}{
		{"a1 b2", "%a(%d)", []string{"1", "2"}},
		{"a,b,,c", "([^,]*)", []string{"a", "", "b", "", "", "c", ""}},
		{"ab", "", []string{"", "", ""}},
		{"^a^a", "^a", []string{"^a", "^a"}},
		{"abc", "x", nil},
		{"", "x*", []string{""}},
	} {
		var m Matcher
		var got []string
		g := NewGmatch(CompileUnanchored(c.pattern), c.src)
		for {
			found, err := g.Next(&m)
			if err != nil {
				t.Fatal(err)
			}
			if !found {
				break
			}
			capture, _ := m.Capture(0)
			got = append(got, capture.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("gmatch(%q, %q): -want +got\n%s", c.src, c.pattern, diff)
		}
		if found, err := g.Next(&m); found || err != nil {
			t.Errorf("gmatch(%q, %q) after its end: %v, %v", c.src, c.pattern, found, err)
		}
	}
}

func TestCacheReturnsTheSamePatternAndStaysSmall(t *testing.T) {
	var c Cache
	first := c.Compile("a+")
	if c.Compile("b+"); c.Compile("a+") != first {
		t.Error("the pattern was compiled again")
	}
	if c.CompileUnanchored("a+") != first || c.CompileUnanchored("^a").anchored || !c.Compile("^a").anchored {
		t.Error("anchors are mixed up")
	}
	for i := range 10 * maxCached {
		if got := c.Compile(fmt.Sprintf("a%d+", i)).String(); got != fmt.Sprintf("a%d+", i) {
			t.Fatalf("pattern %d: got %q", i, got)
		}
	}
	c.Compile(strings.Repeat("a+", maxCachedLength))
	if len(c.patterns) > maxCached || len(c.last.source) > maxCachedLength {
		t.Errorf("holds %d patterns, the last of %d bytes", len(c.patterns), len(c.last.source))
	}
}
