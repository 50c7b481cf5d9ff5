package scaffold

import (
	"fmt"
	"strings"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// test returns the file of tests: what becomes of each method's call when the driver does its work, and when it fails.
func (h Hook) test() string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- %s_test.lua: what %s.lua does. `hookrun test` runs it.\n", h.Name, h.Name)
	if h.Config != "" {
		fmt.Fprintf(&b, "test.config(%s, %s)\n", syntax.Quote(h.Config), syntax.Quote(h.Tested))
	}
	for _, m := range h.called() {
		if m.Name == string(engine.PhasePeriodic) {
			continue
		}
		h.completes(&b, m)
		if h.has(engine.PhaseFailed) || h.has(engine.PhaseFinally) {
			h.fails(&b, m)
		}
	}
	if h.has(engine.PhasePeriodic) {
		b.WriteString("\nfunction test.ticks(t)\n  t.tick { shares = {} }\n" +
			"  t.expect(t.logs):has { phase = \"periodic\", message = \"tick\" }\nend\n")
	}
	return b.String()
}

func (h Hook) completes(b *strings.Builder, m engine.Method) {
	open(b, m.Name, "completes")
	fmt.Fprintf(b, "  local got = t.call { file = %s }\n  t.expect(got.outcome):is(\"completed\")\n", syntax.Quote(h.recordPath(m)))
	for _, p := range []struct {
		phase engine.Phase
		logs  string
	}{{engine.PhasePre, "before"}, {engine.PhasePost, "after"}, {engine.PhaseFinally, "done"}} {
		h.expectLog(b, p.phase, p.logs)
	}
	b.WriteString("end\n")
}

func (h Hook) fails(b *strings.Builder, m engine.Method) {
	open(b, m.Name, "fails")
	fmt.Fprintf(b, "  local got = t.call { file = %s, driver_error = { message = \"no space left\", code = \"no_space\" } }\n",
		syntax.Quote(h.recordPath(m)))
	b.WriteString("  t.expect(got.outcome):is(\"failed\")\n")
	h.expectLog(b, engine.PhaseFailed, "failed")
	h.expectLog(b, engine.PhaseFinally, "done")
	b.WriteString("end\n")
}

func (h Hook) expectLog(b *strings.Builder, phase engine.Phase, message string) {
	if h.has(phase) {
		fmt.Fprintf(b, "  t.expect(got.logs):has { phase = %q, message = %q }\n", phase, message)
	}
}

// open begins a test of a method.
func open(b *strings.Builder, method, what string) {
	if name := method + "_" + what; syntax.IsName(name) {
		fmt.Fprintf(b, "\nfunction test.%s(t)\n", name)
		return
	}
	fmt.Fprintf(b, "\ntest[%s] = function(t)\n", syntax.Quote(method+" "+what))
}
