package peer

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// LikeNakama calls scripts as Nakama's runtime does. A state comes from a pool, gets a context with a value, and holds
// its functions as values. A function gets a table about the request and a payload, which goes through JSON and a map
// into tables. What a function before a request returns goes the same way back and is the request from then on. A
// function ends with the context of its request.
func LikeNakama() Peer {
	return Peer{Name: "like Nakama", Limits: "the caller's context", PrePost: prePostLikeNakama, Policy: policyLikeNakama, Set: setLikeNakama}
}

const nakamaStates = 16 // made ahead

type nakama struct{ pool chan *nakamaState }

type nakamaState struct {
	*lua.LState
	before, after *lua.LFunction
	env           *lua.LTable
}

func newNakama(tb testing.TB, source string) nakama {
	tb.Helper()
	k := nakama{make(chan *nakamaState, nakamaStates)}
	for range nakamaStates {
		L := world.NewBare(tb, source)
		s := &nakamaState{LState: L.LState, env: L.CreateTable(0, 1)}
		s.env.RawSetString("channel", lua.LString("storage"))
		s.before, _ = L.GetGlobal("before").(*lua.LFunction)
		s.after, _ = L.GetGlobal("after").(*lua.LFunction)
		k.pool <- s
	}
	return k
}

// nakamaKey is the key of what a context says about a request.
type nakamaKey struct{}

// before calls the function before a request, which may change the request, or refuse it by returning nothing.
func (k nakama) before(ctx context.Context, request any) (passed bool) {
	s := <-k.pool
	defer func() { k.pool <- s }()
	got := s.invoke(ctx, s.before, "before", request)
	t, ok := got.(*lua.LTable)
	if !ok {
		return false
	}
	if err := json.Unmarshal(marshal(plain(t)), request); err != nil {
		panic(err)
	}
	return true
}

// after calls the function after a request.
func (k nakama) after(ctx context.Context, result, request any) {
	s := <-k.pool
	defer func() { k.pool <- s }()
	s.invoke(ctx, s.after, "after", result, request)
}

// invoke calls a function with what is known about a request and with payloads.
func (s *nakamaState) invoke(ctx context.Context, f *lua.LFunction, mode string, payloads ...any) lua.LValue {
	s.SetContext(context.WithValue(ctx, nakamaKey{}, map[string]any{"mode": mode}))
	defer s.SetContext(context.Background())
	args := []lua.LValue{s.request(mode)}
	for _, p := range payloads {
		args = append(args, tables(toMap(p)))
	}
	if err := s.CallByParam(lua.P{Fn: f, NRet: 1, Protect: true}, args...); err != nil {
		panic(err)
	}
	defer s.Pop(1)
	return s.Get(-1)
}

// request makes the table about the request.
func (s *nakamaState) request(mode string) *lua.LTable {
	t := s.CreateTable(0, 8)
	t.RawSetString("env", s.env)
	t.RawSetString("execution_mode", lua.LString(mode))
	t.RawSetString("node", lua.LString("storage-1"))
	t.RawSetString("version", lua.LString("1"))
	t.RawSetString("headers", s.CreateTable(0, 0))
	t.RawSetString("query_params", s.CreateTable(0, 0))
	t.RawSetString("user_id", lua.LString("ada"))
	t.RawSetString("username", lua.LString("ada"))
	return t
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// toMap makes a map of a Go value, through JSON.
func toMap(v any) map[string]any {
	var m map[string]any
	if err := json.Unmarshal(marshal(v), &m); err != nil {
		panic(err)
	}
	return m
}

// tables makes tables of what JSON holds.
func tables(v any) lua.LValue {
	switch v := v.(type) {
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	case []any:
		t := table(len(v), 0)
		for _, item := range v {
			t.Append(tables(item))
		}
		return t
	case map[string]any:
		t := table(0, len(v))
		for k, item := range v {
			t.RawSetString(k, tables(item))
		}
		return t
	}
	return lua.LNil
}

// plain makes maps and lists of tables, as JSON holds them.
func plain(v lua.LValue) any {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return float64(v)
	case lua.LBool:
		return bool(v)
	case *lua.LTable:
		if n := v.MaxN(); n > 0 {
			list := make([]any, n)
			for i := range list {
				list[i] = plain(v.RawGetInt(i + 1))
			}
			return list
		}
		m := map[string]any{}
		v.ForEach(func(key, item lua.LValue) { m[key.String()] = plain(item) })
		return m
	}
	return nil
}

func prePostLikeNakama(tb testing.TB, hooks []Bodies) side.Side {
	k := newNakama(tb, fmt.Sprintf("function before(context, payload) %s return payload end\nfunction after(context, result, payload) %s end",
		hooks[0].Pre, hooks[0].Post))
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			given := args
			k.before(ctx, &given)
			result, _ := world.Extend(ctx, given)
			k.after(ctx, &result, &given)
		}
	}
}

func policyLikeNakama(tb testing.TB) func(*share.Share) bool {
	k := newNakama(tb, `function before(context, share)
  if share.size <= 500 and share.status == "available" and share.host then return share end
end`) // an empty host is not in the JSON
	ctx := context.Background()
	return func(s *share.Share) bool {
		own := *s
		return k.before(ctx, &own)
	}
}

func setLikeNakama(tb testing.TB) func(*share.Share) share.Share {
	k := newNakama(tb, `function before(context, share)
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
  return share
end`)
	ctx := context.Background()
	return func(s *share.Share) share.Share {
		own := *s
		k.before(ctx, &own)
		return own
	}
}
