package peer

import "testing"

func TestMain(m *testing.M) { Main(m) }

func TestEveryPeerDoesTheSameWork(t *testing.T) {
	for _, p := range append(Light(), Hookrun()) {
		t.Run(p.Name+", "+p.Limits, func(t *testing.T) { Right(t, p) })
	}
}

func TestLimitsEndAnEndlessLoop(t *testing.T) {
	for name, open := range map[string]func(Limits) Peer{
		"gopher-lua": GopherLua, "goja": Goja, "starlark": Starlark, "go-lua": Shopify, "expr": Expr,
	} {
		t.Run(name, func(t *testing.T) { Ends(t, open) })
	}
}
