// Package scaffold writes what a new hook begins with: a script with a function for each method and phase, a test of
// it, and call records whose values are made up from the types of the methods. What it writes passes hookrun check,
// hookrun run and hookrun test as it is.
package scaffold

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// Hook is what a new hook is to be.
type Hook struct {
	Name    string
	Service string          // for the call records; "" for any
	Methods []engine.Method // each has functions of its own; with none, one function a phase is for all
	Sample  engine.Method   // what is called where there are no Methods
	Phases  []engine.Phase  // in the order in which they run
	Config  string          // that the test takes the hooks of the service Tested from; "" for the hook alone
	Tested  string
	Classes map[string]string // the ends of the names of methods' classes in editor definitions, by method
	Shares  reflect.Type      // of the items of the list that periodic gets; nil for any
}

// File is one that is to be written, below the scripts folder.
type File struct {
	Path string // with slashes
	Text string
}

// Files returns the script, its test, and the call records.
func (h Hook) Files() ([]File, error) {
	files := []File{{h.Name + ".lua", h.script()}, {h.Name + "_test.lua", h.test()}}
	for _, m := range h.called() {
		text, err := h.record(m)
		if err != nil {
			return nil, fmt.Errorf("a call record of %s: %w", m.Name, err)
		}
		files = append(files, File{h.recordPath(m), text})
	}
	return files, nil
}

// called returns the methods that are called in tests and records.
func (h Hook) called() []engine.Method {
	switch {
	case len(h.Methods) > 0:
		return h.Methods
	case slices.Equal(h.Phases, []engine.Phase{engine.PhasePeriodic}):
		return []engine.Method{{Name: string(engine.PhasePeriodic)}}
	}
	return []engine.Method{h.Sample}
}

func (h Hook) has(phase engine.Phase) bool { return slices.Contains(h.Phases, phase) }

func (h Hook) script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- %s.lua: logs what happens. Write here what the hook is for, and which options it has.\n", h.Name)
	methods := h.Methods
	if len(methods) == 0 {
		methods = []engine.Method{{}}
	}
	for _, m := range methods {
		for _, phase := range h.Phases {
			if phase != engine.PhasePeriodic {
				h.function(&b, phase, m)
			}
		}
	}
	if h.has(engine.PhasePeriodic) {
		b.WriteString("\n---@param shares hookrun.Share[]\n---@param tick integer\nfunction periodic(shares, tick)\n")
		about(&b, "shares[i]", h.Shares, false)
		b.WriteString("  log.info(\"tick\", { tick = tick, shares = #shares })\nend\n")
	}
	return b.String()
}

// function writes the function of a phase: for one method, or for all where it has no name.
func (h Hook) function(b *strings.Builder, phase engine.Phase, m engine.Method) {
	call := "hookrun.Call"
	if m.Name != "" {
		call = "hookrun.call." + h.Classes[m.Name]
	}
	params, annotations := "call", "---@param call "+call+"\n"
	switch phase {
	case engine.PhasePost:
		if params += ", result"; m.Name != "" {
			annotations += "---@param result hookrun.result." + h.Classes[m.Name] + "\n"
		}
	case engine.PhaseFailed:
		params, annotations = params+", err", annotations+"---@param err hookrun.Failure\n"
	case engine.PhaseFinally:
		params, annotations = params+", outcome", annotations+"---@param outcome hookrun.Outcome\n"
	}
	switch {
	case m.Name == "":
		fmt.Fprintf(b, "\n%sfunction %s(%s)\n", annotations, phase, params)
	case syntax.IsName(m.Name) && !syntax.IsKeyword(m.Name):
		fmt.Fprintf(b, "\n%sfunction %s.%s(%s)\n", annotations, phase, m.Name, params)
	default:
		fmt.Fprintf(b, "\n%s%s[%s] = function(%s)\n", annotations, phase, syntax.Quote(m.Name), params)
	}
	body(b, phase, m)
	b.WriteString("end\n")
}

func body(b *strings.Builder, phase engine.Phase, m engine.Method) {
	switch phase {
	case engine.PhasePre:
		about(b, "call.args", m.Args, true)
		b.WriteString("  -- reject(\"why\", \"code\") refuses the call. What is returned here is call.pre in post and failed.\n" +
			"  log.info(\"before\", { method = call.method })\n")
	case engine.PhasePost:
		about(b, "result", m.Result, true)
		b.WriteString("  -- The result may be changed in place.\n  log.info(\"after\", { method = call.method, result = result })\n")
	case engine.PhaseFailed:
		b.WriteString("  -- Undo here what pre began.\n  log.warn(\"failed\", { method = call.method, why = err.message })\n")
	case engine.PhaseFinally:
		b.WriteString("  -- Runs whatever became of the call, and changes nothing.\n" +
			"  log.info(\"done\", { method = call.method, status = outcome.status })\n")
	}
}

// about writes comments that name the fields of a value and, where deep is set, of the records in it.
func about(b *strings.Builder, path string, t reflect.Type, deep bool) {
	if t == nil {
		return
	}
	d := bridge.Describe(t)
	if d.Kind != luatype.Record || len(d.Fields) == 0 {
		return
	}
	var plain []string
	for _, f := range d.Fields {
		inner := bridge.Describe(f.Type)
		if !deep || inner.Kind != luatype.Record {
			plain = append(plain, f.Name)
			continue
		}
		name := path + "." + f.Name
		if inner.Optional {
			name += " (or nil)"
		}
		comment(b, name, fieldNames(f.Type))
	}
	if len(plain) > 0 {
		comment(b, path, plain)
	}
}

func fieldNames(t reflect.Type) (names []string) {
	for _, f := range bridge.Describe(t).Fields {
		names = append(names, f.Name)
	}
	return names
}

// comment writes names after a path, on lines of 100 columns at most where they have room.
func comment(b *strings.Builder, path string, names []string) {
	const indent, width = "  -- ", 100
	line := indent + path + ":"
	for i, name := range names {
		if i < len(names)-1 {
			name += ","
		}
		if len(line)+1+len(name) > width {
			b.WriteString(line + "\n")
			line = indent + "  "
		}
		line += " " + name
	}
	b.WriteString(line + "\n")
}
