package scripts_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hookrun/hookrun/internal/sandbox"
)

// The editor takes the library from our definitions, so its own must be off: it has what hooks have not.
func TestEditorSeesOurLibraryOnly(t *testing.T) {
	text, err := os.ReadFile(".luarc.json")
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Version string            `json:"runtime.version"`
		Builtin map[string]string `json:"runtime.builtin"`
		Library []string          `json:"workspace.library"`
		Plugin  string            `json:"runtime.plugin"`
		Ignored []string          `json:"workspace.ignoreDir"`
	}
	if err := json.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	if settings.Version != "Lua 5.1" {
		t.Errorf("got runtime.version %q, want Lua 5.1", settings.Version)
	}
	off := append([]string{"basic", "bit", "debug", "io", "package"}, sandbox.Libraries()...)
	off = slices.DeleteFunc(off, func(name string) bool { return name == "_G" }) // which is no library of the editor's
	for _, name := range off {
		if got := settings.Builtin[name]; got != "disable" {
			t.Errorf("runtime.builtin: got %q for %s, want disable", got, name)
		}
	}
	for _, folder := range settings.Library {
		if _, err := os.Stat(filepath.Join(folder, "hookrun.lua")); err != nil {
			t.Errorf("workspace.library: %v", err)
		}
	}
	if _, err := os.Stat(settings.Plugin); err != nil {
		t.Errorf("runtime.plugin: %v", err)
	}
	if base := filepath.Base(settings.Plugin); !slices.Contains(settings.Ignored, base) {
		t.Errorf("workspace.ignoreDir: got %v, want %s in it: it is no script, and its globals are not those of scripts", settings.Ignored, base)
	}
}
