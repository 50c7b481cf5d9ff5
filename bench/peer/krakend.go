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

// LikeKrakenD calls scripts as the proxies of KrakenD do. Each call has a state of its own, with the few libraries that
// are open unless the config asks for more. The sources of the scripts and the code of pre and post are run from their
// text, and before each of these texts the types that scripts see are registered. It has no limits.
func LikeKrakenD() Peer {
	return Peer{Name: "like KrakenD", Limits: "none", PrePost: prePostLikeKrakenD, Policy: policyLikeKrakenD, Set: setLikeKrakenD}
}

type krakend struct{ source, pre, post string }

// krakendCall is a call: its request, and the data of its response.
type krakendCall struct {
	*lua.LState
	types    []krakendType
	method   string
	args     any
	response map[string]any
}

// krakendType is a type of userdata: functions of the type itself, and of its values.
type krakendType struct {
	name            string
	static, dynamic functions
}

type functions = map[string]lua.LGFunction

// run runs pre, what comes next, and post. Next returns a Go value, whose data the response is. A script that fails
// ends the call.
func (k *krakend) run(method string, args any, next func() any) (map[string]any, error) {
	c := krakendCall{LState: lua.NewState(lua.Options{SkipOpenLibs: true, IncludeGoStackTrace: true}), method: method, args: args}
	defer c.Close()
	c.open(lua.LoadLibName, lua.OpenPackage)
	c.open(lua.BaseLibName, lua.OpenBase)
	c.open(lua.TabLibName, lua.OpenTable)
	c.types = []krakendType{
		{"luaTable", functions{"new": newTable}, functions{
			"get": tableGet, "set": tableSet, "len": tableLen, "del": tableDel, "keyExists": tableHas,
		}},
		{"luaList", functions{"new": newList}, functions{"get": listGet, "set": listSet, "len": listLen}},
		{"request", functions{"load": c.load("request")}, functions{"method": requestMethod, "body": requestBody}},
	}
	if err := c.do(k.source); err != nil {
		return nil, err
	}
	if err := c.do(k.pre); err != nil {
		return nil, err
	}
	c.response = toMap(next())
	c.types = append(c.types, krakendType{"response", functions{"load": c.load("response")}, functions{"data": responseData}})
	return c.response, c.do(k.post)
}

// open opens a library.
func (c *krakendCall) open(name string, library lua.LGFunction) {
	c.Push(c.NewFunction(library))
	c.Push(lua.LString(name))
	c.Call(1, 0)
}

// do runs a text, for which it registers the types.
func (c *krakendCall) do(source string) error {
	for _, t := range c.types {
		meta := c.NewTypeMetatable(t.name)
		c.SetGlobal(t.name, meta)
		c.SetFuncs(meta, t.static)
		c.SetField(meta, "__index", c.SetFuncs(c.NewTable(), t.dynamic))
	}
	return c.DoString(source)
}

// push pushes a userdata of a type.
func push(L *lua.LState, v any, typ string) int {
	u := L.NewUserData()
	u.Value = v
	L.SetMetatable(u, L.GetTypeMetatable(typ))
	L.Push(u)
	return 1
}

// value is the Go value of the userdata whose method runs.
func value[T any](L *lua.LState) T {
	v, ok := L.CheckUserData(1).Value.(T)
	if !ok {
		L.ArgError(1, fmt.Sprintf("want %T", v))
	}
	return v
}

// The types.

func (c *krakendCall) load(typ string) lua.LGFunction {
	return func(L *lua.LState) int { return push(L, c, typ) }
}

func requestMethod(L *lua.LState) int {
	L.Push(lua.LString(value[*krakendCall](L).method))
	return 1
}

func requestBody(L *lua.LState) int {
	L.Push(lua.LString(marshal(value[*krakendCall](L).args)))
	return 1
}

func responseData(L *lua.LState) int {
	return push(L, &krakendTable{value[*krakendCall](L).response}, "luaTable")
}

type (
	krakendTable struct{ data map[string]any }
	krakendList  struct{ data []any }
)

func newTable(L *lua.LState) int { return push(L, &krakendTable{map[string]any{}}, "luaTable") }
func newList(L *lua.LState) int  { return push(L, &krakendList{}, "luaList") }

func tableGet(L *lua.LState) int {
	return pushItem(L, value[*krakendTable](L).data[L.CheckString(2)])
}

func tableSet(L *lua.LState) int {
	value[*krakendTable](L).data[L.CheckString(2)] = item(L.Get(3))
	return 0
}

func tableLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(value[*krakendTable](L).data)))
	return 1
}

func tableDel(L *lua.LState) int {
	delete(value[*krakendTable](L).data, L.CheckString(2))
	return 0
}

func tableHas(L *lua.LState) int {
	_, ok := value[*krakendTable](L).data[L.CheckString(2)]
	L.Push(lua.LBool(ok))
	return 1
}

func listGet(L *lua.LState) int {
	list, i := value[*krakendList](L).data, L.CheckInt(2)
	if i < 0 || i >= len(list) {
		return 0
	}
	return pushItem(L, list[i])
}

func listSet(L *lua.LState) int {
	list, i := value[*krakendList](L), L.CheckInt(2)
	if i < 0 || i > len(list.data) {
		L.ArgError(2, "index out of range")
	}
	if i == len(list.data) {
		list.data = append(list.data, nil)
	}
	list.data[i] = item(L.Get(3))
	return 0
}

func listLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(value[*krakendList](L).data)))
	return 1
}

// pushItem pushes what data holds.
func pushItem(L *lua.LState, v any) int {
	switch v := v.(type) {
	case map[string]any:
		return push(L, &krakendTable{v}, "luaTable")
	case []any:
		return push(L, &krakendList{v}, "luaList")
	}
	L.Push(tables(v))
	return 1
}

// item is what data holds for a value.
func item(v lua.LValue) any {
	u, ok := v.(*lua.LUserData)
	if !ok {
		return plain(v)
	}
	switch v := u.Value.(type) {
	case *krakendTable:
		return v.data
	case *krakendList:
		return v.data
	}
	return nil
}

func prePostLikeKrakenD(tb testing.TB, hooks []Bodies) side.Side {
	k := &krakend{
		source: fmt.Sprintf("function pre_hook(req) %s end\nfunction post_hook(req, resp) %s end", hooks[0].Pre, hooks[0].Post),
		pre:    "pre_hook(request.load())", post: "post_hook(request.load(), response.load())",
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: world.NewShare(1)}
	next := func() any {
		result, _ := world.Extend(ctx, args)
		return result
	}
	return func(n int) {
		for range n {
			if _, err := k.run("extend_share", &args, next); err != nil {
				panic(err)
			}
		}
	}
}

// policyLikeKrakenD has the share as what was asked for, which a script may only decode by itself, so it sees a
// response.
func policyLikeKrakenD(testing.TB) func(*share.Share) bool {
	k := &krakend{
		source: `function post_hook(resp)
  local share = resp:data()
  if share:get("size") > 500 or share:get("status") ~= "available" or not share:get("host") then error("may not pass") end
end`, // an empty host is not in the JSON
		post: "post_hook(response.load())",
	}
	return func(s *share.Share) bool {
		_, err := k.run("get_share", nil, func() any { return s })
		return err == nil
	}
}

func setLikeKrakenD(testing.TB) func(*share.Share) share.Share {
	k := &krakend{
		source: `function post_hook(resp)
  local share = resp:data()
  if share:get("size") >= 0 and share:get("status") == "available" and share:get("host") ~= "" then share:set("name", "renamed") end
end`,
		post: "post_hook(response.load())",
	}
	return func(s *share.Share) share.Share {
		data, err := k.run("get_share", nil, func() any { return s })
		if err != nil {
			panic(err)
		}
		var back share.Share
		if err := json.Unmarshal(marshal(data), &back); err != nil {
			panic(err)
		}
		return back
	}
}
