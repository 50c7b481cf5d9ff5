package pattern

import "strings"

// unitLength is the length of the first item of p, without its repetition.
func unitLength(p string) int {
	switch p[0] {
	case '%':
		if len(p) == 1 {
			panic(errEndsInEscape)
		}
		return 2
	case '[':
		i := 1
		if strings.HasPrefix(p, "[^") {
			i = 2
		}
		for first := true; ; first = false {
			if i >= len(p) {
				panic(errMissingBracket)
			}
			if p[i] == ']' && !first {
				return i + 1
			}
			if p[i] == '%' && i+1 < len(p) {
				i++
			}
			i++
		}
	}
	return 1
}

func unitMatches(unit string, c byte) bool {
	switch unit[0] {
	case '.':
		return true
	case '%':
		return classMatches(unit[1], c)
	case '[':
		if strings.HasPrefix(unit, "[^") {
			return !setMatches(unit[2:], c)
		}
		return setMatches(unit[1:], c)
	}
	return unit[0] == c
}

// setMatches compares with the members of a set, which end in "]".
func setMatches(members string, c byte) bool {
	for end := len(members) - 1; members != "" && end > 0; end = len(members) - 1 {
		switch {
		case members[0] == '%':
			if classMatches(members[1], c) {
				return true
			}
			members = members[2:]
		case end > 2 && members[1] == '-':
			if members[0] <= c && c <= members[2] {
				return true
			}
			members = members[3:]
		default:
			if members[0] == c {
				return true
			}
			members = members[1:]
		}
	}
	return false
}

func classMatches(class, c byte) bool {
	const upper, lower, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
	members := map[byte]string{
		'a': upper + lower,
		'd': digits,
		'l': lower,
		'p': "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
		's': " \t\n\v\f\r",
		'u': upper,
		'w': upper + lower + digits,
		'x': digits + "abcdefABCDEF",
		'z': "\x00",
	}
	letter := class | 0x20
	in := strings.IndexByte(members[letter], c) >= 0
	switch {
	case letter == 'c' && strings.IndexByte("cC", class) >= 0:
		in = c < ' ' || c == 0x7f
	case members[letter] == "" || strings.IndexByte(upper+lower, class) < 0:
		return class == c
	}
	return in != (strings.IndexByte(upper, class) >= 0)
}
