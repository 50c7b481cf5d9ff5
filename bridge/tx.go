package bridge

import (
	"errors"
	"math"
	"reflect"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// Tx is the transaction of one call: its views, and what scripts wrote to them. After Close it may serve another call,
// once it is resumed. The zero Tx is open.
//
// All its methods, and all that scripts do with views, must happen one at a time, under the lock of the VM. While other
// calls have the VM the transaction must be suspended: a hook may have kept views for the runs of those.
type Tx struct {
	closed  bool
	life    uint32   // how many lives have ended; no view is expected to be kept for as many as a uint32 counts
	roots   []*view  // the views of whole values
	dirty   []*view  // records and dicts with writes that are not committed
	lists   []*view  // lists whose tables are filled because the current run touched them
	run     uint16   // how many runs have begun in this life, as far as a uint16 counts
	graphs  []*graph // the graphs of the bindings that have one
	escaped bool     // whether a script may keep a view beyond its life
	spare   spare    // what serves again in the next life
	few     struct { // room for what most calls need
		roots [4]*view
		dirty [2]*view
	}
	large   map[integer]lua.LValue // the numbers that stand for integers which a double cannot hold
	earlier int                    // how many of them there were when the run began
	scalars *Scalars               // of the VM; nil until it is set
	writer  *converter             // of what bindings commit; nil before the first
	raised  *TypeError             // the last type error that a write raised in a script
}

// What touching a view raises when its call has ended, and while only another call may use it.
var (
	errClosed    = errors.New("this value belongs to a call that has ended; copy what you need from it during the call")
	errElsewhere = errors.New("this value belongs to another call, which has not ended; copy what you need from it during that call")
)

// Suspend makes the views raise an error where a script touches them, until [Tx.Resume]. What the current run, if any,
// has written stays.
func (s *Tx) Suspend() {
	if len(s.lists) > 0 {
		s.hideLists()
	}
	s.closed = true
}

// Resume lets scripts touch the views again.
func (s *Tx) Resume() {
	if len(s.lists) > 0 {
		s.showLists()
	}
	s.closed = false
}

func (s *Tx) hideLists() {
	for _, l := range s.lists {
		if !s.closed {
			l.hide()
		}
	}
}

func (s *Tx) showLists() {
	for _, l := range s.lists {
		if s.closed {
			l.unhide()
		}
	}
}

// Begin begins a run. The views that the run makes are its own; those that are there already are not (see
// [Table.RetainedSize]).
func (s *Tx) Begin() {
	if s.run < math.MaxUint16 {
		s.run++
	}
	s.earlier = len(s.large)
}

// Close ends the life of the transaction's views. A script that keeps a view does not keep the Go value behind it.
func (s *Tx) Close() {
	s.closed = true
	s.life++
	s.run = 0
	for _, g := range s.graphs {
		for _, v := range g.order {
			v.release()
		}
	}
	for i, v := range s.roots {
		if s.mayBeKept() {
			v.release()
			v.overlay, v.target = nil, gone
		} else {
			v.retire()
		}
		s.roots[i] = nil
	}
	if len(s.large) > 0 { // walking an empty map takes a while, too
		s.forgetNumbers()
	}
	s.escaped = false
	s.forgetWritten()
	s.lists, s.dirty, s.roots, s.graphs, s.raised = nil, nil, nil, nil, nil
}

// addRoot notes a view of a binding that shows something in this life.
func (s *Tx) addRoot(v *view) {
	if s.roots == nil {
		s.roots = s.few.roots[:0]
	}
	s.roots = append(s.roots, v)
}

// converter returns what converts the writes to a binding, until converted is called.
func (s *Tx) converter(name string, m Meter) *converter {
	if s.writer == nil {
		s.writer = new(converter)
	}
	*s.writer = converter{account: account{meter: m, tx: s}, name: name}
	s.writer.seg = s.writer.short[:0]
	return s.writer
}

func (s *Tx) converted() { *s.writer = converter{} }

// release drops the Go value behind a view, and those behind the views that were read from it, except for views of a
// graph.
func (v *view) release() {
	v.val, v.name = reflect.Value{}, nil
	e := v.overlay
	if e == nil {
		return
	}
	e.own, e.graph, e.raw = reflect.Value{}, nil, 0
	if e.slab != nil && !v.tx.mayBeKept() {
		v.keepItems()
	}
	if e.items != nil {
		v.LTable, e.items = lua.LTable{Metatable: metaValue}, nil
	}
	for i, kid := range e.kids {
		if kid != nil && kid.flags&shared == 0 {
			kid.discard()
			if kid.flags&single != 0 {
				e.kids[i] = nil // it may serve elsewhere
			}
		}
	}
	for _, kid := range e.beds {
		if kid != nil {
			kid.discard()
		}
	}
	e.beds = nil
	if len(e.named) > 0 {
		for _, kid := range e.named {
			if kid.flags&shared == 0 {
				kid.release()
			}
		}
	}
}

// Rollback takes back every write to the transaction's views, so that they show the committed values again. It must
// follow every run, and takes time only for what the run touched. Where a method of one of the host's types ends the
// goroutine, another Rollback goes on with the values that are left.
func (s *Tx) Rollback() {
	if !s.Touched() {
		return
	}
	for _, v := range s.dirty {
		v.flags &^= dirty | taken
		e := v.overlay
		e.own = reflect.Value{}
		e.sets, e.puts, e.order, e.most, e.texts = nil, nil, nil, 0, 0
	}
	s.forgetWritten()
	s.raised = nil
	for n := len(s.lists); n > 0; n = len(s.lists) {
		l := s.lists[n-1]
		s.lists[n-1], s.lists = nil, s.lists[:n-1]
		l.putAside()
	}
}

// forgetWritten lets go of the views that were written to: nothing else may lead to one that was overwritten.
func (s *Tx) forgetWritten() {
	clear(s.dirty)
	clear(s.few.dirty[:]) // which dirty may have outgrown
	s.dirty = s.dirty[:0]
}

// TypeError returns the last error that a write to a view raised in a script of the call since the last Rollback, or
// nil. The script may have caught it.
func (s *Tx) TypeError() *TypeError { return s.raised }

// Touched reports whether a script may have done more to the views than read from them since the last Rollback.
func (s *Tx) Touched() bool { return len(s.dirty) > 0 || len(s.lists) > 0 || s.raised != nil }

// written reports whether a script may have written to any view of the transaction.
func (s *Tx) written() bool {
	return len(s.dirty) > 0 || slices.ContainsFunc(s.lists, (*view).listChanged)
}
