package report

import (
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Table is rows of cells in aligned columns. The first row holds the heads; the first two cells of a row are its number
// and its name. A cell may have several lines.
type Table [][]Piece

// Print writes the table, or one block of lines for each row where the terminal is too narrow.
func (t Table) Print(p *Painter) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, c := range row {
			for line := range strings.SplitSeq(c.Text, "\n") {
				widths[i] = max(widths[i], Columns(plaintext.Line(line)))
			}
		}
	}
	total := 0
	for _, width := range widths {
		total += len(Indent) + width
	}
	if p.Width > 0 && total > p.Width {
		t.printBlocks(p)
		return
	}
	for i, row := range t {
		printRow(p, row, widths, i == 0)
	}
}

func printRow(p *Painter, row []Piece, widths []int, isHead bool) {
	for n, more := 0, true; more; n++ {
		more = false
		var line strings.Builder
		for i, c := range row {
			look, text := c.Look, ""
			if isHead {
				look = Faint
			}
			if parts := strings.Split(c.Text, "\n"); n < len(parts) {
				text = plaintext.Line(parts[n])
				more = more || n+1 < len(parts)
			}
			line.WriteString(Indent + p.Paint(look, PadRight(text, widths[i])))
		}
		p.Line(line.String())
	}
}

// maxNumber is the width of a number in a block: a longer one, such as a time, does not move what stands below it.
const maxNumber = 4

// printBlocks writes each row as its name, with what the other cells say below it, each after the head of its column.
func (t Table) printBlocks(p *Painter) {
	number := 0
	for _, row := range t {
		number = max(number, Columns(row[0].Text))
	}
	margin := Indent + strings.Repeat(" ", min(number, maxNumber)) + Indent
	for _, row := range t[1:] {
		p.Line(Indent, p.Paint(row[0].Look, PadRight(row[0].Text, number)), Indent, p.Paint(Bold, plaintext.Line(row[1].Text)))
		var about []Piece
		used := Columns(margin)
		flush := func() {
			p.Paragraph(margin, about...)
			about, used = nil, Columns(margin)
		}
		for i, c := range row[2:] {
			text := plaintext.Line(strings.ReplaceAll(c.Text, "\n", ", "))
			if text == "-" {
				continue
			}
			head := t[0][i+2].Text + " "
			wide := Columns(head) + Columns(text)
			if len(about) > 0 && used+wide > p.Width { // a value stays beside its head
				flush()
			}
			about = append(about, Faint.Text(head), c.Look.Text(text+Indent))
			used += wide + len(Indent)
		}
		flush()
	}
}
