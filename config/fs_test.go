package config

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestAConfigOfAnyFileSystemFindsItsFoldersThere(t *testing.T) {
	fsys := fstest.MapFS{
		"conf/hooks.toml":    {Data: []byte("scripts = \"../lua\"\nstubs = \"stubs\"\n[services.a]\n[[services.a.hooks]]\nscript = \"ops/notify.lua\"\n")},
		"lua/ops/notify.lua": {},
	}
	cfg, err := Parse(fsys, "conf/hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{cfg.Path, cfg.Scripts, cfg.Stubs, cfg.Services["a"].Hooks[0].Name}
	if diff := cmp.Diff([]string{"conf/hooks.toml", "lua", "conf/stubs", "notify"}, got); diff != "" {
		t.Errorf("paths and name (-want +got):\n%s", diff)
	}
}

func TestAConfigOfAnyFileSystemTellsWhatIsMissing(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"folder", `scripts = "lau"` + "\n[services.a]", `c.toml:1: scripts: there is no folder "lau" (did you mean "lua"?)`},
		{"folder above all", `scripts = "../x"` + "\n[services.a]", `c.toml:1: scripts: there is no folder "../x"`},
		{"script", "scripts = \"lua\"\n[[services.a.hooks]]\nscript = \"notifi.lua\"",
			`c.toml:3: services.a: hook 1 (notifi): script: there is no script "notifi.lua" in "lua" (did you mean "notify.lua"?)`},
	} {
		fsys := fstest.MapFS{"c.toml": {Data: []byte(tt.text)}, "lua/notify.lua": {}}
		if _, err := Parse(fsys, "c.toml"); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got  %v\nwant %s", tt.name, err, tt.want)
		}
	}
	if cfg, err := Parse(fstest.MapFS{}, "c.toml"); cfg != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v and error %v, want that the file is not there", cfg, err)
	}
}
