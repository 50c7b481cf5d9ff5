package cli

import (
	"os"
	"strings"
	"testing"
)

// Hooks may give one option values of different types.
func TestAnOptionHasTheTypesThatAllHooksGiveIt(t *testing.T) {
	inFolder(t, map[string]string{
		"config.toml": "[services.nfs1]\nhooks = [{ script = \"a.lua\", options = { max = 5, unit = \"GiB\" } }, { script = \"b.lua\", options = { max = \"x\", unit = \"TiB\" } }]\n",
		"a.lua":       "function pre(call) log.info(options.unit, { max = options.max }) end\n",
		"b.lua":       "function pre(call) log.info(options.unit, { max = options.max }) end\n",
	})
	if status, out := hookrun("types"); status != statusOK {
		t.Fatalf("exit status %d:\n%s", status, out)
	}
	got, err := os.ReadFile("types/hookrun.lua")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"---@field max? integer | string\n", "---@field unit? string\n"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("types/hookrun.lua lacks %q", want)
		}
	}
}
