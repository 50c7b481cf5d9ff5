package mask

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestAllTextsAreFoundAsIfEachWasLookedForAlone(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("ab.")), MinLength, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(text, 1, 8).Draw(t, "texts")
		in := rapid.StringOfN(rapid.RuneFrom([]rune("ab.")), 0, 60, -1).Draw(t, "in")
		var want []span
		for end := range len(in) + 1 {
			longest := 0
			for _, text := range texts {
				for n := range len(text) + 1 {
					is := n == len(text) || n >= MinLength && isCut(in[end:])
					if is && strings.HasSuffix(in[:end], text[:n]) {
						longest = max(longest, n)
					}
				}
			}
			if longest > 0 {
				want = append(want, span{end - longest, end})
			}
		}
		slices.Sort(texts)
		got := newAutomaton(texts).find(in)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%q in %q (-want +got):\n%s", texts, in, diff)
		}
	})
}

func TestLongTextsAreKnownByLessWhereThereAreMany(t *testing.T) {
	long.Only(t)
	var texts []string
	for i := range 3000 {
		texts = append(texts, fmt.Sprintf("%04d%s", i, strings.Repeat(" and so on", 1000)))
	}
	a := newAutomaton(texts)
	if len(a.nodes) > maxNodes || a.most != maxLength/2 {
		t.Errorf("got %d nodes, for beginnings of %d; want %d at most, for %d", len(a.nodes), a.most, maxNodes, maxLength/2)
	}
	for _, text := range texts {
		if diff := cmp.Diff([]span{{2, len(text) + 2}}, a.find("a "+text), cmp.AllowUnexported(span{})); diff != "" {
			t.Fatalf("%.10s... (-want +got):\n%s", text, diff)
		}
	}
}
