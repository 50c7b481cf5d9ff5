// Package ansi lets tests compare what a terminal gets.
package ansi

import "strings"

// Visible writes the escape sequences of styles in a text as "<31>".
func Visible(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "\x1b[") {
		if i > 0 {
			number, rest, _ := strings.Cut(part, "m")
			part = "<" + number + ">" + rest
		}
		b.WriteString(part)
	}
	return b.String()
}
