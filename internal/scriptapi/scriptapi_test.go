package scriptapi_test

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/scriptapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Each function logs the keys of what it is given.
const script = `
local function keys(name, t)
  local fields = {}
  for key, value in pairs(t) do
    fields[key] = type(value)
  end
  log.info(name, fields)
end

function pre(call)
  keys("Call", call)
  keys("Service", service)
  return { kept = true }
end

function failed(call, err)
  keys("Call", call)
  keys("Failure", err)
end

function finally(call, outcome)
  keys("Outcome", outcome)
end
`

func TestRecordsHaveTheFieldsThatScriptsSee(t *testing.T) {
	seen := observe(t)
	for name, typ := range map[string]reflect.Type{
		"Call":    reflect.TypeFor[scriptapi.Call](),
		"Failure": reflect.TypeFor[scriptapi.Failure](),
		"Outcome": reflect.TypeFor[scriptapi.Outcome](),
		"Service": reflect.TypeFor[scriptapi.Service](),
	} {
		var declared []string
		for _, f := range bridge.Describe(typ).Fields {
			declared = append(declared, f.Name)
			got, want := seen[name][f.Name], luaType(f.Type)
			if got == nil && bridge.Describe(f.Type).Optional || want == "" {
				continue
			}
			if got != want {
				t.Errorf("%s.%s: scripts see %v, declared as %s", name, f.Name, got, want)
			}
		}
		for _, key := range sortedKeys(seen[name]) {
			if !slices.Contains(declared, key) {
				t.Errorf("%s.%s is seen by scripts and not declared", name, key)
			}
		}
	}
}

// observe makes a call that the driver fails, and returns what its hook saw: by record and field, the type.
func observe(t *testing.T) map[string]map[string]any {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "keys.lua"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(&config.Config{Scripts: dir, Services: map[string]config.Service{
		"nfs1": {Host: "storage-1", Hooks: []config.Hook{config.DefaultHook("keys.lua")}},
	}}, "nfs1", engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	var trace engine.Trace
	ctx := engine.WithTrace(engine.WithCallContext(t.Context(), map[string]any{"request_id": "r"}), &trace)
	_, err = engine.Call(ctx, eng, "create_snapshot", map[string]any{}, func(context.Context, map[string]any) (any, error) {
		return nil, diskFull{}
	})
	if err == nil {
		t.Fatal("got no error, want the driver's")
	}
	seen := map[string]map[string]any{}
	for _, step := range trace.Spans {
		for _, l := range step.Logs {
			if seen[l.Message] == nil {
				seen[l.Message] = map[string]any{}
			}
			for key, typ := range l.Fields {
				seen[l.Message][key] = typ
			}
		}
	}
	if diff := cmp.Diff([]string{"Call", "Failure", "Outcome", "Service"}, sortedKeys(seen)); diff != "" {
		t.Fatalf("records that the hook saw (-want +got):\n%s", diff)
	}
	return seen
}

type diskFull struct{}

func (diskFull) Error() string { return "disk full" }
func (diskFull) Code() string  { return "no_space" }

// luaType is the type that a script sees; "" where it may be any.
func luaType(t reflect.Type) string {
	switch bridge.Describe(t).Kind {
	case luatype.String:
		return "string"
	case luatype.Integer, luatype.Number:
		return "number"
	case luatype.Boolean:
		return "boolean"
	case luatype.Record, luatype.Map, luatype.List:
		return "table"
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
