package regex

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tally is a meter that adds up, and panics where it is told of more steps than it allows.
type tally struct {
	steps, bytes, calls, most int
	allowed                   int
}

type spent struct{}

func (m *tally) Steps(n int) {
	m.calls++
	m.most = max(m.most, n)
	if m.steps += n; m.steps > m.allowed {
		panic(spent{})
	}
}

func (m *tally) Prepared(n int) { m.Steps(n) }

func (m *tally) Bytes(n int) { m.bytes += n }

const ample = 1 << 60

func compile(t testing.TB, pattern string) *Pattern {
	t.Helper()
	p, err := Compile(pattern, &tally{allowed: ample})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newMatcher() *Matcher { return &Matcher{Meter: &tally{allowed: ample}} }

// searches are patterns and texts of all kinds.
var searches = []struct{ pattern, text string }{
	{``, ""}, {``, "abc"}, {`a`, "xaxa"}, {`a*`, "baaac"}, {`(a*)(b|a)`, "aaab"}, {`(a|ab)(c|bcd)(d*)`, "abcd"},
	{`^(\w+)-(\d+)$`, "share-12345"}, {`(\d+)\.(\d+)`, "at 10.1.2.3 and 4.5"}, {`(?i)^(nfs|cifs)$`, "CIFS"},
	{`\bfoo\b`, "foo food foo"}, {`\Boo`, "oo foo"}, {`^a`, "aaa"}, {`(?m)^a$`, "a\nb\na"}, {`a$`, "aa"}, {`\z`, "ab"}, {`\A`, "ab"},
	{`.`, "a\nb"}, {`(?s).`, "a\nb"}, {`[^a]`, "abä"}, {`\pL+`, "grün 12 Ж"}, {`(?i)k`, "K k \u212a"}, {`(?i)straße`, "STRAßE"},
	{`.`, "a\xffb\xe2\x82"}, {`\x{FFFD}`, "a\xff"}, {`[^\x00-\x7f]`, "a\xc3"}, {`\b`, "a\xffb ä"}, {`a*?`, "aab"}, {`a+?b`, "xaab"},
	{`(a)?b`, "b ab"}, {`(a)|(b)`, "ba"}, {`(?P<x>a)(?<y>b)?`, "aab"}, {`(a*)*`, "aab"}, {`(a*)+`, "b"}, {`(|a)*`, "aab"}, {`(|a)+`, "aab"},
	{`x*`, "axb"}, {`(?:a?){5}a{5}`, "aaaaa"}, {`(.*)b`, "aabab"}, {`(.*?)b`, "aabab"}, {`[[:alpha:]]+\d{2,3}`, "ab12 c3 d4567"},
	{`a\C*`, "a"}, {`$^`, "a\n"}, {`(?m)$^`, "\n\n"}, {`((((a))))`, "ba"}, {`日本|日`, "x日本日"}, {`é`, "e\u0301é"}, {`[a-`, ""}, {`(?m)\s*$`, "a  \nb "},
	{`a{0}`, "a"}, {`(?:)`, "äb"}, {`\Qa.b\E+`, "a.bbb"}, {`[^\s\S]`, "ab"}, {`x{2,}`, "xxxxx"}, {`(?:x{2}){2}`, "xxxxx"},
}

func TestFindsWhatPackageRegexpFinds(t *testing.T) {
	for _, s := range searches {
		compareWithRegexp(t, s.pattern, s.text)
		compareWithRegexp(t, s.pattern, strings.Repeat(s.text+" ", 20))
	}
}

// TestFindsWhatStandsAcrossWindows: what is passed over quickly is passed over in parts.
func TestFindsWhatStandsAcrossWindows(t *testing.T) {
	m := newMatcher()
	for pattern, size := range map[string]int{`needle(\d)`: fastWindow, `\d`: window} {
		p := compile(t, pattern)
		for behind := range 20 {
			before := strings.Repeat("x", 2*size+10-behind)
			if found := m.Find(p, before+"needle7x", 0); !found || m.spans[1] != len(before)+7 {
				t.Errorf("%s behind %d bytes: got %v, at %v", pattern, len(before), found, m.spans)
			}
		}
	}
}

// compareWithRegexp compares all matches of a pattern in a text with those of package regexp, unless finding them takes
// too many steps.
func compareWithRegexp(t *testing.T, pattern, text string) {
	t.Helper()
	got, err, ok := allMatches(pattern, text)
	if !ok || err == errLong || err == errClasses || err == errLarge {
		return
	}
	re, theirs := regexp.Compile(pattern)
	if (err == nil) != (theirs == nil) {
		t.Fatalf("%q: got %v, want %v", pattern, err, theirs)
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(re.FindAllStringSubmatchIndex(text, -1), got); diff != "" {
		t.Errorf("matches of %q in %.200q (-regexp +here):\n%s", pattern, text, diff)
	}
}

func allMatches(pattern, text string) (all [][]int, err error, ok bool) {
	defer func() {
		if r := recover(); r != nil && r != (spent{}) {
			panic(r)
		}
	}()
	m := Matcher{Meter: &tally{allowed: 2_000_000}}
	p, err := Compile(pattern, m.Meter)
	if err != nil {
		return nil, err, true
	}
	for matches := p.Matches(text); matches.Next(&m); {
		all = append(all, slices.Clone(m.spans))
	}
	return all, nil, true
}

func FuzzFind(f *testing.F) {
	for _, s := range searches {
		f.Add(s.pattern, s.text)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) < 200 && len(text) < 1000 {
			compareWithRegexp(t, pattern, text)
		}
	})
}
