package peer

import (
	"fmt"
	"testing"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
)

// Work is what is done in several ways.
type Work struct {
	Name  string
	Short string // what the table calls it
	// By is how a peer does it, nil where it has no way.
	By func(Peer) func(testing.TB) side.Side
}

// The work by which peers are compared.
var (
	Policy = Work{"a policy of three fields", "policy", func(p Peer) func(testing.TB) side.Side {
		return given(p.Policy, world.NewShare(1))
	}}
	Set = Work{"three fields read, one set", "set", func(p Peer) func(testing.TB) side.Side {
		return given(p.Set, world.NewShare(1))
	}}
	SetNested = Work{"the same in a nested record, by pointer", "nested", func(p Peer) func(testing.TB) side.Side {
		return given(p.SetNested, *world.NewManaged(1))
	}}
)

// Works are all work, in the order of the table.
func Works() []Work {
	return []Work{
		PrePost(1), PrePost(20), Policy, Set, SetNested, Sum(1000), Sum(10_000), Compute(Sieve), Compute(Texts), Compute(Sort),
	}
}

// given hands a value to what a peer makes.
func given[V, R any](open func(testing.TB) func(*V) R, v V) func(testing.TB) side.Side {
	if open == nil {
		return nil
	}
	return func(tb testing.TB) side.Side {
		do := open(tb)
		return side.Repeat(func() R { return do(&v) })
	}
}

// PrePost is a call with hooks that do nothing.
func PrePost(hooks int) Work {
	return Work{fmt.Sprintf("a call with %d empty pre and post", hooks), fmt.Sprintf("%d empty", hooks), func(p Peer) func(testing.TB) side.Side {
		if p.PrePost == nil || hooks > 1 && !p.Several {
			return nil
		}
		return func(tb testing.TB) side.Side { return p.PrePost(tb, make([]Bodies, hooks)) }
	}}
}

// Sum adds up the sizes of some shares.
func Sum(shares int) Work {
	return Work{fmt.Sprintf("a sum over %d shares", shares), fmt.Sprintf("sum %d", shares), func(p Peer) func(testing.TB) side.Side {
		if p.Sum == nil {
			return nil
		}
		return func(tb testing.TB) side.Side { return side.Repeat(p.Sum(tb, world.NewShares(shares))) }
	}}
}

// Compute is a task of pure computation.
func Compute(task Task) Work {
	return Work{task.Name, task.Short, func(p Peer) func(testing.TB) side.Side {
		program, ok := p.Programs[task]
		if !ok {
			return nil
		}
		return func(tb testing.TB) side.Side { return side.Repeat(p.Compute(tb, program)) }
	}}
}
