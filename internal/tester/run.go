package tester

import (
	"context"
	"math/rand/v2"
	"sync"
)

// RunAll runs tests, as many side by side as parallel says, and hands over the results in the order of the tests. With
// a seed other than 0 they run in an order that the seed decides. It ends early when the context does, or when ran
// returns false; then it waits for the tests that are under way.
func RunAll(ctx context.Context, tests []*Test, world func(*File) NewWorld, parallel int, seed uint64, ran func(*Result) bool) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	order := make([]int, len(tests))
	for i := range order {
		order[i] = i
	}
	if seed != 0 {
		random := rand.New(rand.NewPCG(seed, 0))
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	next := make(chan int)
	done := make(chan int, len(tests))
	results := make([]*Result, len(tests))
	var workers sync.WaitGroup
	for range max(1, min(parallel, len(tests))) {
		workers.Go(func() {
			for i := range next {
				results[i] = tests[i].Run(ctx, world(tests[i].File))
				done <- i
			}
		})
	}
	go func() {
		defer close(next)
		for _, i := range order {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	go func() {
		workers.Wait()
		close(done)
	}()
	told, ready := 0, make([]bool, len(tests))
	for i := range done {
		ready[i] = true
		for ; told < len(tests) && ready[told] && ctx.Err() == nil; told++ {
			if !ran(results[told]) {
				stop()
			}
		}
	}
}
