package sandbox

import (
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// tableFunctions are Lua's table library, written anew: gopher-lua's does not know views, and takes the nil that an
// assignment left at the end of a table for an item.
func (vm *VM) tableFunctions(stock func(table, name string) lua.LValue) map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"concat": vm.concat, "insert": vm.insert, "remove": vm.remove, "sort": vm.sort,
		"maxn": vm.maxn, "getn": onArray(stock("table", "getn")),
	}
}

// onArray makes a stock function that reads the items of its first argument know list views.
func onArray(stock lua.LValue) lua.LGFunction {
	fn := stock.(*lua.LFunction).GFunction
	return func(L *lua.LState) int {
		t := L.CheckTable(1)
		if a := bridge.Array(L, t, false); a != t {
			L.Replace(1, a)
		}
		return fn(L)
	}
}

// maxn is the largest number among a table's keys, or 0.
func (vm *VM) maxn(L *lua.LState) int {
	t := bridge.Array(L, L.CheckTable(1), false)
	largest := lua.LNumber(t.MaxN())
	parts := partsOf(t)
	vm.meter.charge(L, (len(parts.array)-int(largest))/16+len(parts.dict))
	if len(parts.dict) > 0 { // else ranging over it would take longer than all the rest
		for k, v := range parts.dict {
			if n, ok := k.(lua.LNumber); ok && v != lua.LNil {
				largest = max(largest, n)
			}
		}
	}
	L.Push(largest)
	return 1
}

func (vm *VM) concat(L *lua.LState) int {
	t := bridge.Array(L, L.CheckTable(1), false)
	sep, first, last := L.OptString(2, ""), L.OptInt(3, 1), L.OptInt(4, t.Len())
	part := func(i int) string {
		v := orNil(t.RawGetInt(i))
		text, ok := plainText(v)
		if !ok {
			L.RaiseError("invalid value (%s) at index %d in table for 'concat'", typeName(v), i)
		}
		return text
	}
	size := 0
	for i := first; i <= last; i++ {
		vm.meter.charge(L, 1)
		size += len(part(i)) + len(sep)
	}
	vm.making(L, size)
	var text strings.Builder
	text.Grow(max(size-len(sep), 0))
	for i := first; i <= last; i++ {
		if i > first {
			text.WriteString(sep)
		}
		text.WriteString(part(i))
	}
	L.Push(lua.LString(text.String()))
	return 1
}

func (vm *VM) insert(L *lua.LState) int {
	list := L.CheckTable(1)
	t := bridge.Array(L, list, true)
	switch L.GetTop() {
	case 2:
		v := L.Get(2)
		bridge.CheckItem(L, list, v)
		if len(partsOf(t).array) >= maxArray-1 && t.Len() >= maxArray-1 {
			L.RaiseError("a list of more than %d items", maxArray-1)
		}
		t.Append(v)
	case 3:
		at, v := L.CheckInt(2), L.Get(3)
		bridge.CheckItem(L, list, v)
		vm.meter.charge(L, max(t.Len()-at, 0)/16)
		vm.reaching(L, t, at)
		t.Insert(at, v)
	default:
		L.RaiseError("wrong number of arguments to 'insert'")
	}
	return 0
}

func (vm *VM) remove(L *lua.LState) int {
	t := bridge.Array(L, L.CheckTable(1), true)
	n := t.Len()
	at := L.OptInt(2, n)
	if at < 1 || at > n {
		return 0
	}
	vm.meter.charge(L, (n-at)/16)
	L.Push(orNil(t.RawGetInt(at)))
	t.Remove(at)
	return 1
}

func (vm *VM) sort(L *lua.LState) int {
	t := bridge.Array(L, L.CheckTable(1), true)
	n := t.Len()
	vm.meter.charge(L, n)
	vm.meter.hold(L, slotSize*n)
	s := sorter{vm: vm, L: L, order: L.OptFunction(2, nil), items: make([]lua.LValue, n)}
	for i := range s.items {
		s.items[i] = orNil(t.RawGetInt(i + 1))
	}
	L.Push(&lua.LUserData{Value: &s, Metatable: lua.LNil}) // where the items are seen that the order function takes out of the table
	sort.Sort(&s)
	vm.meter.release(slotSize * n)
	for i, v := range s.items {
		t.RawSetInt(i+1, v)
	}
	return 0
}

// sorter sorts a copy of a table's items, since the order function may do anything to the table.
type sorter struct {
	vm    *VM
	L     *lua.LState
	order *lua.LFunction // nil for <
	items []lua.LValue
}

func (s *sorter) reaches(visit func(lua.LValue)) {
	for _, v := range s.items {
		visit(v)
	}
}

func (s *sorter) Len() int      { return len(s.items) }
func (s *sorter) Swap(i, j int) { s.items[i], s.items[j] = s.items[j], s.items[i] }

func (s *sorter) Less(i, j int) bool {
	s.vm.meter.charge(s.L, 1)
	if s.order == nil {
		return s.less(s.items[i], s.items[j])
	}
	s.L.Push(s.order)
	s.L.Push(s.items[i])
	s.L.Push(s.items[j])
	s.L.Call(2, 1)
	less := lua.LVAsBool(s.L.Get(-1))
	s.L.Pop(1)
	return less
}

// less is Lua's <.
func (s *sorter) less(a, b lua.LValue) bool {
	switch a := a.(type) {
	case lua.LNumber:
		if b, ok := b.(lua.LNumber); ok {
			return a < b
		}
	case lua.LString:
		if len(a) > bytesPerInstruction {
			s.vm.meter.charge(s.L, len(a)/bytesPerInstruction)
		}
		if b, ok := b.(lua.LString); ok {
			return a < b
		}
	}
	return s.L.LessThan(a, b)
}

// reaching asks for the memory that a table needs to have an item at an index: it is filled up to there.
func (vm *VM) reaching(L *lua.LState, t *lua.LTable, at int) {
	if have := cap(partsOf(t).array); at > have && at < maxArray {
		gap := at - len(partsOf(t).array)
		vm.making(L, 2*slotSize*gap)
	}
}
