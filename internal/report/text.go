package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Columns is how many columns of a terminal a text takes: two for most letters of Chinese, Japanese and Korean and for
// emoji, none for marks that are put over a letter.
func Columns(text string) int { return uniseg.StringWidth(text) }

// PadRight adds blanks after a text, up to a width in columns.
func PadRight(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Columns(text)))
}

// PadLeft adds blanks before a text, up to a width in columns.
func PadLeft(text string, width int) string {
	return strings.Repeat(" ", max(0, width-Columns(text))) + text
}

// head returns the longest beginning of a text that takes no more than the given columns, and how many it takes.
func head(text string, most int) (part string, width int) {
	rest, state := text, -1
	for rest != "" {
		_, after, w, next := uniseg.FirstGraphemeClusterInString(rest, state)
		if width+w > most {
			break
		}
		rest, state, width = after, next, width+w
	}
	return text[:len(text)-len(rest)], width
}

// cut shortens a text to a number of columns.
func cut(text string, most int) string {
	if Columns(text) <= most {
		return text
	}
	part, _ := head(text, most-1)
	return part + "…"
}

// window is the part of a line, in columns, that is shown where the whole does not fit.
type window struct {
	from, width int
}

// windowOn chooses the part of a line that shows what begins at a given column: the beginning of the line where that
// will do, else a part that has about a third of its width before that column.
func windowOn(line string, at, width int) window {
	if all := Columns(line); all > width && at >= width-width/3 {
		return window{min(at-width/3, all-width), width}
	}
	return window{0, width}
}

// show returns that part of a line, with marks where it is cut, in no more columns than the window has.
func (w window) show(line string) string {
	if w.from == 0 {
		return cut(line, w.width)
	}
	before, skipped := head(line, w.from)
	rest := line[len(before):]
	for rest != "" && skipped <= w.from { // skip what the mark replaces, which may be two columns wide
		var wide int
		_, rest, wide, _ = uniseg.FirstGraphemeClusterInString(rest, -1)
		skipped += wide
	}
	if rest == "" {
		return ""
	}
	pad := strings.Repeat(" ", skipped-w.from-1)
	return "…" + pad + cut(rest, w.width-1-len(pad))
}
