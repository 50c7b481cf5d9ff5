package cli

import (
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// table is rows of cells in aligned columns. The first row is the heads, the first two cells of a row are its number and
// name. A cell may have several lines.
type table [][]cell

type cell struct {
	text string
	look style
}

// print writes the table, or one block of lines for each row where the terminal is too narrow.
func (t table) print(p *painter) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, c := range row {
			for line := range strings.SplitSeq(c.text, "\n") {
				widths[i] = max(widths[i], columns(plaintext.Line(line)))
			}
		}
	}
	total := 0
	for _, width := range widths {
		total += len(indent) + width
	}
	if p.width > 0 && total > p.width {
		t.printBlocks(p)
		return
	}
	for i, row := range t {
		printRow(p, row, widths, i == 0)
	}
}

func printRow(p *painter, row []cell, widths []int, isHead bool) {
	for n, more := 0, true; more; n++ {
		more = false
		var line strings.Builder
		for i, c := range row {
			look, text := c.look, ""
			if isHead {
				look = faint
			}
			if parts := strings.Split(c.text, "\n"); n < len(parts) {
				text = plaintext.Line(parts[n])
				more = more || n+1 < len(parts)
			}
			line.WriteString(indent + p.paint(look, padRight(text, widths[i])))
		}
		p.line(line.String())
	}
}

// printBlocks writes each row as its name, and below it what the other cells say, with their heads.
func (t table) printBlocks(p *painter) {
	number := 0
	for _, row := range t {
		number = max(number, columns(row[0].text))
	}
	for _, row := range t[1:] {
		p.line(indent, p.paint(row[0].look, padRight(row[0].text, number)), indent, p.paint(bold, plaintext.Line(row[1].text)))
		var about []span
		for i, c := range row[2:] {
			if text := plaintext.Line(strings.ReplaceAll(c.text, "\n", ", ")); text != "-" {
				about = append(about, span{t[0][i+2].text + " ", faint}, span{text + indent, c.look})
			}
		}
		p.paragraph(indent+strings.Repeat(" ", number)+indent, about...)
	}
}
