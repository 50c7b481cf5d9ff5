package crash

import "fmt"

// figures say how much a test has seen.
type figures struct {
	lives, calls, events, again  int
	cut, interrupted, carriedOut int // calls without an answer; of these, those that later processes undid, or finished
}

func (a *figures) add(b figures) {
	a.lives += b.lives
	a.calls += b.calls
	a.events += b.events
	a.again += b.again
	a.cut += b.cut
	a.interrupted += b.interrupted
	a.carriedOut += b.carriedOut
}

// note counts a call.
func (a *figures) note(f *fate) {
	if f.answer != "" {
		return
	}
	a.cut++
	switch n := len(f.asked); {
	case n > 0 && f.asked[n-1] == "completed":
		a.carriedOut++
	case n > 0:
		a.interrupted++
	}
}

func (a figures) String() string {
	return fmt.Sprintf("%d stores, %d calls, %d of them cut short (%d undone, %d finished after Outcome), %d events, %d delivered again",
		a.lives, a.calls, a.cut, a.interrupted, a.carriedOut, a.events, a.again)
}
