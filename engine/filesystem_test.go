package engine_test

import (
	"testing"
	"testing/fstest"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestScriptsModulesAndStubsComeFromTheFileSystemOfTheConfig(t *testing.T) {
	fsys := fstest.MapFS{
		"hooks.toml":            {Data: []byte("scripts = \"lua\"\nstubs = \"stubs\"\n[[services.nfs1.hooks]]\nscript = \"name.lua\"\n")},
		"lua/name.lua":          {Data: []byte(`function post(call, result) result.name = require("deep.text").of(labels:Of("x")) end`)},
		"lua/lib/deep/text.lua": {Data: []byte(`return { of = function(text) return text .. "!" end }`)},
		"stubs/labels.lua":      {Data: []byte(`function Of(name) return "stub " .. name end`)},
	}
	cfg, err := config.Parse(fsys, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(cfg, "nfs1", engine.Options{DryRun: true, Logger: discard})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if got := must(engine.Call(t.Context(), e, "create", args{}, echo)).Name; got != "stub x!" {
		t.Errorf("got %q", got)
	}
}

func TestMistakesInScriptsOfAFileSystemHaveTheirPath(t *testing.T) {
	fsys := fstest.MapFS{
		"a/hooks.toml": {Data: []byte("scripts = \"lua\"\n[[services.nfs1.hooks]]\nscript = \"x.lua\"\n")},
		"a/lua/x.lua":  {Data: []byte("x =")},
	}
	cfg, err := config.Parse(fsys, "a/hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	const want = "a/lua/x.lua:1: syntax error at the end of the file"
	if _, err := engine.New(cfg, "nfs1", engine.Options{Logger: discard}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
