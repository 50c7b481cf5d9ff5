// Package plaintext makes texts from elsewhere fit to be shown: what scripts, call records, configs and file names say
// must not move a terminal's cursor, change its colour or its writing direction, or begin a line of a log that looks
// like another's.
//
// These are shown as they are: letters, marks, digits, punctuation, symbols and spaces, where one sees that they are
// there, and the two joiners and the selector with which Persian, Indic scripts and emoji are written. Everything else
// becomes an escape that readers of Go and Lua know: \n, \x1b, \u202e, \xff for a byte that is not UTF-8. So control
// characters (C0, DEL, C1), line and paragraph separators, bidirectional marks, other invisible characters such as
// fillers, and tags never reach a terminal. A backslash stays as it is, to keep paths and patterns readable: the
// escapes are for people, and only those of [JSON] can be read back.
package plaintext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line returns the text as one line. A text that is plain already is returned as it is.
func Line(text string) string {
	clean := 0
	for clean < len(text) {
		r, size := utf8.DecodeRuneInString(text[clean:])
		if !isPlain(r) || r == utf8.RuneError && size == 1 {
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
		case isPlain(r):
			b.WriteString(text[at : at+size])
		default:
			b.WriteString(escaped(r))
		}
		at += size
	}
	return b.String()
}

// Cut returns a text of at most n bytes as it is, and of a longer one at most the first n bytes, with a note of its
// full length. It leaves characters whole.
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

// Clip returns a text cut to at most the given number of bytes, with three dots in place of what is cut off. It leaves
// characters whole.
func Clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return head(text, max(0, most-len(dots))) + dots[:min(len(dots), max(0, most))]
}

// ClipMiddle is Clip for a text whose end says as much as its beginning, such as a path.
func ClipMiddle(text string, most int) string {
	if len(text) <= most || most < len(dots) {
		return Clip(text, most)
	}
	first := head(text, (most-len(dots))/2)
	rest := len(text) - (most - len(dots) - len(first))
	for rest < len(text) && !utf8.RuneStart(text[rest]) {
		rest++
	}
	return first + dots + text[rest:]
}

const dots = "..."

// head returns the beginning of a text that is longer, without a partial character at its end.
func head(text string, most int) string {
	at := most
	for at > 0 && most-at < utf8.UTFMax && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[:at]
}

// JSON returns JSON text that means the same and can be shown as it is: what encoding/json leaves raw within strings is
// escaped. Line feeds and tabs between values stay.
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

// inJSON reports whether a character of valid JSON text may stay. The white space that it lets pass stands between
// values; within strings there is none but spaces.
func inJSON(r rune) bool { return r == '\n' || r == '\t' || r == '\r' || isPlain(r) }

// isPlain reports whether a character is shown as it is.
func isPlain(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner, emojiSelector = '\u200c', '\u200d', '\ufe0f'
	if ' ' <= r && r <= '~' {
		return true
	}
	return unicode.IsGraphic(r) && !isUnseen(r) || r == zeroWidthNonJoiner || r == zeroWidthJoiner || r == emojiSelector
}

// isUnseen reports whether a character is graphic in Unicode and shows nothing: fillers of Hangul, the Braille pattern
// without a dot, selectors of variants. A name with one would look like another name.
func isUnseen(r rune) bool {
	const blankBraille = '\u2800'
	return r == blankBraille || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
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
