package regex

import (
	"fmt"
	"strings"
	"testing"
)

// fill repeats a part of a pattern as often as one has room for it.
func fill(before, part, after string) string {
	return before + strings.Repeat(part, (MaxLength-len(before)-len(after))/len(part)) + after
}

// costly are patterns that would take long to compile, or make large programs, for their length.
var costly = map[string]string{
	"ranges whose case is ignored":                fill("(?i)", `[B-\x{1E942}]`, ""),
	"one class of such ranges":                    fill("(?i)[", `B-\x{1E942}`, "]"),
	"such ranges in UTF-8":                        fill("(?i)[", "B-\U0001E942", "]"),
	"such ranges of few characters":               fill("(?i)[", "B-\u0800", "]"),
	"such ranges, with the flag among others":     fill("(?s-U:(?mi:", `[B-\x{1E942}]`, "))"),
	"Unicode classes":                             fill("", `\pL`, ""),
	"Unicode classes that are negated":            fill("", `\PL`, ""),
	"one class of Unicode classes":                fill("[", `\pL\pN`, "]"),
	"Unicode classes as alternatives":             fill("", `\pL|`, "x"),
	"Unicode classes whose case is ignored":       fill("(?i)", `\p{Lu}`, ""),
	"repetitions":                                 fill("", `.{1000}`, ""),
	"repetitions of a class":                      fill("", `\w{1000}`, ""),
	"repetitions of repetitions":                  fill("", `(?:x{30}){33}`, ""),
	"optional repetitions":                        fill("", `x{0,1000}`, ""),
	"captures":                                    fill("", `()`, ""),
	"captures that are repeated":                  fill("", `(a){1000}`, ""),
	"a repetition of all captures that there are": "(?:" + strings.Repeat("()", 200) + "){9}",
}

func TestCostlyPatternsAreRefused(t *testing.T) {
	for name, pattern := range costly {
		if _, err := Compile(pattern, &tally{allowed: ample}); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if _, err := Compile(strings.Repeat("x", MaxLength+1), &tally{allowed: ample}); err != errLong {
		t.Errorf("a long pattern: got error %v", err)
	}
}

// useful are patterns as people write them, of the larger ones, and as scripts make them.
var useful = map[string]string{
	"mail address":                   `(?i)^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$`,
	"label":                          `^[\p{L}\p{N}](?:[\p{L}\p{N}_.-]{0,253}[\p{L}\p{N}])?$`,
	"Cyrillic, its case ignored":     `(?i)^[а-яё -]+$`,
	"Chinese, its case ignored":      `(?i)^[\x{4E00}-\x{9FFF}a-z]+$`,
	"any character, case ignored":    `(?i)^[\x00-\x{10FFFF}]{0,100}x$`,
	"host name":                      `^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,63}$`,
	"many names":                     names("|", ""),
	"many names, their case ignored": "(?i)^(?:" + names("|", "") + ")$",
	"many captures":                  names("|", "()")[:900] + "0",
}

func names(between, behind string) string {
	var all []string
	for i := range 400 {
		all = append(all, fmt.Sprintf("share-%d", i*7919)+behind)
	}
	return strings.Join(all, between)
}

func TestUsefulPatternsCostLittle(t *testing.T) {
	const most = 1_000_000 // a tenth of the instructions of a run
	for name, pattern := range useful {
		var m tally
		m.allowed = ample
		if _, err := Compile(pattern, &m); err != nil || m.steps > most {
			t.Errorf("%s: got error %v, %d steps, want %d at most", name, err, m.steps, most)
		}
	}
}

func TestCompileIsPaidInAdvance(t *testing.T) {
	for name, pattern := range useful {
		m := tally{allowed: byteSteps*len(pattern) - 1}
		got := stopped(func() { Compile(pattern, &m) })
		if !got || m.bytes == 0 {
			t.Errorf("%s: stopped: %v, after %d bytes", name, got, m.bytes)
		}
	}
}

func TestRangesArePricedByWhatTheyMaySpan(t *testing.T) {
	tests := []struct {
		pattern string
		want    int // characters
	}{
		{`[B-\x{1E942}]`, 0},
		{`(?i)[B-\x{1E942}]`, 0x1E942 - 'B'},
		{`(?i)[B-\x{10FFFF}]`, maxFold - 'B'},
		{`(?i)[B-\x{ffffffffff}]`, maxFold - 'B'},
		{`(?i)[a-z]`, 'z' - 'a'},
		{`(?i)[а-я]`, 'я' - 'а'},
		{`(?i)[\x{430}-\x{44f}]`, 0x44F - '}'},
		{`(?i)[a-\x7f]`, 0x1FF - 'a'},
		{`(?i)[-a-]`, 'a' - '['},
		{`(?i)-`, 0},
		{`a-\x{1E942}(?-i)`, 0x1E942 - 'a' + 'i' - '?'}, // which the parser would not look up
		{`(?P<i>a)[B-\x{1E942}]`, 0},
		{`(?m:(?-sU:(?msi:[a-я])))`, 'я' - 'a' + 's' - '?'},
	}
	for _, test := range tests {
		if got := parseSteps(test.pattern) - byteSteps*len(test.pattern); got != foldSteps*test.want {
			t.Errorf("%s: got %d characters, want %d", test.pattern, got/foldSteps, test.want)
		}
	}
}

// TestAWordIsWeighedOnce: its characters share their memory.
func TestAWordIsWeighedOnce(t *testing.T) {
	short, long := sizeOf(t, strings.Repeat("x", 100)), sizeOf(t, strings.Repeat("x", 1000))
	if long > 10*short {
		t.Errorf("a word of 1000 characters weighs %d bytes, one of 100 weighs %d; want ten times as much at most", long, short)
	}
}

func sizeOf(t *testing.T, pattern string) int {
	t.Helper()
	p, err := Compile(pattern, &tally{allowed: ample})
	if err != nil {
		t.Fatal(err)
	}
	return p.Size()
}
