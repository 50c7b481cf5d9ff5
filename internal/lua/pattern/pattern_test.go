package pattern

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConstructs(t *testing.T) {
	for _, c := range []struct{ name, src, pattern, want string }{
		{"plain text", "abc", "b", "2, 2"},
		{"empty pattern", "abc", "", "1, 0"},
		{"empty text", "", ".", "nil"},
		{"any byte", "a\x00b", "a.b", "1, 3"},
		{"class", "ab12", "%d+", "3, 4"},
		{"class of the others", "12ab", "%D+", "3, 4"},
		{"escaped special", "a.b", "%.", "2, 2"},
		{"zero byte", "a\x00b", "%z", "2, 2"},
		{"zero byte as it is", "a\x00b", "\x00b*", "2, 3"},
		{"set", "xyz", "[yz]", "2, 2"},
		{"set of the others", "xyz", "[^x]", "2, 2"},
		{"set with a range", "A5", "[0-9]", "2, 2"},
		{"set with a class", "a-5", "[%d-]+", "2, 3"},
		{"set with its bracket first", "a]", "[]]", "2, 2"},
		{"set with an escaped bracket", "a]", "[%]]", "2, 2"},
		{"bytes above 127 are in no class", "\xe4", "%W", "1, 1"},
		{"as many as possible", "aaab", "a*", "1, 3"},
		{"fewer to let the rest match", "aaab", "a*ab", "1, 4"},
		{"one at least", "b", "a+", "nil"},
		{"as few as possible", "<a><b>", "<.->", "1, 3"},
		{"optional", "ac", "ab?c", "1, 2"},
		{"optional given back", "a", "a?a", "1, 1"},
		{"anchored", "ba", "^a", "nil"},
		{"caret inside", "a^", "a^", "1, 2"},
		{"end", "aba", "a$", "3, 3"},
		{"dollar inside", "a$b", "$b", "2, 3"},
		{"repeated dollar", "a$$b", "$*b", "2, 4"},
		{"captures", "key=value", "(%w+)=(%w+)", `1, 9, "key", "value"`},
		{"nested captures", "abc", "(a(b(c)))", `1, 3, "abc", "bc", "c"`},
		{"empty capture", "a", "(b*)a", `1, 1, ""`},
		{"position captures", "abc", "()b()", "2, 2, 2, 3"},
		{"back reference", "'it' \"x'", `(["'])(.-)%1`, `1, 4, "'", "it"`},
		{"back reference that does not fit", "ab", "(.)%1", "nil"},
		{"back reference to a position", "aa", "()a%1", "nil"},
		{"balanced", "f(a(b)c)d)", "%b()", "2, 8"},
		{"never balanced", "((", "%b()", "nil"},
		{"balanced between equals", "|a|b|", "%b||", "1, 3"},
		{"frontier", "THE (quick) fox", "%f[%a]%a+%f[%A]", "1, 3"},
		{"frontier at the end", "ab", "%f[%z]", "3, 2"},
		{"repetition after a parenthesis is text", "a*", "(a)*", `1, 2, "a"`},
		{"mistake not reached", "a", "b%", "nil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l library
			if got := l.findPattern(c.src, c.pattern, 0); got != c.want {
				t.Errorf("find(%q, %q) = %s, want %s", c.src, c.pattern, got, c.want)
			}
		})
	}
}

func TestMistakesInPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{"%", "malformed pattern (ends with '%')"},
		{"a%", "malformed pattern (ends with '%')"},
		{"[a", "malformed pattern (missing ']')"},
		{"[]", "malformed pattern (missing ']')"},
		{"[^]", "malformed pattern (missing ']')"},
		{"[a%]", "malformed pattern (missing ']')"},
		{"%f[a", "malformed pattern (missing ']')"},
		{"%f", "missing '[' after '%f' in pattern"},
		{"%fa", "missing '[' after '%f' in pattern"},
		{"%b", "unbalanced pattern"},
		{"%bx", "unbalanced pattern"},
		{"%1", "invalid capture index"},
		{"%0", "invalid capture index"},
		{"(a%1)", "invalid capture index"},
		{"a)", "invalid pattern capture"},
		{"(a", "unfinished capture"},
		{"((a)", "unfinished capture"},
		{strings.Repeat("()", 33), "too many captures"},
		{strings.Repeat("a?", MaxPattern), "pattern too complex"},
	} {
		var l library
		_, err := l.Find(l.Compile(c.pattern), "a", 0)
		if err == nil {
			_, err = l.captures(true)
		}
		var mistake Error
		if !errors.As(err, &mistake) || mistake.Error() != c.want {
			t.Errorf("error of %.20q: got %v, want %s", c.pattern, err, c.want)
		}
	}
}

func TestUnfinishedCaptureIsNoMistakeWhenNobodyAsks(t *testing.T) {
	var m Matcher
	got, n, err := m.Gsub(Compile("(a"), "banana", "o", 100)
	if diff := cmp.Diff([]any{"bonono", 3, error(nil)}, []any{got, n, err}); diff != "" {
		t.Error(diff)
	}
}

func TestCaptureThatIsNotThere(t *testing.T) {
	var m Matcher
	if found, err := m.Find(Compile("(a)"), "a", 0); !found || err != nil {
		t.Fatal(found, err)
	}
	for _, n := range []int{-1, 1, 32, 100} {
		if _, err := m.Capture(n); err != errCaptureIndex {
			t.Errorf("Capture(%d): got %v, want %v", n, err, errCaptureIndex)
		}
	}
}

// A class of 64 bytes and more is filled word by word.
func TestRanges(t *testing.T) {
	for _, c := range []struct {
		from, to byte
		want     int
	}{{0, 255, 256}, {1, 255, 255}, {0, 63, 64}, {64, 127, 64}, {63, 192, 130}, {5, 4, 0}, {9, 9, 1}, {255, 255, 1}} {
		var s set
		s.addRange(c.from, c.to)
		got := 0
		for b := range 256 {
			in := s.has(byte(b))
			if in != (int(c.from) <= b && b <= int(c.to)) {
				t.Errorf("%d-%d: has(%d) = %v", c.from, c.to, b, in)
			}
			if in {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%d-%d has %d bytes, want %d", c.from, c.to, got, c.want)
		}
	}
}
