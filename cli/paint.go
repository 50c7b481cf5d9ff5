package cli

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// painter writes text for people: coloured on a terminal, and never with a character that a terminal would obey.
type painter struct {
	out    io.StringWriter
	color  bool
	width  int  // of the terminal in columns; 0: not a terminal, nothing is cut
	full   bool // whether values are shown whole, whatever the width
	wasCut bool // whether some value was not
}

// style is the parameter of the escape sequence that selects a graphic rendition (ECMA-48, SGR).
type style string

const (
	plain   style = ""
	bold    style = "1"
	faint   style = "2"
	red     style = "31"
	green   style = "32"
	yellow  style = "33"
	cyan    style = "36"
	redBold style = "1;31"
)

// newPainter returns a painter that writes to out, which leads to the file, as it suits a terminal where that is one.
func newPainter(out io.StringWriter, file io.Writer) *painter {
	p := &painter{out: out}
	if !isTerminal(file) {
		return p
	}
	p.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(file.(*os.File).Fd())); err == nil {
		p.width = width
	}
	return p
}

// paint returns the text in a style.
func (p *painter) paint(s style, text string) string {
	if !p.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// fit shortens a value that would not fit on the rest of a terminal's line.
func (p *painter) fit(text string, used int) string {
	if p.width == 0 || p.full {
		return text
	}
	short := cut(text, p.room(used))
	p.wasCut = p.wasCut || short != text
	return short
}

// room is what is left of a terminal's line, or enough to show something where there is hardly any.
func (p *painter) room(used int) int { return max(p.width-used, 8) }

// line writes one line. The bufio.Writer below keeps the first error until it is flushed.
func (p *painter) line(parts ...string) {
	_, _ = p.out.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

// span is a part of a line in one style.
type span struct {
	text string
	look style
}

// paragraph writes spans one after another. On a terminal it breaks at spaces what does not fit on a line, and moves all lines
// but the first a little to the right.
func (p *painter) paragraph(margin string, spans ...span) {
	line, used := margin, columns(margin)
	margin += indent
	for _, s := range spans {
		run := ""
		for word := range strings.SplitAfterSeq(s.text, " ") {
			wide := columns(strings.TrimRight(word, " "))
			if p.width > 0 && wide > 0 && used+wide > p.width && used > len(margin) {
				p.line(line, p.paint(s.look, strings.TrimRight(run, " ")))
				line, used, run = margin, len(margin), ""
			}
			run += word
			used += columns(word)
		}
		line += p.paint(s.look, run)
	}
	p.line(line)
}
