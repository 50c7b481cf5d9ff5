package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLinkToNowhereSaysWhereItLeads(t *testing.T) {
	dir := t.TempDir()
	scripts := filepath.Join(dir, "scripts")
	if err := os.Mkdir(scripts, 0o755); err != nil {
		t.Fatal(err)
	}
	link := func(target, name string) {
		if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	link("gone.lua", "scripts/dangling.lua")
	link("dangling.lua", "scripts/by_way.lua")
	link("/no/where", "scripts/folder")
	link("circle.lua", "scripts/circle.lua")
	link("nothing", "elsewhere")
	if err := os.WriteFile(filepath.Join(scripts, "there.lua"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	link("there.lua", "scripts/fine.lua")

	for script, want := range map[string]string{
		"dangling.lua": `"dangling.lua" in "SCRIPTS" is a link to "gone.lua", which does not exist`,
		"by_way.lua":   `"by_way.lua" in "SCRIPTS" is a link to "gone.lua", which does not exist`,
		"folder/x.lua": `"folder" in "SCRIPTS" is a link to "/no/where", which does not exist`,
		"circle.lua":   `cannot read the script "circle.lua" in "SCRIPTS": too many levels of symbolic links`,
		"dangling":     `there is no script "dangling" in "SCRIPTS" (did you mean "dangling.lua"?)`,
		"fine.lua":     "",
	} {
		cfg := &Config{Scripts: scripts, Services: map[string]Service{"a": {Hooks: []Hook{DefaultHook(script)}}}}
		if got := firstMessage(cfg.validate()); got != strings.ReplaceAll(want, "SCRIPTS", scripts) {
			t.Errorf("%s: got  %s\nwant %s", script, got, want)
		}
	}
	elsewhere := filepath.Join(dir, "elsewhere")
	want := `want folder, got "` + elsewhere + `", which is a link to "nothing", which does not exist`
	if got := firstMessage((&Config{Scripts: elsewhere, Services: map[string]Service{"a": {}}}).validate()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}

	_, err := Load(elsewhere)
	want = "config: " + elsewhere + ` is a link to "nothing": file does not exist`
	if err == nil || err.Error() != want || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %s, which wraps fs.ErrNotExist", err, want)
	}
}

func firstMessage(problems []Problem) string {
	if len(problems) == 0 {
		return ""
	}
	return problems[0].Message
}
