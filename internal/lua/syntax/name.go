package syntax

import (
	"fmt"
	"strings"
)

// IsName reports whether a text is written as the names of Lua are. Keywords are written so as well.
func IsName(text string) bool {
	for i, c := range text {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}

// IsKeyword reports whether a text is a keyword of Lua.
func IsKeyword(text string) bool { return keywords[text] }

// Quote writes a string as Lua reads it, on one line.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
