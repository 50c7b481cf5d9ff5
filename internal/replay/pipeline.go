// Package replay takes many recorded calls through hooks and tells what came of them: the pipeline that keeps all cores
// busy and the order of each service's calls, what differs between two outcomes of a call, counts of all that in little
// memory, and the smallest record that still shows a difference.
package replay

import (
	"context"
	"errors"
	"io"
	"sync"
)

// Pipeline takes items through stages. All of its fields must be set. Items of one lane are run in the order in which
// they were read, on one goroutine; different lanes run at the same time. So what is emitted is what a loop would emit
// that does everything for one item before it reads the next, whatever the number of workers.
type Pipeline[T any, L comparable] struct {
	Next    func() (T, error) // reads an item; io.EOF after the last one
	Close   func()            // lets go of what is read, when no more is
	Size    func(T) int       // how many bytes an item holds, about
	Prepare func(T)           // on any core, in no order
	Lanes   func(T) []L       // where a prepared item is executed; called in order
	Execute func(L, T)        // in the order of the lane
	Finish  func(T)           // on any core, in no order, when the item was executed in all of its lanes
	Emit    func(T)           // in order, on the goroutine of the caller
	Workers int               // how many goroutines prepare and finish, at least 1
}

// The most that one batch holds: in batches, handing items from goroutine to goroutine costs little.
const (
	batchItems = 64
	batchBytes = 64 << 10
)

// batch is some items that follow each other.
type batch[T any] struct {
	items              []T
	prepared, finished chan struct{}
	running            sync.WaitGroup // the lanes that have not run the items yet
}

// Run reads, runs and emits all items, and returns the error of reading, if any. When the context ends it reads no
// more, does nothing more with what was read, does not wait for an input that may never come, and emits nothing that
// was not run; its error is the context's.
func (p *Pipeline[T, L]) Run(ctx context.Context) error {
	read := make(chan T, batchItems)
	failed := make(chan error, 1)
	go func() { failed <- p.read(ctx, read) }()

	// What is under way is bounded by the room in these, and with it the memory.
	room := 2*p.Workers + 2
	prepare, run := make(chan *batch[T], room), make(chan *batch[T], room)
	finish, emit := make(chan *batch[T], room), make(chan *batch[T], room)
	var stages sync.WaitGroup
	stages.Go(func() { p.batch(ctx, read, prepare, run, emit) })
	for range p.Workers {
		stages.Go(func() {
			for b := range prepare {
				each(ctx, b, p.Prepare)
				close(b.prepared)
			}
		})
		stages.Go(func() {
			for b := range finish {
				each(ctx, b, p.Finish)
				close(b.finished)
			}
		})
	}
	stages.Go(func() { p.run(ctx, run, finish) })
	for b := range emit {
		if <-b.finished; ctx.Err() == nil { // or not all of them may be finished
			for _, item := range b.items {
				p.Emit(item)
			}
		}
	}
	stages.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return <-failed
}

// each does something with the items of a batch, as long as the context has not ended.
func each[T any](ctx context.Context, b *batch[T], do func(T)) {
	for _, item := range b.items {
		if ctx.Err() != nil {
			return
		}
		do(item)
	}
}

func (p *Pipeline[T, L]) read(ctx context.Context, read chan<- T) error {
	defer close(read)
	defer p.Close()
	for {
		item, err := p.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case read <- item:
		case <-ctx.Done():
			return nil
		}
	}
}

// batch makes batches of what has been read. It does not wait for a batch to be full: what has come from a slow input
// is run at once.
func (p *Pipeline[T, L]) batch(ctx context.Context, read <-chan T, prepare, run, emit chan<- *batch[T]) {
	defer close(prepare)
	defer close(run)
	defer close(emit)
	for more := true; more; {
		b := &batch[T]{prepared: make(chan struct{}), finished: make(chan struct{})}
		var item T
		select {
		case item, more = <-read:
		case <-ctx.Done():
			return
		}
		for size, waiting := 0, true; more && waiting; {
			b.items = append(b.items, item)
			if size += p.Size(item); len(b.items) == batchItems || size >= batchBytes {
				break
			}
			select {
			case item, more = <-read:
			default:
				waiting = false
			}
		}
		if len(b.items) > 0 {
			emit <- b // first: what is emitted is waited for in this order
			run <- b
			prepare <- b
		}
	}
}

// share is what a lane has to run of a batch.
type share[T any] struct {
	of    *batch[T]
	items []T
}

// run hands the items to their lanes, which it makes when they are first asked for.
func (p *Pipeline[T, L]) run(ctx context.Context, run <-chan *batch[T], finish chan<- *batch[T]) {
	lanes := map[L]chan share[T]{}
	var working, ending sync.WaitGroup
	for b := range run {
		<-b.prepared
		var shares map[L][]T
		if ctx.Err() == nil { // or not all items may be prepared
			shares = p.shares(b)
		}
		b.running.Add(len(shares))
		for lane, items := range shares {
			todo, made := lanes[lane]
			if !made {
				todo = make(chan share[T], 2)
				lanes[lane] = todo
				working.Go(func() { p.work(ctx, lane, todo) })
			}
			todo <- share[T]{b, items}
		}
		ending.Go(func() {
			b.running.Wait()
			finish <- b
		})
	}
	for _, todo := range lanes {
		close(todo)
	}
	working.Wait()
	ending.Wait()
	close(finish)
}

func (p *Pipeline[T, L]) shares(b *batch[T]) map[L][]T {
	shares := map[L][]T{}
	for _, item := range b.items {
		for _, lane := range p.Lanes(item) {
			shares[lane] = append(shares[lane], item)
		}
	}
	return shares
}

// work is the goroutine of a lane. What it leaves out when the context has ended is not emitted.
func (p *Pipeline[T, L]) work(ctx context.Context, lane L, todo <-chan share[T]) {
	for s := range todo {
		for _, item := range s.items {
			if ctx.Err() != nil {
				break
			}
			p.Execute(lane, item)
		}
		s.of.running.Done()
	}
}
