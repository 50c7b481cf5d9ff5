package regex

import (
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxLength is the length in bytes of the longest pattern that is compiled.
const MaxLength = 1 << 14

// What the parts of a pattern cost, measured with patterns made of nothing else (BenchmarkCompile): each step stands
// for some 15 ns at most. So a pattern takes at most some 10 ms, which nothing can interrupt.
const (
	byteSteps     = 16   // to parse a byte
	classSteps    = 6000 // to parse \pL, which has 660 ranges, to sort and to merge it
	foldSteps     = 3    // to parse each character of a range whose case is ignored
	maxParseSteps = 1 << 19
	parseBytes    = 32 // bytes allocated for each of these steps
	instSteps     = 25 // to compile an instruction
	instBytes     = 400
)

// maxProgram bounds the instructions of a program, times its captures and one: what a character of a text can cost,
// some 0.2 ms, and the memory of a search, 4 MB.
const (
	maxProgram = 100_000
	minWidth   = 10 // so a program has 10 000 instructions at most
)

// parseSteps is what parsing a pattern costs at most, found in one pass. What costs much is counted where it only might
// stand: the parser looks up each character of a range by itself where case is ignored, so that thirteen bytes, as in
// (?i)[B-\x{1E942}], take milliseconds.
func parseSteps(pattern string) int {
	steps := byteSteps * len(pattern)
	steps += classSteps * (strings.Count(pattern, `\p`) + strings.Count(pattern, `\P`))
	if !ignoresCase(pattern) {
		return steps
	}
	for at := range len(pattern) {
		if pattern[at] == '-' {
			steps += foldSteps * rangeWidth(pattern[:at], pattern[at+1:])
		}
	}
	return steps
}

// ignoresCase reports whether a pattern has the flag i anywhere, as in (?i) and (?s-i:x).
func ignoresCase(pattern string) bool {
	for {
		_, rest, ok := strings.Cut(pattern, "(?")
		if !ok {
			return false
		}
		flags := rest[:len(rest)-len(strings.TrimLeft(rest, "imsU-"))]
		if strings.Contains(flags, "i") {
			return true
		}
		pattern = rest
	}
}

// maxFold is the last character that has another case.
const maxFold = 0x1E943

// rangeWidth is at least how many characters, of those that have a case, a range has, between what stands before and
// after its hyphen. An escape before it counts as its last byte, which is less than what it stands for or hardly more.
func rangeWidth(before, after string) int {
	if after == "" {
		return 0
	}
	low, _ := utf8.DecodeLastRuneInString(before)
	high, _ := utf8.DecodeRuneInString(after)
	if code, ok := strings.CutPrefix(after, `\x{`); ok {
		digits, _, _ := strings.Cut(code, "}")
		n, err := strconv.ParseUint(digits, 16, 31)
		if err != nil {
			n = maxFold // it is a mistake, and the parser says so
		}
		high = rune(n)
	} else if high == '\\' {
		high = 0x1FF // the highest that \x.. and \... can be
	}
	return int(max(min(high, maxFold)-min(low, maxFold), 0))
}

// length is how many instructions a pattern has at most, when each repetition is written out, but for three.
func length(re *syntax.Regexp) int {
	n := 0
	for _, sub := range re.Sub {
		n += length(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpCapture, syntax.OpStar:
		n += 2
	case syntax.OpPlus, syntax.OpQuest:
		n++
	case syntax.OpAlternate:
		n += len(re.Sub) - 1
	case syntax.OpRepeat:
		n = repeated(n, re.Min, re.Max)
	}
	return max(n, 1)
}

// repeated is the length of x{least,most} where x has n instructions: as xxx+, or as xx(x(x)?)?.
func repeated(n, least, most int) int {
	switch {
	case most >= 0:
		return most*n + most - least
	case least == 0:
		return n + 2
	}
	return least*n + 1
}
