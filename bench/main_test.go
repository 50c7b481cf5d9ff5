package bench

import (
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
)

func TestMain(m *testing.M) { peer.Main(m) }
