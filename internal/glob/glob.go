// Package glob matches names with patterns in which nothing divides a name into parts: a star matches slashes and dots
// as well, since a method may be called "create_share", "/shares.v1.Shares/Create" or "POST /shares".
//
//	c         the character itself
//	*         any run of characters, an empty one too
//	?         one character
//	[a-z_]    one of the characters
//	[^a-z_]   one that is none of these
//	\c        the character c, whatever it means otherwise; in brackets as well
//
// For names without a slash these are the patterns of package path.
package glob

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Check returns what is wrong with a pattern; nil when nothing is.
func Check(pattern string) error {
	for rest := pattern; rest != ""; {
		var ok bool
		if rest, _, ok = step(rest, "x"); !ok {
			return fmt.Errorf("malformed pattern %q", pattern)
		}
	}
	return nil
}

// Match reports whether the whole name matches. No name matches a malformed pattern. The time it takes is at most in
// proportion to the product of the two lengths.
func Match(pattern, name string) bool {
	if Check(pattern) != nil {
		return false
	}
	var after, from string // of the last star: the pattern after it, and the part of the name that was last tried there
	starred := false
	for pattern != "" || name != "" {
		if strings.HasPrefix(pattern, "*") {
			pattern = pattern[1:]
			after, from, starred = pattern, name, true
			continue
		}
		if pattern != "" && name != "" {
			if rest, size, _ := step(pattern, name); size > 0 {
				pattern, name = rest, name[size:]
				continue
			}
		}
		if !starred || from == "" {
			return false
		}
		from = from[1:]
		pattern, name = after, from
	}
	return true
}

// step takes one part off the head of a pattern, and returns how many bytes at the head of the name, which must not be
// empty, match it; 0 for none. It reports false for a malformed part.
func step(pattern, name string) (rest string, size int, ok bool) {
	switch pattern[0] {
	case '*':
		return pattern[1:], 0, true
	case '?':
		_, size = utf8.DecodeRuneInString(name)
		return pattern[1:], size, true
	case '[':
		return class(pattern[1:], name)
	case '\\':
		if pattern = pattern[1:]; pattern == "" {
			return "", 0, false
		}
	}
	if pattern[0] == name[0] {
		size = 1
	}
	return pattern[1:], size, true
}

// class is step for what follows an opening bracket.
func class(pattern, name string) (rest string, size int, ok bool) {
	r, length := utf8.DecodeRuneInString(name)
	pattern, negated := strings.CutPrefix(pattern, "^")
	within := false
	for first := true; first || !strings.HasPrefix(pattern, "]"); first = false {
		var low, high rune
		if low, pattern, ok = member(pattern); !ok {
			return "", 0, false
		}
		high = low
		if strings.HasPrefix(pattern, "-") {
			if high, pattern, ok = member(pattern[1:]); !ok {
				return "", 0, false
			}
		}
		within = within || low <= r && r <= high
	}
	if within != negated {
		size = length
	}
	return pattern[1:], size, true
}

// member reads one character of a class. Something must follow it.
func member(pattern string) (r rune, rest string, ok bool) {
	if pattern == "" || pattern[0] == '-' || pattern[0] == ']' {
		return 0, "", false
	}
	pattern = strings.TrimPrefix(pattern, `\`)
	r, size := utf8.DecodeRuneInString(pattern)
	valid := size > 0 && (r != utf8.RuneError || size > 1)
	return r, pattern[size:], valid && size < len(pattern)
}
