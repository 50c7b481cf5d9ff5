package peer

import (
	"fmt"
	"testing"

	"github.com/hookrun/hookrun/bench/side"
)

// Table prints in Markdown how long peers take for all work, as multiples of what hookrun takes. In a short test it
// only sees that they can be measured.
func Table(t *testing.T, peers []Peer) {
	fmt.Print("\n" + row("work", "peer", "its limits", "over hookrun") + row("---", "---", "---", "---:"))
	for _, w := range Works() {
		t.Run(w.Name, func(t *testing.T) {
			ours := w.By(Hookrun())(t)
			for _, p := range peers {
				if open := w.By(p); open != nil {
					t.Run(p.Name+", "+p.Limits, func(t *testing.T) {
						fmt.Print(row(w.Name, p.Name, p.Limits, fmt.Sprintf("%.3g", side.Faster(side.Compare(open(t), ours)))))
					})
				}
			}
		})
	}
}

func row(work, peer, limits, times string) string {
	return fmt.Sprintf("| %-39s | %-22s | %-30s | %12s |\n", work, peer, limits, times)
}
