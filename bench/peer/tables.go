package peer

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/share"
)

// Eager makes a table that holds everything.
func Eager(s *share.Share) *lua.LTable {
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
