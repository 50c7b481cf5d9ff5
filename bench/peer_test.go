package bench

import (
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
)

// peerGoals say how much faster hooks are than peers that people use for them, or by how much they may be slower.
func peerGoals() []goal {
	var all []goal
	for _, g := range []struct {
		id     string
		work   peer.Work
		peer   peer.Peer
		least  float64
		allocs int
	}{
		{"G10", peer.PrePost(1), peer.Python(), 5, uncounted},
		{"G10", peer.PrePost(20), peer.Python(), 8, uncounted},
		{"G11", peer.PrePost(1), peer.LikeSkipper(), 3, uncounted},
		{"G11", peer.PrePost(1), peer.LikeNakama(), 75, uncounted},
		{"G11", peer.PrePost(1), peer.LikeKrakenD(), 300, uncounted},
		{"G17", peer.Policy, peer.Starlark(peer.On), 1.1, 2},
		{"G17", peer.Policy, peer.Expr(peer.On), 0.4, 2},
		{"G17", peer.Set, peer.Starlark(peer.On), 1, 4},
		{"G17", peer.Set, peer.Expr(peer.On), 0.45, 4},
		{"G17", peer.SetNested, peer.Starlark(peer.On), 1, 6},
		{"G17", peer.SetNested, peer.Expr(peer.On), 0.45, 6},
		{"G18", peer.Sum(1000), peer.Starlark(peer.On), 1, uncounted},
		{"G18", peer.Sum(1000), peer.ReadyTables(), 1, uncounted},
		{"G18", peer.Sum(10_000), peer.Starlark(peer.On), 1, uncounted},
		{"G18", peer.Sum(10_000), peer.ReadyTables(), 1, uncounted},
		{"G19", peer.Compute(peer.Sieve), peer.GopherLua(peer.Off), 0.95, uncounted},
		{"G19", peer.Compute(peer.Texts), peer.GopherLua(peer.Off), 0.95, uncounted},
		{"G19", peer.Compute(peer.Sort), peer.GopherLua(peer.Off), 0.95, uncounted},
	} {
		base := g.peer.Name
		if g.peer.Limits == peer.Off.Label("") {
			base += " without limits"
		}
		all = append(all, goal{
			id: g.id, what: g.work.Name, base: base,
			sides: func(tb testing.TB) (base, candidate side.Side) {
				return g.work.By(g.peer)(tb), g.work.By(peer.Hookrun())(tb)
			},
			figure: side.Faster, limit: atLeast(g.least), allocs: g.allocs,
		})
	}
	return all
}
