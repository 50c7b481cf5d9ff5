package attack

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/hookrun/hookrun/engine"
)

// host is what a careless service might hand to scripts: embedded locks, exported and unexported fields, channels,
// methods that panic, block, fail, keep functions, and call back into the engine.
type host struct {
	sync.Mutex
	WG      sync.WaitGroup
	Name    string
	secret  string
	Inner   inner
	P       *inner
	M       map[string]int
	S       []int
	Ch      chan int
	Fn      func(int) int
	Any     any
	cb      func()
	release chan struct{} // closed when what blocks may end
	again   func(context.Context) error
	logged  *countingHandler
}

type inner struct{ N int }

// Twice is a method of a nested value.
func (i inner) Twice() int { return 2 * i.N }

func newHost() *host {
	return &host{
		Name: "host", secret: "s3cret", M: map[string]int{"a": 1}, S: []int{1, 2, 3}, Ch: make(chan int), P: &inner{1},
		release: make(chan struct{}),
	}
}

// allowed are the methods that scripts may call. Others end up in no script.
var allowed = []string{
	"Greet", "Boom", "NilDeref", "Take", "TakeSlice", "TakeMap", "TakeU8", "TakeFloat", "TakePointer", "OnEvent", "FireAsync",
	"Block", "Wait", "NilPtr", "Fail", "FailWith", "Sum", "Many", "Again", "AgainLater", "Secrets", "Runtime",
	"Collapse", "Leave", "Pause",
}

// objects are what scripts get, with the method that does harm only where it is to be noticed.
func (h *host) objects(harm bool) map[string]engine.Object {
	methods := allowed
	if harm {
		methods = append(slices.Clone(methods), "Harm")
	}
	return map[string]engine.Object{"host": {Value: h, Methods: methods}}
}

// Greet takes and returns a string.
func (h *host) Greet(n string) string { return "hi " + n }

// Boom panics with an error.
func (h *host) Boom() { panic(errors.New("host boom")) }

// NilDeref panics in the runtime.
func (h *host) NilDeref() int { return h.Any.(*inner).N }

// Take takes anything.
func (h *host) Take(any) string { return "took" }

// TakeSlice takes a list.
func (h *host) TakeSlice(v []int) int { return len(v) }

// TakeMap takes a nested map.
func (h *host) TakeMap(v map[string]map[string]any) int { return len(v) }

// TakeU8 takes a small integer.
func (h *host) TakeU8(v uint8) uint8 { return v }

// TakeFloat takes a number.
func (h *host) TakeFloat(v float64) float64 { return v }

// TakePointer takes a record behind a pointer.
func (h *host) TakePointer(v *inner) bool { return v == nil }

// OnEvent keeps a function of the script.
func (h *host) OnEvent(f func()) { h.cb = f }

// FireAsync calls it on another goroutine.
func (h *host) FireAsync() {
	if h.cb == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.cb()
	}()
	<-done
}

// Block knows no context.
func (h *host) Block() { <-h.release }

// Wait heeds its context.
func (h *host) Wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// NilPtr returns a typed nil.
func (h *host) NilPtr() *inner { return nil }

// Fail returns an error.
func (h *host) Fail() error { return errors.New("host failed") }

// FailWith returns a result with an error of the script's own text.
func (h *host) FailWith(text string) (string, error) { return "unseen", errors.New(text) }

// Sum takes any number of arguments.
func (h *host) Sum(numbers ...int) (sum int) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// Many returns a list of n items.
func (h *host) Many(n uint16) []int { return make([]int, n) }

// Again makes a hooked call of the same service.
func (h *host) Again(ctx context.Context) error { return h.again(ctx) }

// AgainLater makes it on another goroutine, without the context that says where it came from.
func (h *host) AgainLater() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace/4)
	defer cancel()
	done := make(chan error)
	go func() { done <- h.again(ctx) }()
	return <-done
}

// Secrets returns a record with unexported fields.
func (h *host) Secrets() struct{ Name, secret string } {
	return struct{ Name, secret string }{h.Name, h.secret}
}

// Runtime panics as the runtime does.
func (h *host) Runtime(at int) int { return h.S[at] }
