// Package peers compares hookrun with all that a program could use instead. It is a module of its own, since some of
// them bring many others.
package peers

import (
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
)

func TestMain(m *testing.M) { peer.Main(m) }

// heavy are the peers that only this module has.
func heavy() []peer.Peer {
	return []peer.Peer{
		inCEL(peer.On), inCEL(peer.Off), inOPA(peer.On), inOPA(peer.Off), inTengo(peer.On), inTengo(peer.Off),
		inFlatWasm(peer.On), inFlatWasm(peer.Off), inGoWasm(peer.On), inGoWasm(peer.Off),
	}
}

func TestEveryPeerDoesTheSameWork(t *testing.T) {
	for _, p := range heavy() {
		t.Run(p.Name+", "+p.Limits, func(t *testing.T) { peer.Right(t, p) })
	}
}

func TestLimitsEndAnEndlessLoop(t *testing.T) {
	for name, open := range map[string]func(peer.Limits) peer.Peer{
		"cel-go": inCEL, "OPA": inOPA, "tengo": inTengo, "flat wasm": inFlatWasm, "Go wasm": inGoWasm,
	} {
		t.Run(name, func(t *testing.T) { peer.Ends(t, open) })
	}
}

// TestPeers prints the whole table.
func TestPeers(t *testing.T) { peer.Table(t, append(peer.Light(), heavy()...)) }
