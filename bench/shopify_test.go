package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/Shopify/go-lua"

	"github.com/hookrun/hookrun/share"
)

// inShopify is Shopify's Lua 5.2, with userdata whose metatables read and write Go structs.
func inShopify() peer {
	return peer{name: "go-lua", several: true, prePost: prePostInShopify, record: recordInShopify, periodic: periodicInShopify}
}

type shopify struct{ *lua.State }

func newShopify() shopify {
	L := shopify{lua.NewState()}
	lua.OpenLibraries(L.State)
	for name, methods := range map[string][]lua.RegistryFunction{
		"args":   {{Name: "__index", Function: argsIndex}},
		"share":  {{Name: "__index", Function: shareIndex}, {Name: "__newindex", Function: shareNewIndex}},
		"shares": {{Name: "__index", Function: sharesIndex}, {Name: "__len", Function: sharesLen}},
	} {
		lua.NewMetaTable(L.State, name)
		lua.SetFunctions(L.State, methods, 0)
		L.Pop(1)
	}
	return L
}

// function runs a script and returns where on the stack the function lies that it defined. There it stays.
func (L shopify) function(tb testing.TB, source, name string) int {
	tb.Helper()
	if err := lua.DoString(L.State, source); err != nil {
		tb.Fatal(err)
	}
	L.Global(name)
	if !L.IsFunction(-1) {
		tb.Fatalf("%s is no function", name)
	}
	return L.Top()
}

// push pushes a Go value as a userdata of a type.
func (L shopify) push(v any, typ string) {
	L.PushUserData(v)
	lua.SetMetaTableNamed(L.State, typ)
}

// call calls what was pushed, a function and its arguments.
func (L shopify) call(args, results int) {
	if err := L.ProtectedCall(args, results, 0); err != nil {
		panic(err)
	}
}

func prePostInShopify(tb testing.TB, hooks []bodies) side {
	L := newShopify()
	var pre, post []int
	for _, h := range hooks {
		pre = append(pre, L.function(tb, fmt.Sprintf("function pre(call) %s end", h.pre), "pre"))
		post = append(post, L.function(tb, fmt.Sprintf("function post(call, result) %s end", h.post), "post"))
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: newShare(1)}
	return func(n int) {
		for range n {
			L.push(&args, "args")
			call := L.Top()
			for _, f := range pre {
				L.PushValue(f)
				L.PushValue(call)
				L.call(1, 0)
			}
			_, _ = extend(ctx, args)
			for _, f := range post {
				L.PushValue(f)
				L.PushValue(call)
				L.PushNil() // the result has no fields
				L.call(2, 0)
			}
			L.Pop(1)
		}
	}
}

func recordInShopify(tb testing.TB) func(*share.Share) share.Share {
	L := newShopify()
	f := L.function(tb, readThreeInLua, "record")
	return func(s *share.Share) share.Share {
		own := *s
		L.PushValue(f)
		L.push(&own, "share")
		L.call(1, 0)
		return own
	}
}

func periodicInShopify(tb testing.TB, list []share.Share) func() int64 {
	L := newShopify()
	f := L.function(tb, `function periodic(shares)
  local total = 0
  for i = 1, #shares do
    local share = shares[i]
    if share.status == "available" then total = total + share.size end
  end
  return total
end`, "periodic")
	return func() int64 {
		L.PushValue(f)
		L.push(list, "shares")
		L.call(1, 1)
		defer L.Pop(1)
		return int64(lua.CheckNumber(L.State, -1))
	}
}

// The metamethods.

func argsIndex(l *lua.State) int {
	a := l.ToUserData(1).(*share.ExtendShareArgs)
	switch name, _ := l.ToString(2); name {
	case "share":
		shopify{l}.push(&a.Share, "share")
	case "new_size":
		l.PushNumber(float64(a.NewSize))
	default:
		l.PushNil()
	}
	return 1
}

func shareIndex(l *lua.State) int {
	name, _ := l.ToString(2)
	switch f := field(l.ToUserData(1).(*share.Share), name).(type) {
	case *string:
		l.PushString(*f)
	case *int64:
		l.PushNumber(float64(*f))
	case *[]share.ExportLocation:
		pushList(l, *f, func(e share.ExportLocation) map[string]any {
			return map[string]any{"path": e.Path, "preferred": e.Preferred, "is_admin_only": e.IsAdminOnly}
		})
	case *[]share.Access:
		pushList(l, *f, func(a share.Access) map[string]any {
			return map[string]any{"id": a.ID, "access_type": a.AccessType, "access_to": a.AccessTo, "access_level": a.AccessLevel}
		})
	case *map[string]any:
		pushMap(l, *f)
	default:
		l.PushNil()
	}
	return 1
}

func shareNewIndex(l *lua.State) int {
	name, _ := l.ToString(2)
	switch f := field(l.ToUserData(1).(*share.Share), name).(type) {
	case *string:
		*f = lua.CheckString(l, 3)
	case *int64:
		*f = int64(lua.CheckNumber(l, 3))
	default:
		lua.Errorf(l, "share.%s cannot be set", name)
	}
	return 0
}

func sharesIndex(l *lua.State) int {
	list, i := l.ToUserData(1).([]share.Share), lua.CheckInteger(l, 2)
	if i < 1 || i > len(list) {
		l.PushNil()
		return 1
	}
	shopify{l}.push(&list[i-1], "share")
	return 1
}

func sharesLen(l *lua.State) int {
	l.PushInteger(len(l.ToUserData(1).([]share.Share)))
	return 1
}

func pushList[T any](l *lua.State, list []T, fields func(T) map[string]any) {
	l.CreateTable(len(list), 0)
	for i, item := range list {
		pushMap(l, fields(item))
		l.RawSetInt(-2, i+1)
	}
}

func pushMap(l *lua.State, m map[string]any) {
	l.CreateTable(0, len(m))
	for k, v := range m {
		switch v := v.(type) {
		case string:
			l.PushString(v)
		case bool:
			l.PushBoolean(v)
		}
		l.SetField(-2, k)
	}
}
