package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/share"
)

// peer is another way to do the same work, done as well as its documentation allows. Work that it has no way for is
// nil. No peer has the limits of a hook, and none takes back what a script changed before it failed.
type peer struct {
	name    string
	several bool // whether it runs more than one hook around a call

	// prePost is a call of a driver that does nothing, with hooks around it.
	prePost func(testing.TB, []bodies) side
	// record gives a share to a script, which reads three fields of it and sets its name, and returns what has become of
	// it.
	record func(testing.TB) func(*share.Share) share.Share
	// periodic has a script add up the sizes of the shares that are available.
	periodic func(testing.TB, []share.Share) func() int64
}

// bodies are what stands in the two functions of a hook.
type bodies struct{ pre, post string }

func peers() []peer {
	return []peer{inTables(), inGoja(), inStarlark(), inShopify(), likeSkipper(), likeNakama(), likeKrakenD(), inPython()}
}

// work is what is done in several ways.
type work struct {
	name    string
	hookrun func(testing.TB) side
	by      func(peer) func(testing.TB) side // nil where a peer has no way
}

func works() []work {
	return []work{
		prePostWork(1), prePostWork(20),
		{"a record", recordInHookrun, peer.recordSide},
		periodicWork(1000), periodicWork(10_000),
	}
}

func prePostWork(hooks int) work {
	return work{
		name:    fmt.Sprintf("a call with %d empty pre and post", hooks),
		hookrun: func(tb testing.TB) side { return hookedCall(tb, hooks) },
		by:      func(p peer) func(testing.TB) side { return p.prePostSide(hooks) },
	}
}

func (p peer) prePostSide(hooks int) func(testing.TB) side {
	if hooks > 1 && !p.several {
		return nil
	}
	return func(tb testing.TB) side { return p.prePost(tb, make([]bodies, hooks)) }
}

func recordInHookrun(tb testing.TB) side { return recordSide(getShare(tb, readThree)) }

func (p peer) recordSide() func(testing.TB) side {
	if p.record == nil {
		return nil
	}
	return func(tb testing.TB) side { return recordSide(p.record(tb)) }
}

func recordSide(do func(*share.Share) share.Share) side {
	s := newShare(1)
	return func(n int) {
		for range n {
			do(&s)
		}
	}
}

func periodicWork(shares int) work {
	return work{
		name:    fmt.Sprintf("a sum over %d shares", shares),
		hookrun: func(tb testing.TB) side { return ticks(context.Background(), tb, newShares(shares)) },
		by:      func(p peer) func(testing.TB) side { return p.periodicSide(shares) },
	}
}

func (p peer) periodicSide(shares int) func(testing.TB) side {
	if p.periodic == nil {
		return nil
	}
	return func(tb testing.TB) side {
		do := p.periodic(tb, newShares(shares))
		return func(n int) {
			for range n {
				do()
			}
		}
	}
}

// peerGoals say how much faster hooks are than peers that people use for them.
func peerGoals() []goal {
	against := func(id string, p peer, hooks int, limit float64) goal {
		w := prePostWork(hooks)
		return goal{
			id: id, what: w.name, base: p.name,
			sides:  func(tb testing.TB) (base, candidate side) { return w.by(p)(tb), w.hookrun(tb) },
			figure: faster, limit: atLeast(limit), allocs: uncounted,
		}
	}
	return []goal{
		against("G10", inPython(), 1, 5), against("G10", inPython(), 20, 8),
		against("G11", likeSkipper(), 1, 3), against("G11", likeNakama(), 1, 75), against("G11", likeKrakenD(), 1, 300),
	}
}

// TestPeers prints how long peers take for the same work, as multiples of what hookrun takes, in a table in Markdown.
// In a short test it only sees that they can be measured.
func TestPeers(t *testing.T) {
	table := "\n" + peerRow("work", "peer", "over hookrun") + peerRow("---", "---", "---:")
	for _, w := range works() {
		t.Run(w.name, func(t *testing.T) {
			ours := w.hookrun(t)
			for _, p := range peers() {
				if open := w.by(p); open != nil {
					t.Run(p.name, func(t *testing.T) {
						table += peerRow(w.name, p.name, fmt.Sprintf("%.3g", faster(compare(open(t), ours))))
					})
				}
			}
		})
	}
	fmt.Print(table)
}

func peerRow(work, peer, times string) string {
	return fmt.Sprintf("| %-34s | %-14s | %12s |\n", work, peer, times)
}

// BenchmarkPeers has all work in all ways.
func BenchmarkPeers(b *testing.B) {
	for _, w := range works() {
		b.Run(strings.ReplaceAll(w.name, " ", "_"), func(b *testing.B) {
			b.Run("hookrun", func(b *testing.B) { benchmark(b, w.hookrun(b)) })
			for _, p := range peers() {
				if open := w.by(p); open != nil {
					b.Run(strings.ReplaceAll(p.name, " ", "_"), func(b *testing.B) { benchmark(b, open(b)) })
				}
			}
		})
	}
}
