package regex

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Part cuts the first part from the template of a replacement: a text, and behind it a capture by its number, with 0
// for the match and -1 for none. $1 and ${1} stand for a capture, as do $name and ${name}, and $$ for a dollar sign,
// as in package regexp; a name is as long as it can be, so that $1x names a capture 1x. But a capture that the pattern
// does not have is an error, where package regexp puts nothing in its place, and so is a ${ that nothing ends. A dollar
// sign before anything else is itself.
func (p *Pattern) Part(template string) (text string, capture int, rest string, err error) {
	at := strings.IndexByte(template, '$')
	if at < 0 {
		return template, -1, "", nil
	}
	text, rest = template[:at], template[at+1:]
	name, behind, braced := "", rest, strings.HasPrefix(rest, "{")
	switch {
	case strings.HasPrefix(rest, "$"):
		return template[:at+1], -1, rest[1:], nil
	case braced:
		var closed bool
		if name, behind, closed = strings.Cut(rest[1:], "}"); !closed {
			return "", 0, "", fmt.Errorf("no } ends %.20q", template[at:])
		}
	default:
		if behind = strings.TrimLeftFunc(rest, inName); len(behind) == len(rest) {
			return template[:at+1], -1, rest, nil
		}
		name = rest[:len(rest)-len(behind)]
	}
	if capture = p.capture(name); capture < 0 {
		return "", 0, "", p.noCapture(name, braced)
	}
	return text, capture, behind, nil
}

func inName(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) }

// capture returns the number of a capture, or -1 where there is none.
func (p *Pattern) capture(name string) int {
	switch {
	case name == "":
		return -1
	case strings.Trim(name, digits) == "":
		n, err := strconv.Atoi(name)
		if err != nil || n > p.captures || name[0] == '0' && len(name) > 1 {
			return -1
		}
		return n
	}
	if i := slices.Index(p.names, name); i >= 0 {
		return i + 1
	}
	return -1
}

const digits = "0123456789"

func (p *Pattern) noCapture(name string, braced bool) error {
	rest := strings.TrimLeft(name, digits)
	number := name[:len(name)-len(rest)]
	switch {
	case name == "":
		return errors.New("${} names no capture")
	case !braced && number != "" && rest != "":
		return fmt.Errorf("there is no capture %.20q; for capture %s before %.20q write ${%s}", name, number, rest, number)
	}
	return fmt.Errorf("there is no capture %.20q", name)
}
