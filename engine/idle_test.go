package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestHooksThatCanNeverRunAreReportedAndRefuseNothing(t *testing.T) {
	methods := func(globs ...string) func(*config.Hook) { return func(h *config.Hook) { h.Methods = globs } }
	off := func(h *config.Hook) { h.Enabled, h.Methods = false, nil }
	w := newWorld(t, engine.Options{},
		hook("fine", `function pre.a() end`),
		hook("empty", `local x = 1`),
		hook("returns", `return { pre = function() end }`),
		hook("other", `function pre.a() end function post.b() end`, methods("c*")),
		hook("one_of_two", `function pre.a() end function post.b() end`, methods("b*")),
		hook("none", `function pre() end`, methods()),
		hook("periodic_only", `function periodic() end`, methods()),
		hook("off", `function pre() end`, off),
		hook("no_periodic", `function pre.a() end function periodic() end`, func(h *config.Hook) { h.Methods, h.EnablePeriodic = nil, false }),
		hook("wrong_method", `function pre.a() end function post.b() end`,
			func(h *config.Hook) { h.Methods, h.EnablePost = []string{"b"}, false }),
		hook("all_off", `function pre.a() end function periodic() end`, func(h *config.Hook) { h.EnablePre, h.EnablePeriodic = false, false }),
	)
	const nothing = "can never run: it defines none of the global functions pre, post, failed, finally and periodic"
	want := []string{
		"config: services.nfs1: hook 2 (empty): empty.lua " + nothing,
		"config: services.nfs1: hook 3 (returns): returns.lua " + nothing,
		`config: services.nfs1: hook 4 (other): other.lua can never run: its methods let through no call that it has a function for: ` +
			`want one of a, b, got ["c*"]`,
		`config: services.nfs1: hook 6 (none): none.lua can never run: its methods let through no call, and it has no function periodic`,
		`config: services.nfs1: hook 9 (no_periodic): no_periodic.lua can never run: its methods let through no call, and its periodic is switched off`,
		`config: services.nfs1: hook 10 (wrong_method): wrong_method.lua can never run: its methods let through no call that it has a function for: ` +
			`want one of a, got ["b"]`,
	}
	var got []string
	for _, p := range w.Warnings() {
		got = append(got, p.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if n := strings.Count(w.log.String(), "hook can never run"); n != len(want) {
		t.Errorf("got %d lines in the log, want %d:\n%s", n, len(want), w.log)
	}
}
