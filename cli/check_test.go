package cli

import (
	"regexp"
	"slices"
	"testing"
)

// placed matches the first line of a mistake, up to its kind.
var placed = regexp.MustCompile(`(?m)^(\S+\.lua:\d+.*)$`)

// What ends loading is told beside what the source shows on that line, unless it is the same.
func TestAnErrorOfLoadingIsToldBesideWhatTheSourceShows(t *testing.T) {
	for source, want := range map[string][]string{
		"local version = error(\"not for this service\")\nfunction pre(call) end\n": {
			"q.lua:1: not for this service", `q.lua:1:7: nothing reads the local variable "version" [unused-local]`},
		"function pre.create_snapshots(call) end\n": {
			`q.lua:1:14: pre.create_snapshots: the service has no method "create_snapshots" (did you mean "create_snapshot"?) [unknown-method]`},
		"function pre.init_host() end\nfunction pre.init_host() end\n": {
			"q.lua:2: pre.init_host is defined twice: here and in line 1 [defined-twice]"},
		"function pre.init_host() end end\n": {`q.lua:1: syntax error near "end" [syntax]`},
	} {
		inFolder(t, map[string]string{"config.toml": "[services.nfs1]\nhooks = [{ script = \"q.lua\" }]\n", "q.lua": source})
		status, out := hookrun("check", "--load")
		if got := placed.FindAllString(out, -1); status != statusFailed || !slices.Equal(got, want) {
			t.Errorf("exit status %d, got %q\nwant %d, %q", status, got, statusFailed, want)
		}
	}
}
