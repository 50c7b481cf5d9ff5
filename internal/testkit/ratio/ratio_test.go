package ratio

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTwiceTheWorkIsMoreThanOnce(t *testing.T) {
	long.Only(t)
	sum := 0
	work := func(n int) func() {
		return func() {
			for i := range n {
				sum += i * i
			}
		}
	}
	result := testing.Benchmark(func(b *testing.B) { Compare(b, work(1000), work(10_000)) })
	if got := result.Extra["of-base"]; got <= 1 {
		t.Errorf("ten times the work takes %v times as long", got)
	}
}
