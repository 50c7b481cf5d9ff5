package bridge_test

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// Each benchmark has the same script run on views and, as its base, on tables that hold everything: the fastest way to make
// those is written out here for one type, with room for all keys and without reflection. Compare the ratios.

// benchShare has twelve fields, as much as a share of a real service.
type benchShare struct {
	ID        string            `json:"id"`
	ShareID   string            `json:"share_id"`
	Name      string            `json:"name"`
	ProjectID string            `json:"project_id"`
	Size      int64             `json:"size"`
	Proto     string            `json:"share_proto"`
	Type      string            `json:"share_type"`
	Status    string            `json:"status"`
	Host      string            `json:"host"`
	Locations []benchLocation   `json:"export_locations"`
	Rules     []benchRule       `json:"access_rules"`
	Metadata  map[string]string `json:"metadata"`
}

type benchLocation struct {
	Path      string `json:"path"`
	Preferred bool   `json:"preferred"`
}

type benchRule struct {
	ID    string `json:"id"`
	To    string `json:"access_to"`
	Level string `json:"access_level"`
}

func newBenchShare(i int) benchShare {
	id := fmt.Sprintf("share-%06d", i)
	return benchShare{
		ID: id, ShareID: id, Name: "home of " + id, ProjectID: "project-1", Size: int64(i % 1000), Proto: "NFS", Type: "default",
		Status: "available", Host: "storage-1@nfs#pool", Metadata: map[string]string{"owner": "ops", "tier": "gold"},
		Locations: []benchLocation{{"10.0.0.5:/shares/" + id, true}, {"10.0.0.6:/shares/" + id, false}},
		Rules:     []benchRule{{"rule-1", "10.0.0.0/8", "rw"}, {"rule-2", "192.168.0.0/16", "ro"}},
	}
}

func newBenchShares(n int) []benchShare {
	list := make([]benchShare, n)
	for i := range list {
		list[i] = newBenchShare(i)
	}
	return list
}

func table(items, keys int) *lua.LTable { return (*lua.LState)(nil).CreateTable(items, keys) }

func eagerShare(s *benchShare) *lua.LTable {
	t := table(0, 12)
	t.RawSetString("id", lua.LString(s.ID))
	t.RawSetString("share_id", lua.LString(s.ShareID))
	t.RawSetString("name", lua.LString(s.Name))
	t.RawSetString("project_id", lua.LString(s.ProjectID))
	t.RawSetString("size", lua.LNumber(s.Size))
	t.RawSetString("share_proto", lua.LString(s.Proto))
	t.RawSetString("share_type", lua.LString(s.Type))
	t.RawSetString("status", lua.LString(s.Status))
	t.RawSetString("host", lua.LString(s.Host))
	locations := table(len(s.Locations), 0)
	for i := range s.Locations {
		l := table(0, 2)
		l.RawSetString("path", lua.LString(s.Locations[i].Path))
		l.RawSetString("preferred", lua.LBool(s.Locations[i].Preferred))
		locations.Append(l)
	}
	t.RawSetString("export_locations", locations)
	rules := table(len(s.Rules), 0)
	for i := range s.Rules {
		r := table(0, 3)
		r.RawSetString("id", lua.LString(s.Rules[i].ID))
		r.RawSetString("access_to", lua.LString(s.Rules[i].To))
		r.RawSetString("access_level", lua.LString(s.Rules[i].Level))
		rules.Append(r)
	}
	t.RawSetString("access_rules", rules)
	metadata := table(0, len(s.Metadata))
	for k, v := range s.Metadata {
		metadata.RawSetString(k, lua.LString(v))
	}
	t.RawSetString("metadata", metadata)
	return t
}

func eagerShares(list []benchShare) bridge.Value {
	t := table(len(list), 0)
	for i := range list {
		t.Append(eagerShare(&list[i]))
	}
	return bridge.Wrap(t)
}

// eagerBack makes the Go value of a table, as it must be done where nobody knows what a script changed.
func eagerBack(t *lua.LTable) (s benchShare) {
	text := func(t *lua.LTable, key string) string {
		v, _ := t.RawGetString(key).(lua.LString)
		return string(v)
	}
	s.ID, s.ShareID, s.Name, s.ProjectID = text(t, "id"), text(t, "share_id"), text(t, "name"), text(t, "project_id")
	s.Proto, s.Type, s.Status, s.Host = text(t, "share_proto"), text(t, "share_type"), text(t, "status"), text(t, "host")
	size, _ := t.RawGetString("size").(lua.LNumber)
	s.Size = int64(size)
	locations := t.RawGetString("export_locations").(*lua.LTable)
	s.Locations = make([]benchLocation, locations.Len())
	for i := range s.Locations {
		l := locations.RawGetInt(i + 1).(*lua.LTable)
		s.Locations[i] = benchLocation{text(l, "path"), l.RawGetString("preferred") == lua.LTrue}
	}
	rules := t.RawGetString("access_rules").(*lua.LTable)
	s.Rules = make([]benchRule, rules.Len())
	for i := range s.Rules {
		r := rules.RawGetInt(i + 1).(*lua.LTable)
		s.Rules[i] = benchRule{text(r, "id"), text(r, "access_to"), text(r, "access_level")}
	}
	s.Metadata = map[string]string{}
	t.RawGetString("metadata").(*lua.LTable).ForEach(func(k, v lua.LValue) { s.Metadata[k.String()] = v.String() })
	return s
}

const benchScript = `
function nothing(share) end
function three(share)
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end
function everything(share)
  local n = 0
  for _, v in pairs(share) do
    n = n + 1
    if type(v) == "table" then
      for _, w in pairs(v) do
        n = n + 1
        if type(w) == "table" then
          for _ in pairs(w) do n = n + 1 end
        end
      end
    end
  end
  return n
end
function usage(shares)
  local total = 0
  for _, share in ipairs(shares) do
    if share.status == "available" then total = total + share.size end
  end
  return total
end
`

func BenchmarkRecord(b *testing.B) {
	script := load(b, "bench.lua", benchScript)
	for _, name := range []string{"nothing", "three", "everything"} {
		fn, err := script.Function(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/base=eager", func(b *testing.B) {
			s := newBenchShare(1)
			b.ReportAllocs()
			for b.Loop() {
				t := eagerShare(&s)
				if _, err := script.Run(b.Context(), &roomy, fn, bridge.Wrap(t)); err != nil {
					b.Fatal(err)
				}
				if name == "three" {
					s = eagerBack(t)
				}
			}
		})
		b.Run(name+"/views", func(b *testing.B) {
			s := newBenchShare(1)
			b.ReportAllocs()
			for b.Loop() {
				var scope bridge.Scope
				var root bridge.Root
				root.Init(&scope, "share", reflect.ValueOf(&s).Elem(), true)
				if _, err := script.Run(b.Context(), &roomy, fn, root.Value()); err != nil {
					b.Fatal(err)
				}
				if _, err := root.Commit(bridge.Value{}, nil); err != nil {
					b.Fatal(err)
				}
				scope.Close()
				s.Name = "home"
			}
		})
	}
}

// periodic runs the script of a periodic hook on a list of shares.
func periodic(tb testing.TB, views bool) func(list []benchShare) {
	script := load(tb, "bench.lua", benchScript)
	fn, err := script.Function("usage")
	if err != nil {
		tb.Fatal(err)
	}
	run := func(v bridge.Value) {
		if _, err := script.Run(tb.Context(), &roomy, fn, v); err != nil {
			tb.Fatal(err)
		}
	}
	if !views {
		return func(list []benchShare) { run(eagerShares(list)) }
	}
	return func(list []benchShare) {
		var scope bridge.Scope
		var root bridge.Root
		root.Init(&scope, "shares", reflect.ValueOf(&list).Elem(), true)
		run(root.Value())
		scope.Close()
	}
}

func BenchmarkPeriodicList(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		list := newBenchShares(n)
		for _, way := range []string{"base=eager", "views"} {
			b.Run(fmt.Sprintf("%d/%s", n, way), func(b *testing.B) {
				run := periodic(b, way == "views")
				b.ReportAllocs()
				for b.Loop() {
					run(list)
				}
			})
		}
	}
}

func TestPeriodicListAllocatesLessThanATenthOfEagerTables(t *testing.T) {
	list := newBenchShares(10_000)
	measure := func(views bool) (bytes, objects uint64) {
		run := periodic(t, views)
		run(list[:10]) // what is made once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run(list)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs
	}
	eagerBytes, eagerObjects := measure(false)
	viewBytes, viewObjects := measure(true)
	t.Logf("bytes: views %d, eager %d, ratio %.4f", viewBytes, eagerBytes, float64(viewBytes)/float64(eagerBytes))
	t.Logf("objects: views %d, eager %d, ratio %.4f", viewObjects, eagerObjects, float64(viewObjects)/float64(eagerObjects))
	if viewBytes*10 >= eagerBytes {
		t.Errorf("views allocate %d bytes, eager tables %d: want less than a tenth", viewBytes, eagerBytes)
	}
	if viewObjects*10 >= eagerObjects {
		t.Errorf("views allocate %d objects, eager tables %d: want less than a tenth", viewObjects, eagerObjects)
	}
}
