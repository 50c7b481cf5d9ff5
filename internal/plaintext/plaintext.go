// Package plaintext makes texts of foreign hands fit to be shown: what scripts, call records, configs and file names say must
// not move a terminal's cursor, colour it, turn its writing direction, or begin a line of a log that looks like another's.
//
// Shown as they are: letters, marks, digits, punctuation, symbols and spaces, and the two joiners that Persian, Indic scripts
// and emoji are written with. All else becomes an escape that Go and Lua readers know: \n, \x1b, \u202e, \xff for a byte that
// is no UTF-8. So control characters (C0, DEL, C1), line and paragraph separators, bidirectional marks, invisible characters
// and tags never reach a terminal. A backslash stays what it is, for paths and patterns to be readable: the escapes are for
// eyes, only [JSON] can be read back.
package plaintext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line returns the text as one line. A text that is plain already is returned as it is.
func Line(text string) string { return escape(text, isPlain) }

// Lines returns the text with its line feeds; everything else is as with [Line].
func Lines(text string) string {
	return escape(text, func(r rune) bool { return r == '\n' || isPlain(r) })
}

// Cut returns at most n bytes of a text, and says how long it is where that is not all.
func Cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	n = max(n, 0)
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return fmt.Sprintf("%s... (%d bytes in all)", text[:n], len(text))
}

// Clip returns a text of at most some bytes, with three dots in place of what is cut off. It leaves characters whole.
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return head(text, most-len(dots)) + dots
}

// ClipMiddle is Clip where the end says as much as the beginning, as in a path.
func ClipMiddle(text string, most int) string {
	if len(text) <= most {
		return text
	}
	first := head(text, (most-len(dots))/2)
	rest := len(text) - (most - len(dots) - len(first))
	for rest < len(text) && !utf8.RuneStart(text[rest]) {
		rest++
	}
	return first + dots + text[rest:]
}

const dots = "..."

// head is the beginning of a text that is longer, without the part of a character.
func head(text string, most int) string {
	at := most
	for at > 0 && most-at < utf8.UTFMax && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[:at]
}

// JSON returns JSON text that means the same and is shown as it is: what encoding/json leaves raw within its strings is
// escaped. Line feeds and tabs between its values stay.
func JSON(text []byte) []byte {
	at := indexNotPlain(text)
	if at < 0 {
		return text
	}
	out := append(make([]byte, 0, len(text)+len(text)/8), text[:at]...)
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, `\ufffd`...) // what every reader makes of it
		case inJSON(r):
			out = append(out, text[at:at+size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		at += size
	}
	return out
}

func indexNotPlain(text []byte) int {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if !inJSON(r) || r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// inJSON reports whether a character of valid JSON text may stay. Between values there is white space; within strings there
// is none of it but spaces.
func inJSON(r rune) bool { return r == '\n' || r == '\t' || r == '\r' || isPlain(r) }

// isPlain reports whether a character is shown as it is.
func isPlain(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	if ' ' <= r && r <= '~' {
		return true
	}
	return unicode.IsGraphic(r) || r == zeroWidthNonJoiner || r == zeroWidthJoiner
}

func escape(text string, stays func(rune) bool) string {
	clean := 0
	for clean < len(text) {
		r, size := utf8.DecodeRuneInString(text[clean:])
		if !stays(r) || r == utf8.RuneError && size == 1 {
			break
		}
		clean += size
	}
	if clean == len(text) {
		return text
	}
	var b strings.Builder
	b.WriteString(text[:clean])
	for at := clean; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[at])
		case stays(r):
			b.WriteString(text[at : at+size])
		default:
			b.WriteString(escaped(r))
		}
		at += size
	}
	return b.String()
}

func escaped(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
