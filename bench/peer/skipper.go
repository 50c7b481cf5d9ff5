package peer

import (
	"context"
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// LikeSkipper calls scripts as the filters of Skipper do. A script is compiled once and has a pool of states. Each
// function is looked up by its name and gets a table of parameters and a context, a table whose fields are made when a
// script asks for them. It has no limits.
func LikeSkipper() Peer {
	return Peer{Name: "like Skipper", Limits: "none", PrePost: prePostLikeSkipper, Policy: policyLikeSkipper, Set: setLikeSkipper}
}

const (
	skipperStates = 3  // made ahead
	skipperKept   = 10 // at most
)

type skipper struct {
	proto  *lua.FunctionProto
	pool   chan *lua.LState
	params []string
}

func newSkipper(tb testing.TB, source string) *skipper {
	tb.Helper()
	chunk, err := parse.Parse(strings.NewReader(source), "filter.lua")
	if err != nil {
		tb.Fatal(err)
	}
	proto, err := lua.Compile(chunk, "filter.lua")
	if err != nil {
		tb.Fatal(err)
	}
	k := &skipper{proto: proto, pool: make(chan *lua.LState, skipperKept), params: []string{"channel=storage"}}
	for range skipperStates {
		k.put(k.newState())
	}
	tb.Cleanup(func() {
		for range len(k.pool) {
			(<-k.pool).Close()
		}
	})
	return k
}

func (k *skipper) newState() *lua.LState {
	L := lua.NewState()
	world.Bare{LState: L}.Protected(L.NewFunctionFromProto(k.proto))
	return L
}

func (k *skipper) get() *lua.LState {
	select {
	case L := <-k.pool:
		return L
	default:
		return k.newState()
	}
}

func (k *skipper) put(L *lua.LState) {
	select {
	case k.pool <- L:
	default:
		L.Close()
	}
}

// run calls a function of the script, where the script has it.
func (k *skipper) run(name string, f *filtered) {
	L := k.get()
	defer k.put(L)
	params := L.CreateTable(len(k.params), len(k.params))
	for i, p := range k.params {
		key, value, _ := strings.Cut(p, "=")
		params.RawSetString(key, lua.LString(value))
		params.RawSetInt(i+1, lua.LString(p))
	}
	context := withMetatable(L, f.context(), nil)
	if err := L.CallByParam(lua.P{Fn: L.GetGlobal(name), Protect: true}, context, params); err != nil {
		panic(err)
	}
}

// filtered is what goes through a filter.
type filtered struct {
	args   *share.ExtendShareArgs
	result *share.Share
	bag    map[string]lua.LValue
}

func withMetatable(L *lua.LState, index, newIndex lua.LGFunction) *lua.LTable {
	t, meta := L.CreateTable(0, 0), L.CreateTable(0, 2)
	meta.RawSetString("__index", L.NewFunction(index))
	if newIndex != nil {
		meta.RawSetString("__newindex", L.NewFunction(newIndex))
	}
	L.SetMetatable(t, meta)
	return t
}

// context reads the fields of a context. Each is made once.
func (f *filtered) context() lua.LGFunction {
	var args, result, bag *lua.LTable
	return func(L *lua.LState) int {
		switch L.ToString(2) {
		case "args":
			if args == nil {
				args = withMetatable(L, f.readArgs, nil)
			}
			L.Push(args)
		case "result":
			if result == nil && f.result != nil {
				result = withMetatable(L, readField(f.result), writeField(f.result))
			}
			L.Push(result)
		case "state_bag":
			if bag == nil {
				bag = withMetatable(L, f.readBag, f.writeBag)
			}
			L.Push(bag)
		default:
			return 0
		}
		return 1
	}
}

func (f *filtered) readArgs(L *lua.LState) int {
	switch L.ToString(2) {
	case "share":
		L.Push(withMetatable(L, readField(&f.args.Share), writeField(&f.args.Share)))
	case "new_size":
		L.Push(lua.LNumber(f.args.NewSize))
	default:
		return 0
	}
	return 1
}

func (f *filtered) readBag(L *lua.LState) int {
	v, ok := f.bag[L.ToString(2)]
	if !ok {
		return 0
	}
	L.Push(v)
	return 1
}

func (f *filtered) writeBag(L *lua.LState) int {
	f.bag[L.ToString(2)] = L.Get(3)
	return 0
}

// readField reads a field of a share.
func readField(s *share.Share) lua.LGFunction {
	return func(L *lua.LState) int {
		switch f := world.Field(s, L.ToString(2)).(type) {
		case *string:
			L.Push(lua.LString(*f))
		case *int64:
			L.Push(lua.LNumber(*f))
		case *[]share.ExportLocation:
			L.Push(eagerLocations(*f))
		case *[]share.Access:
			L.Push(eagerRules(*f))
		case *map[string]any:
			L.Push(eagerMetadata(*f))
		default:
			return 0
		}
		return 1
	}
}

// writeField sets a field of a share.
func writeField(s *share.Share) lua.LGFunction {
	return func(L *lua.LState) int {
		switch f := world.Field(s, L.ToString(2)).(type) {
		case *string:
			*f = L.CheckString(3)
		case *int64:
			*f = L.CheckInt64(3)
		default:
			L.RaiseError("unsupported field %s", L.ToString(2))
		}
		return 0
	}
}

func prePostLikeSkipper(tb testing.TB, hooks []Bodies) side.Side {
	k := newSkipper(tb, fmt.Sprintf("function request(c, params) %s end\nfunction response(c, params) %s end", hooks[0].Pre, hooks[0].Post))
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			f := filtered{args: &args, bag: map[string]lua.LValue{}}
			k.run("request", &f)
			_, _ = world.Extend(ctx, args)
			k.run("response", &f)
		}
	}
}

func policyLikeSkipper(tb testing.TB) func(*share.Share) bool {
	k := newSkipper(tb, `function request(c, params)
  local share = c.result
  c.state_bag.may = share.size <= 500 and share.status == "available" and share.host ~= ""
end`)
	return func(s *share.Share) bool {
		f := filtered{result: s, bag: map[string]lua.LValue{}}
		k.run("request", &f)
		return lua.LVAsBool(f.bag["may"])
	}
}

func setLikeSkipper(tb testing.TB) func(*share.Share) share.Share {
	k := newSkipper(tb, `function response(c, params)
  local share = c.result
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end`)
	return func(s *share.Share) share.Share {
		own := *s
		k.run("response", &filtered{result: &own, bag: map[string]lua.LValue{}})
		return own
	}
}
