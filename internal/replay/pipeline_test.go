package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// thing is an item of which the stages note what became of it.
type thing struct {
	number   int
	lanes    []string
	prepared bool
	ran      map[string]int // by lane: how many ran there before it
	finished bool
}

// through takes n things through a pipeline, each in the lanes that its number divides.
func through(ctx context.Context, workers, n int, failing error, emit func(*thing)) error {
	read := 0
	var mu sync.Mutex
	count := map[string]int{}
	p := Pipeline[*thing, string]{
		Workers: workers,
		Close:   func() {},
		Size:    func(*thing) int { return 1 << 10 },
		Next: func() (*thing, error) {
			if read++; read > n {
				return nil, failing
			}
			return &thing{number: read, ran: map[string]int{}}, nil
		},
		Prepare: func(x *thing) {
			for _, lane := range []int{2, 3, 5} {
				if x.number%lane == 0 {
					x.lanes = append(x.lanes, fmt.Sprint(lane))
				}
			}
			x.prepared = true
		},
		Lanes: func(x *thing) []string { return x.lanes },
		Execute: func(lane string, x *thing) {
			mu.Lock()
			defer mu.Unlock()
			x.ran[lane] = count[lane]
			count[lane]++
		},
		Finish: func(x *thing) { x.finished = true },
		Emit:   emit,
	}
	return p.Run(ctx)
}

func TestEachItemComesOutInOrderAndDone(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		for _, n := range []int{0, 1, 63, 64, 65, 5000} {
			next := 1
			err := through(t.Context(), workers, n, io.EOF, func(x *thing) {
				if x.number != next || !x.prepared || !x.finished {
					t.Fatalf("%d workers: got %+v, want number %d, prepared and finished", workers, x, next)
				}
				for _, lane := range x.lanes {
					every := int(lane[0] - '0')
					if got, want := x.ran[lane], x.number/every-1; got != want {
						t.Fatalf("%d workers: number %d ran in lane %s after %d others, want %d", workers, x.number, lane, got, want)
					}
				}
				next++
			})
			if err != nil || next != n+1 {
				t.Errorf("%d workers: got %d of %d items, error %v", workers, next-1, n, err)
			}
		}
	}
}

func TestAnErrorOfReadingComesAfterWhatWasRead(t *testing.T) {
	why := errors.New("no such disk")
	got := 0
	err := through(t.Context(), 2, 200, why, func(*thing) { got++ })
	if !errors.Is(err, why) || got != 200 {
		t.Errorf("got %d items and error %v, want 200 and %v", got, err, why)
	}
}

func TestWhatIsEmittedBeforeAnInterruptIsABeginning(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var got []int
	err := through(ctx, 2, 100_000, io.EOF, func(x *thing) {
		got = append(got, x.number)
		if x.number == 500 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want that of the context", err)
	}
	if len(got) < 500 || len(got) > 50_000 {
		t.Errorf("got %d items, want a few more than 500", len(got))
	}
	for i, number := range got {
		if number != i+1 {
			t.Fatalf("item %d is number %d", i+1, number)
		}
	}
}

// Comparing the calls of a whole batch may take long.
func TestAnInterruptFinishesNoMore(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, finished := 0, 0
	p := Pipeline[int, string]{
		Workers: 1,
		Close:   func() {},
		Size:    func(int) int { return 1 },
		Next:    func() (int, error) { read++; return read, nil },
		Prepare: func(int) {}, Lanes: func(int) []string { return nil }, Execute: func(string, int) {},
		Finish: func(int) {
			finished++
			stop()
		},
		Emit: func(n int) { t.Errorf("item %d was emitted", n) },
	}
	if err := p.Run(ctx); !errors.Is(err, context.Canceled) || finished != 1 {
		t.Errorf("got %d items finished and error %v, want one and that of the context", finished, err)
	}
}

func TestAnInterruptDoesNotWaitForTheInput(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	in, input := io.Pipe()
	p := Pipeline[string, string]{
		Workers: 1,
		Close:   func() { in.Close() },
		Size:    func(s string) int { return len(s) },
		Next: func() (string, error) {
			var b [1]byte
			_, err := in.Read(b[:])
			return string(b[:]), err
		},
		Prepare: func(string) {}, Lanes: func(string) []string { return nil }, Execute: func(string, string) {}, Finish: func(string) {},
		Emit: func(s string) {
			if s == "b" {
				stop()
			}
		},
	}
	go func() { _, _ = input.Write([]byte("ab")) }() // and then nothing more
	if err := p.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want that of the context", err)
	}
	input.Close()
}

func TestWhatIsUnderWayIsBounded(t *testing.T) {
	const size = 1 << 20 // a batch each
	hold := make(chan struct{})
	read, most := 0, 0
	var mu sync.Mutex
	emitted := 0
	p := Pipeline[int, string]{
		Workers: 2, Close: func() {}, Size: func(int) int { return size },
		Next: func() (int, error) {
			mu.Lock()
			defer mu.Unlock()
			if read++; read > 2000 {
				return 0, io.EOF
			}
			if most = max(most, read-emitted); read-emitted == 64 { // so far ahead that it must be full
				select {
				case <-hold:
				default:
					close(hold)
				}
			}
			return read, nil
		},
		Prepare: func(int) {}, Lanes: func(int) []string { return []string{"a"} }, Execute: func(string, int) {}, Finish: func(int) {},
		Emit: func(int) {
			<-hold
			mu.Lock()
			emitted++
			mu.Unlock()
		},
	}
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := batchItems + 8*(2*p.Workers+2); most > want {
		t.Errorf("%d items were under way, want at most %d", most, want)
	}
}

func TestLanesThatNobodyAsksForAreNotMade(t *testing.T) {
	var lanes []string
	p := Pipeline[int, string]{
		Workers: 1, Close: func() {}, Size: func(int) int { return 1 },
		Next:    countTo(3),
		Prepare: func(int) {}, Finish: func(int) {}, Emit: func(int) {},
		Lanes:   func(n int) []string { return slices.Repeat([]string{"only"}, n%2) },
		Execute: func(lane string, n int) { lanes = append(lanes, fmt.Sprint(lane, n)) },
	}
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("only1 only3", strings.Join(lanes, " ")); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

func countTo(n int) func() (int, error) {
	i := 0
	return func() (int, error) {
		if i++; i > n {
			return 0, io.EOF
		}
		return i, nil
	}
}
