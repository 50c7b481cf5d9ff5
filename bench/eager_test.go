package bench

import (
	"context"
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/share"
)

// inTables is gopher-lua as it comes: everything is put into tables before a script runs, and taken out of them
// afterwards.
func inTables() peer {
	return peer{name: "eager tables", several: true, prePost: prePostInTables, record: recordInTables, periodic: periodicInTables}
}

func prePostInTables(tb testing.TB, hooks []bodies) side {
	L := newBare(tb, "")
	var pre, post []lua.LValue
	for _, h := range hooks {
		L.run(tb, fmt.Sprintf("function pre(call) %s end\nfunction post(call, result) %s end", h.pre, h.post))
		pre, post = append(pre, L.GetGlobal("pre")), append(post, L.GetGlobal("post"))
	}
	ctx, args := context.Background(), share.ExtendShareArgs{Share: newShare(1)}
	return func(n int) {
		for range n {
			call := L.CreateTable(0, 2)
			call.RawSetString("share", eager(&args.Share))
			call.RawSetString("new_size", lua.LNumber(args.NewSize))
			for _, f := range pre {
				L.call(f, call)
			}
			_, _ = extend(ctx, args)
			result := L.CreateTable(0, 0)
			for _, f := range post {
				L.call(f, call, result)
			}
		}
	}
}

// readThreeInLua is what readThree does, for those who call a function with nothing but a share.
const readThreeInLua = `function record(share)
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end`

func recordInTables(tb testing.TB) func(*share.Share) share.Share {
	L := newBare(tb, readThreeInLua)
	f := L.GetGlobal("record")
	return func(s *share.Share) share.Share {
		t := eager(s)
		L.call(f, t)
		return fromTable(t)
	}
}

func periodicInTables(tb testing.TB, list []share.Share) func() int64 {
	L := newBare(tb, sum)
	f := L.GetGlobal("periodic")
	return func() int64 {
		t := L.CreateTable(len(list), 0)
		for i := range list {
			t.Append(eager(&list[i]))
		}
		if err := L.CallByParam(lua.P{Fn: f, NRet: 1, Protect: true}, t); err != nil {
			panic(err)
		}
		defer L.Pop(1)
		return int64(L.Get(-1).(lua.LNumber))
	}
}

// eager makes a table that holds everything.
func eager(s *share.Share) *lua.LTable {
	t := table(0, 12)
	t.RawSetString("id", lua.LString(s.ID))
	t.RawSetString("share_id", lua.LString(s.ShareID))
	t.RawSetString("name", lua.LString(s.Name))
	t.RawSetString("project_id", lua.LString(s.ProjectID))
	t.RawSetString("size", lua.LNumber(s.Size))
	t.RawSetString("share_proto", lua.LString(s.ShareProto))
	t.RawSetString("share_type", lua.LString(s.ShareType))
	t.RawSetString("status", lua.LString(s.Status))
	t.RawSetString("host", lua.LString(s.Host))
	t.RawSetString("export_locations", eagerLocations(s.ExportLocations))
	t.RawSetString("access_rules", eagerRules(s.AccessRules))
	t.RawSetString("metadata", eagerMetadata(s.Metadata))
	return t
}

func eagerLocations(list []share.ExportLocation) *lua.LTable {
	locations := table(len(list), 0)
	for _, l := range list {
		location := table(0, 3)
		location.RawSetString("path", lua.LString(l.Path))
		location.RawSetString("preferred", lua.LBool(l.Preferred))
		location.RawSetString("is_admin_only", lua.LBool(l.IsAdminOnly))
		locations.Append(location)
	}
	return locations
}

func eagerRules(list []share.Access) *lua.LTable {
	rules := table(len(list), 0)
	for _, r := range list {
		rule := table(0, 4)
		rule.RawSetString("id", lua.LString(r.ID))
		rule.RawSetString("access_type", lua.LString(r.AccessType))
		rule.RawSetString("access_to", lua.LString(r.AccessTo))
		rule.RawSetString("access_level", lua.LString(r.AccessLevel))
		rules.Append(rule)
	}
	return rules
}

func eagerMetadata(m map[string]any) *lua.LTable {
	metadata := table(0, len(m))
	for k, v := range m {
		metadata.RawSetString(k, lua.LString(v.(string)))
	}
	return metadata
}

func table(items, keys int) *lua.LTable { return (*lua.LState)(nil).CreateTable(items, keys) }

// fromTable takes a share out of a table.
func fromTable(t *lua.LTable) share.Share {
	s := share.Share{
		ID: text(t, "id"), ShareID: text(t, "share_id"), Name: text(t, "name"), ProjectID: text(t, "project_id"),
		Size: int64(lua.LVAsNumber(t.RawGetString("size"))), ShareProto: text(t, "share_proto"),
		ShareType: text(t, "share_type"), Status: text(t, "status"), Host: text(t, "host"),
	}
	locations := t.RawGetString("export_locations").(*lua.LTable)
	s.ExportLocations = make([]share.ExportLocation, locations.Len())
	for i := range s.ExportLocations {
		l := locations.RawGetInt(i + 1).(*lua.LTable)
		s.ExportLocations[i] = share.ExportLocation{
			Path: text(l, "path"), Preferred: lua.LVAsBool(l.RawGetString("preferred")),
			IsAdminOnly: lua.LVAsBool(l.RawGetString("is_admin_only")),
		}
	}
	rules := t.RawGetString("access_rules").(*lua.LTable)
	s.AccessRules = make([]share.Access, rules.Len())
	for i := range s.AccessRules {
		r := rules.RawGetInt(i + 1).(*lua.LTable)
		s.AccessRules[i] = share.Access{
			ID: text(r, "id"), AccessType: text(r, "access_type"), AccessTo: text(r, "access_to"), AccessLevel: text(r, "access_level"),
		}
	}
	metadata := t.RawGetString("metadata").(*lua.LTable)
	s.Metadata = map[string]any{}
	metadata.ForEach(func(k, v lua.LValue) { s.Metadata[k.String()] = v.String() })
	return s
}

func text(t *lua.LTable, key string) string { return lua.LVAsString(t.RawGetString(key)) }
