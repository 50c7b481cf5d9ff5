package peer

import (
	"github.com/Shopify/go-lua"

	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// The metamethods by which go-lua reads and writes Go structs.

func argsIndex(l *lua.State) int {
	a := l.ToUserData(1).(*share.ExtendShareArgs)
	switch name, _ := l.ToString(2); name {
	case "share":
		pushUserdata(l, &a.Share, "share")
	case "new_size":
		l.PushNumber(float64(a.NewSize))
	default:
		l.PushNil()
	}
	return 1
}

func managedIndex(l *lua.State) int {
	m := l.ToUserData(1).(*world.Managed)
	switch name, _ := l.ToString(2); name {
	case "share":
		pushUserdata(l, &m.Share, "share")
	case "task":
		l.PushString(m.Task)
	default:
		l.PushNil()
	}
	return 1
}

func shareIndex(l *lua.State) int {
	name, _ := l.ToString(2)
	switch f := world.Field(l.ToUserData(1).(*share.Share), name).(type) {
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
	switch f := world.Field(l.ToUserData(1).(*share.Share), name).(type) {
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
	pushUserdata(l, &list[i-1], "share")
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

// pushUserdata pushes a Go value as a userdata of a type.
func pushUserdata(l *lua.State, v any, typ string) {
	l.PushUserData(v)
	lua.SetMetaTableNamed(l, typ)
}
