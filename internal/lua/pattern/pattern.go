// Package pattern is the pattern matching of Lua 5.1: what string.find,
// match, gmatch and gsub do, over bytes, in the C locale.
//
// A pattern is compiled once to a short program (Compile, or a Cache), and a Matcher runs it. The grammar has no
// alternation and no repeated groups, so there are never more open choices than items in the pattern: the Matcher keeps
// them on a stack of its own and never recurses, however long the text. It tells its Meter of the work, so a caller can
// end a match that takes too long.
//
// A pattern is never refused as a whole. As in the reference implementation, a mistake in it is found when matching
// reaches it, and is reported in the same words: "b%" does not match "a", and fails on "b".
//
// Matching agrees with Lua 5.1.5 except in three points, which the manual leaves open or forbids: a zero byte in a
// pattern is a byte like any other, where the reference ends the pattern there; the choices of a pattern are bounded by
// MaxPattern, where the reference overflows the C stack; and the characters above 127 belong to no class, whatever the
// locale.
package pattern

import "strings"

// MaxPattern is the length in bytes of the longest pattern that is matched. Text
// without special characters is not bounded.
const MaxPattern = 1 << 16

// bytesPerByte is the most bytes that a compiled pattern takes for each byte of its text, beside a few hundred.
const bytesPerByte = 48

// maxCaptures is the number of captures a pattern may have.
const maxCaptures = 32

// Error is a mistake in a pattern or in a replacement, in the words of Lua 5.1.
type Error string

// Error returns the message.
func (e Error) Error() string { return string(e) }

// The mistakes that a pattern can have.
const (
	errEndsInEscape   Error = "malformed pattern (ends with '%')"
	errMissingBracket Error = "malformed pattern (missing ']')"
	errMissingSet     Error = "missing '[' after '%f' in pattern"
	errUnbalanced     Error = "unbalanced pattern"
	errCaptureIndex   Error = "invalid capture index"
	errNoOpenCapture  Error = "invalid pattern capture"
	errUnfinished     Error = "unfinished capture"
	errManyCaptures   Error = "too many captures"
	errTooLong        Error = "pattern too complex"
)

// Pattern is a compiled pattern. It is immutable: any number of Matchers may use it at the same time.
type Pattern struct {
	source     string
	prog       []inst
	plain      bool // string.find takes it for plain text
	literal    bool // so do all other functions: the whole pattern is source
	anchored   bool // it matches only where the search starts
	headlong   bool // where it fails once, it fails at every later place
	choices    int  // how many items of prog can leave a choice open
	captures   int
	unfinished uint32 // captures without their ")", a bit each
	positions  uint32 // captures "()", a bit each
	start      *opening
	prefix     string // what every match starts with; "" when unknown
}

// String returns the text that was compiled.
func (p *Pattern) String() string { return p.source }

// Plain reports whether string.find searches for the pattern as plain text, because it has no special character. A ")"
// alone is not special there, though it is a mistake for the other functions.
func (p *Pattern) Plain() bool { return p.plain }

// Captures returns the number of captures that a match has. Without any, capture 0 stands for the whole match.
func (p *Pattern) Captures() int { return p.captures }

// Size is the most bytes that Compile takes for a pattern, beside a few hundred and the pattern itself.
func Size(pattern string) int {
	if len(pattern) > MaxPattern || isPlain(pattern) && isLiteral(pattern) {
		return 0
	}
	return bytesPerByte * len(pattern)
}

// isPlain reports whether a pattern has no special character but ")", which is none to string.find.
func isPlain(pattern string) bool { return !strings.ContainsAny(pattern, "^$*+?.([%-") }

// isLiteral reports whether a plain pattern stands for its own text.
func isLiteral(pattern string) bool { return strings.IndexByte(pattern, ')') < 0 }

// Compile prepares a pattern. It takes time and memory in proportion to the length of the pattern, see [Size]. Mistakes
// show when the pattern is used.
func Compile(pattern string) *Pattern {
	anchored := pattern != "" && pattern[0] == '^'
	return compile(pattern, anchored)
}

// CompileUnanchored is Compile for string.gmatch, which takes a leading "^" for an ordinary character.
func CompileUnanchored(pattern string) *Pattern { return compile(pattern, false) }

func compile(pattern string, anchored bool) *Pattern {
	p := &Pattern{source: pattern, anchored: anchored}
	p.plain = isPlain(pattern)
	p.literal = p.plain && isLiteral(pattern)
	if p.literal {
		return p
	}
	c := compiler{Pattern: p, src: pattern}
	if anchored {
		c.at = 1
	}
	c.program()
	return p
}
