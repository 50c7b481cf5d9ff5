package peer

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// The types of an application that Starlark sees: their attributes are fields of Go structs.

// starlarkArgs are arguments as a value of Starlark.
type starlarkArgs share.ExtendShareArgs

func (a *starlarkArgs) String() string      { return a.Type() }
func (*starlarkArgs) Type() string          { return "args" }
func (*starlarkArgs) Freeze()               {}
func (*starlarkArgs) Truth() starlark.Bool  { return true }
func (*starlarkArgs) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: args") }
func (*starlarkArgs) AttrNames() []string   { return []string{"new_size", "share"} }
func (a *starlarkArgs) Attr(name string) (starlark.Value, error) {
	switch name {
	case "share":
		return (*starlarkShare)(&a.Share), nil
	case "new_size":
		return starlark.MakeInt64(a.NewSize), nil
	}
	return nil, nil
}

// starlarkManaged is a record with a share as a value of Starlark.
type starlarkManaged world.Managed

func (m *starlarkManaged) String() string      { return "managed " + m.Share.ID }
func (*starlarkManaged) Type() string          { return "managed" }
func (*starlarkManaged) Freeze()               {}
func (*starlarkManaged) Truth() starlark.Bool  { return true }
func (*starlarkManaged) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: managed") }
func (*starlarkManaged) AttrNames() []string   { return []string{"share", "task"} }
func (m *starlarkManaged) Attr(name string) (starlark.Value, error) {
	switch name {
	case "share":
		return (*starlarkShare)(&m.Share), nil
	case "task":
		return starlark.String(m.Task), nil
	}
	return nil, nil
}

// starlarkShare is a share as a value of Starlark.
type starlarkShare share.Share

func (s *starlarkShare) String() string      { return "share " + s.ID }
func (*starlarkShare) Type() string          { return "share" }
func (*starlarkShare) Freeze()               {}
func (*starlarkShare) Truth() starlark.Bool  { return true }
func (*starlarkShare) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: share") }
func (*starlarkShare) AttrNames() []string   { return world.FieldNames }

func (s *starlarkShare) Attr(name string) (starlark.Value, error) {
	switch f := world.Field((*share.Share)(s), name).(type) {
	case *string:
		return starlark.String(*f), nil
	case *int64:
		return starlark.MakeInt64(*f), nil
	case *[]share.ExportLocation:
		return starlarkLocations(*f), nil
	case *[]share.Access:
		return starlarkRules(*f), nil
	case *map[string]any:
		return starlarkMetadata(*f), nil
	}
	return nil, nil
}

func (s *starlarkShare) SetField(name string, v starlark.Value) error {
	switch f := world.Field((*share.Share)(s), name).(type) {
	case *string:
		if text, ok := v.(starlark.String); ok {
			*f = string(text)
			return nil
		}
	case *int64:
		return starlark.AsInt(v, f)
	}
	return fmt.Errorf("share.%s cannot be set to a %s", name, v.Type())
}

func starlarkLocations(list []share.ExportLocation) starlark.Value {
	items := make([]starlark.Value, len(list))
	for i, l := range list {
		items[i] = starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
			"path": starlark.String(l.Path), "preferred": starlark.Bool(l.Preferred), "is_admin_only": starlark.Bool(l.IsAdminOnly),
		})
	}
	return starlark.NewList(items)
}

func starlarkRules(list []share.Access) starlark.Value {
	items := make([]starlark.Value, len(list))
	for i, r := range list {
		items[i] = starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
			"id": starlark.String(r.ID), "access_type": starlark.String(r.AccessType),
			"access_to": starlark.String(r.AccessTo), "access_level": starlark.String(r.AccessLevel),
		})
	}
	return starlark.NewList(items)
}

func starlarkMetadata(m map[string]any) starlark.Value {
	d := starlark.NewDict(len(m))
	for k, v := range m {
		if err := d.SetKey(starlark.String(k), starlark.String(v.(string))); err != nil {
			panic(err)
		}
	}
	return d
}

// starlarkShares is a list of shares as a value of Starlark.
type starlarkShares []share.Share

func (starlarkShares) String() string               { return "shares" }
func (starlarkShares) Type() string                 { return "shares" }
func (starlarkShares) Freeze()                      {}
func (l starlarkShares) Truth() starlark.Bool       { return len(l) > 0 }
func (starlarkShares) Hash() (uint32, error)        { return 0, fmt.Errorf("unhashable: shares") }
func (l starlarkShares) Len() int                   { return len(l) }
func (l starlarkShares) Index(i int) starlark.Value { return (*starlarkShare)(&l[i]) }
func (l starlarkShares) Iterate() starlark.Iterator { return &starlarkIterator{rest: l} }

type starlarkIterator struct{ rest starlarkShares }

func (it *starlarkIterator) Next(v *starlark.Value) bool {
	if len(it.rest) == 0 {
		return false
	}
	*v, it.rest = it.rest.Index(0), it.rest[1:]
	return true
}

func (*starlarkIterator) Done() {}
