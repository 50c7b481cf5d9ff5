package peer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/bench/side"
)

// Table prints in Markdown how long peers take for all work, a row for each, as multiples of what hookrun takes. In a
// short test it only sees that they can be measured.
func Table(t *testing.T, peers []Peer) {
	head, line := []string{"peer", "its limits"}, []string{"---", "---"}
	rows := make([][]string, len(peers))
	for i, p := range peers {
		rows[i] = []string{p.Name, p.Limits}
	}
	for _, w := range Works() {
		head, line = append(head, w.Short), append(line, "---:")
		t.Run(w.Name, func(t *testing.T) {
			ours := w.By(Hookrun())(t)
			for i, p := range peers {
				times := ""
				if open := w.By(p); open != nil {
					t.Run(p.Name+", "+p.Limits, func(t *testing.T) { times = inDigits(side.Faster(side.Compare(open(t), ours))) })
				}
				rows[i] = append(rows[i], times)
			}
		})
	}
	fmt.Print("\n" + row(head) + row(line))
	for _, r := range rows {
		fmt.Print(row(r))
	}
}

// inDigits shows a ratio with two digits that count, and no exponent.
func inDigits(ratio float64) string {
	if ratio >= 10 {
		return fmt.Sprintf("%.0f", ratio)
	}
	return fmt.Sprintf("%.2g", ratio)
}

func row(cells []string) string {
	widths := []int{-18, -30} // of names and limits; figures have eight
	var b strings.Builder
	for i, cell := range cells {
		width := 8
		if i < len(widths) {
			width = widths[i]
		}
		fmt.Fprintf(&b, "| %*s ", width, cell)
	}
	return b.String() + "|\n"
}
