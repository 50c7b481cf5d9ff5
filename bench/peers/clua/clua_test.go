//go:build cgo && (lua51 || luajit)

package clua

import (
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
)

func TestMain(m *testing.M) { peer.Main(m) }

func TestLuaInCDoesTheSameWork(t *testing.T) {
	for _, p := range []peer.Peer{inC(peer.On), inC(peer.Off)} {
		t.Run(p.Limits, func(t *testing.T) { peer.Right(t, p) })
	}
}

func TestLimitsEndAnEndlessLoop(t *testing.T) { peer.Ends(t, inC) }

// TestPeers prints the part of the table that is about Lua in C.
func TestPeers(t *testing.T) { peer.Table(t, []peer.Peer{inC(peer.On), inC(peer.Off)}) }
