// Package report writes what people read: text for terminals and for files, tables, excerpts of sources, and figures in
// few digits.
package report

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Painter writes text for people, coloured where Color is set. It escapes the cells of tables and the source lines of
// excerpts; whoever calls Line, Paint, Fit or Paragraph escapes the text first, by package plaintext.
type Painter struct {
	Out    io.StringWriter
	Color  bool
	Width  int  // of the terminal, in columns; 0: not a terminal, nothing is cut
	Full   bool // whether values are shown whole, whatever the width
	WasCut bool // whether some value was cut
}

// Style is the parameter of the escape sequence that selects a graphic rendition (ECMA-48, SGR).
type Style string

const (
	Plain   Style = ""
	Bold    Style = "1"
	Faint   Style = "2"
	Red     Style = "31"
	Green   Style = "32"
	Yellow  Style = "33"
	Cyan    Style = "36"
	RedBold Style = "1;31"
)

// NewPainter returns a painter that writes to out, from where the text goes to file. Where file is a terminal, the text
// is made to suit it.
func NewPainter(out io.StringWriter, file io.Writer) *Painter {
	p := &Painter{Out: out}
	if !IsTerminal(file) {
		return p
	}
	p.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(file.(*os.File).Fd())); err == nil {
		p.Width = width
	}
	return p
}

// Paint returns the text in a style.
func (p *Painter) Paint(s Style, text string) string {
	if !p.Color || s == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// Fit shortens a value that would not fit on the rest of a terminal's line.
func (p *Painter) Fit(text string, used int) string {
	if p.Width == 0 || p.Full {
		return text
	}
	short := cut(text, p.room(used))
	p.WasCut = p.WasCut || short != text
	return short
}

// room is how much is left of a terminal's line, or enough to show something where hardly any is left.
func (p *Painter) room(used int) int { return max(p.Width-used, 8) }

// Line writes one line. The bufio.Writer below keeps the first error until it is flushed.
func (p *Painter) Line(parts ...string) {
	_, _ = p.Out.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

// Piece is a text in one style: a part of a line, or a cell of a table.
type Piece struct {
	Text string
	Look Style
}

// Text is a text in the style.
func (s Style) Text(text string) Piece { return Piece{text, s} }

// Paragraph writes pieces one after another. On a terminal it breaks a line that is too long at spaces, and indents all
// lines but the first.
func (p *Painter) Paragraph(margin string, pieces ...Piece) {
	line, used := margin, Columns(margin)
	margin += Indent
	for _, s := range pieces {
		run := ""
		for word := range strings.SplitAfterSeq(s.Text, " ") {
			wide := Columns(strings.TrimRight(word, " "))
			if p.Width > 0 && wide > 0 && used+wide > p.Width && used > len(margin) {
				p.Line(line, p.Paint(s.Look, strings.TrimRight(run, " ")))
				line, used, run = margin, len(margin), ""
			}
			run += word
			used += Columns(word)
		}
		line += p.Paint(s.Look, run)
	}
	p.Line(line)
}

// Indent goes before what belongs to the line above it.
const Indent = "  "

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
