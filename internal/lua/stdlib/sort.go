package stdlib

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/retained"
)

// sort is Lua's table.sort: the quicksort of Lua 5.1, so that items which are equal end up where they do there, and an
// order function is asked the same questions.
func (l *Library) sort(L *lua.LState) int {
	t := bridge.Of(args.Table(L, 1)).Array(L, true)
	s := sorter{l: l, L: L}
	if L.Get(2) != lua.LNil {
		s.order = args.Function(L, 2)
	}
	n := machine.LengthOf(L, t)
	l.Charge(L, n)
	l.Hold(L, retained.SlotSize*n)
	s.items = make([]lua.LValue, n)
	for i := range s.items {
		s.items[i] = machine.OrNil(t.RawGetInt(i + 1))
	}
	L.Push(&lua.LUserData{Value: &s, Metatable: lua.LNil}) // so that a walk sees items that the order function takes out
	s.sort(0, n-1)
	l.Release(retained.SlotSize * n)
	for i, v := range s.items {
		t.RawSetInt(i+1, v)
	}
	return 0
}

// sorter sorts a copy of a table's items, since the order function may do anything to the table.
type sorter struct {
	l     *Library
	L     *lua.LState
	order *lua.LFunction // nil for <
	items []lua.LValue
}

func (s *sorter) Visit(visit func(lua.LValue)) {
	for _, v := range s.items {
		visit(v)
	}
}

// sort sorts the items from low to high. The larger part is done in the loop, so that the recursion is no deeper than
// the number of items has bits.
func (s *sorter) sort(low, high int) {
	for low < high {
		s.arrange(low, high)
		if high-low == 1 {
			return
		}
		middle := low + (high-low)/2
		if s.less(s.items[middle], s.items[low]) {
			s.swap(middle, low)
		} else {
			s.arrange(middle, high)
		}
		if high-low == 2 {
			return
		}
		s.swap(middle, high-1)
		at := s.partition(low, high)
		if at-low < high-at {
			s.sort(low, at-1)
			low = at + 1
		} else {
			s.sort(at+1, high)
			high = at - 1
		}
	}
}

// partition divides the items by the one before the last, and returns the index where that one ends up.
func (s *sorter) partition(low, high int) int {
	pivot := s.items[high-1]
	i, j := low, high-1
	for {
		for i++; s.less(s.at(i), pivot); i++ {
			if i > high {
				s.refuse()
			}
		}
		for j--; s.less(pivot, s.at(j)); j-- {
			if j < low {
				s.refuse()
			}
		}
		if j < i {
			break
		}
		s.swap(i, j)
	}
	s.swap(high-1, i)
	return i
}

func (s *sorter) refuse() { machine.Raise(s.L, "invalid order function for sorting") }

// at is an item; nil outside of the list, where an order function that is no order leads.
func (s *sorter) at(i int) lua.LValue {
	if i < 0 || i >= len(s.items) {
		return lua.LNil
	}
	return s.items[i]
}

func (s *sorter) swap(i, j int) { s.items[i], s.items[j] = s.items[j], s.items[i] }

// arrange brings two items into order.
func (s *sorter) arrange(low, high int) {
	if s.less(s.items[high], s.items[low]) {
		s.swap(low, high)
	}
}

func (s *sorter) less(a, b lua.LValue) bool {
	s.l.Charge(s.L, 1)
	if s.order == nil {
		return s.lessThan(a, b)
	}
	s.L.Push(s.order)
	s.L.Push(a)
	s.L.Push(b)
	s.L.Call(2, 1)
	less := lua.LVAsBool(s.L.Get(-1))
	s.L.Pop(1)
	return less
}

// lessThan is Lua's <.
func (s *sorter) lessThan(a, b lua.LValue) bool {
	switch a := a.(type) {
	case lua.LNumber:
		if b, ok := b.(lua.LNumber); ok {
			return a < b
		}
	case lua.LString:
		if len(a) > machine.BytesPerInstruction {
			s.l.Charge(s.L, len(a)/machine.BytesPerInstruction)
		}
		if b, ok := b.(lua.LString); ok {
			return a < b
		}
	}
	if x, ok := a.(*lua.LTable); ok {
		if y, ok := b.(*lua.LTable); ok {
			if meta := machine.SharedMeta(s.L, x, y, "__lt"); meta != lua.LNil {
				return lua.LVAsBool(machine.CallMeta(s.L, meta, a, b))
			}
		}
	}
	machine.Fault(s.L, machine.Incomparable(a, b))
	return false
}
