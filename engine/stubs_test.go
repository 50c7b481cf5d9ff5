package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookrun/hookrun/engine"
)

// label is a host object.
type label struct{}

// Of is its method.
func (label) Of(name string) string { return "real " + name }

func TestStubsStandInForMissingObjectsInDryRunsOnly(t *testing.T) {
	real := map[string]engine.Object{"labels": {Value: label{}, Methods: []string{"Of"}}}
	for _, tt := range []struct {
		name string
		opts engine.Options
		want string
	}{
		{"dry run", engine.Options{DryRun: true}, "stub x"},
		{"dry run with the object", engine.Options{DryRun: true, Objects: real}, "real x"},
		{"service", engine.Options{}, "none"},
		{"service with the object", engine.Options{Objects: real}, "real x"},
	} {
		dir := t.TempDir()
		stubs := filepath.Join(dir, "stubs")
		if err := os.Mkdir(stubs, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(stubs, "labels.lua"), []byte("function Of(name) return 'stub ' .. name end"), 0o644); err != nil {
			t.Fatal(err)
		}
		cfg := configOf(t, dir, hook("h", `function post.create(call, result) result.name = labels and labels:Of("x") or "none" end`))
		cfg.Stubs = stubs
		e, err := engine.New(cfg, "nfs1", tt.opts)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		defer e.Close()
		got, err := engine.Call(t.Context(), e, "create", args{}, echo)
		if err != nil || got.Name != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got.Name, err, tt.want)
		}
	}
}

func TestAServiceNeedsNoStubs(t *testing.T) {
	dir := t.TempDir()
	cfg := configOf(t, dir, hook("h", `function pre.create(call) end`))
	cfg.Stubs = filepath.Join(dir, "gone")
	e, err := engine.New(cfg, "nfs1", engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := engine.New(cfg, "nfs1", engine.Options{DryRun: true}); err == nil || !strings.Contains(err.Error(), "there is no folder") {
		t.Errorf("dry run: got %v, want that the folder is missing", err)
	}
}

func TestIntegersKeepTheirDigitsThroughAStub(t *testing.T) {
	dir := t.TempDir()
	stubs := filepath.Join(dir, "stubs")
	if err := os.Mkdir(stubs, 0o755); err != nil {
		t.Fatal(err)
	}
	const source = `function same(id, list) return list[1], {id = id}, tostring(id) end`
	if err := os.WriteFile(filepath.Join(stubs, "ids.lua"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := configOf(t, dir, hook("h", `
function post.create(call, result)
  local item, record, text = ids.same(result.size, {result.size})
  result.metadata = {item = item, id = record.id}
  result.name = text
end`))
	cfg.Stubs = stubs
	e, err := engine.New(cfg, "nfs1", engine.Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	const id = int64(1<<53 + 1)
	got, err := engine.Call(t.Context(), e, "create", args{share{Size: id}}, echo)
	want := share{Size: id, Name: "9007199254740993", Metadata: map[string]any{"item": id, "id": id}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(share{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}
