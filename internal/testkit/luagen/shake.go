package luagen

import (
	"math/rand/v2"
	"strings"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// Shake lays a program out anew, at random: statements over several lines and several on one, with comments between.
// It means the same, but for the lines that its messages name.
func Shake(source string, seed uint64) string {
	rnd := rand.New(rand.NewPCG(seed, 0x7368616b65))
	often := []int{0, 2, 10, 30, 60}[rnd.IntN(5)] // of a hundred tokens, how many begin a line
	var b strings.Builder
	for i, t := range syntax.Tokens(source) {
		gap := " "
		switch {
		case i == 0:
			gap = ""
		case t.Text == "(": // on another line than what it calls it would be refused
		case rnd.IntN(100) < often:
			gap = []string{"\n", "\n\n", " -- why\n", " --[[ over\n lines ]] ", "\r\n", " --[==[ ]]\n]==]\n"}[rnd.IntN(6)]
		}
		b.WriteString(gap)
		b.WriteString(t.Text)
	}
	return b.String()
}
