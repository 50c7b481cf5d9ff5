package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/suggest"
)

// methodListing is what happens around a call of a method in a service.
type methodListing struct {
	Service string           `json:"service"`
	Method  string           `json:"method"`
	Tick    time.Duration    `json:"tick_ns"`
	Steps   []stepListing    `json:"steps"` // in the order in which they run
	Undo    []stepListing    `json:"undo"`  // of a call that a pre function or the driver ends, before those of finally
	Hooks   []partListing    `json:"hooks"` // that take part, in run order
	Absent  []absenceListing `json:"absent"`
}

// stepListing is one function that runs, or the driver.
type stepListing struct {
	Order   int      `json:"order"` // of the hook in its service; 0 for the driver
	Hook    string   `json:"hook"`
	Phase   string   `json:"phase"`
	May     []string `json:"may"`      // of mayReject and so on
	OnError string   `json:"on_error"` // fail, suppress or log
}

// What a function may do to a call.
const (
	mayReject       = "reject"
	mayChangeArgs   = "change_args"
	mayChangeResult = "change_result"
)

// What becomes of the call, or the tick, when a function fails.
const (
	onErrorFail     = "fail"
	onErrorSuppress = "suppress"
	onErrorLog      = "log"
)

// partListing is a hook that takes part, with what it does besides changing the call.
type partListing struct {
	hookListing
	Does doesListing `json:"does"`
}

// doesListing says what the script of a hook names, and its config lets it do.
type doesListing struct {
	Publish bool     `json:"publish"`
	State   bool     `json:"state"`
	Metrics bool     `json:"metrics"`
	HTTP    []string `json:"http"`    // hosts
	Objects []string `json:"objects"` // host objects that it may call
}

// absenceListing is a hook that takes no part.
type absenceListing struct {
	Hook string `json:"hook"`
	Why  string `json:"why"`
}

func listMethod(cmd *cobra.Command, std *streams, hooks *selection, method string) error {
	cfg, names, err := hooks.services()
	if err != nil {
		return err
	}
	with := slices.DeleteFunc(slices.Clone(names), func(service string) bool { return !hooks.hasMethod(cfg, service, method) })
	if len(with) == 0 && slices.Contains(serviceNames(cfg), method) {
		return usagef(cmd, "%s is a service, and no method: did you mean --service %s?", method, method)
	}
	if len(with) == 0 {
		return usagef(cmd, "no method %q%s", method, suggest.Hint(method, hooks.methodsOfAll(cfg, names)))
	}
	listed := []methodListing{}
	for _, name := range with {
		l, err := hooks.around(cfg, name, method)
		if err != nil {
			return err
		}
		listed = append(listed, l)
	}
	listed = mask.New(cfg.Secrets).Value(listed).([]methodListing)
	if hooks.json {
		return writeJSON(std, listed)
	}
	p := std.painter()
	p.Full = hooks.full
	for i, l := range listed {
		if i > 0 {
			p.Line()
		}
		l.print(p)
	}
	return nil
}

// oneMethod is for a command that takes a method or nothing.
func oneMethod(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && flagFor(cmd, args[0]) != "" {
		return noArguments(cmd, args)
	}
	if len(args) > 1 {
		return usagef(cmd, "want one method at most, got %s", counted(len(args), "argument"))
	}
	return nil
}

func (s *selection) completeMethod(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	cfg, names, err := s.services()
	if err != nil {
		cfg, names = &config.Config{}, []string{""}
	}
	return s.methodsOfAll(cfg, names), cobra.ShellCompDirectiveNoFileComp
}

// hasMethod reports whether a service can be called with a method, or it is that of ticks. Where the program declares
// none, it can be called with any.
func (s *selection) hasMethod(cfg *config.Config, service, method string) bool {
	return method == record.Periodic || len(s.program.Methods) == 0 || slices.Contains(methodNames(s.methodsOf(cfg, service)), method)
}

// methodsOfAll returns what hasMethod is true of, as far as that can be named, sorted.
func (s *selection) methodsOfAll(cfg *config.Config, services []string) []string {
	names := []string{record.Periodic}
	for _, service := range services {
		names = append(names, methodNames(s.methodsOf(cfg, service))...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// around works out what happens around a call of a method.
func (s *selection) around(cfg *config.Config, service, method string) (methodListing, error) {
	l := methodListing{
		Service: service, Method: method, Tick: cfg.Services[service].Tick,
		Steps: []stepListing{}, Undo: []stepListing{}, Hooks: []partListing{}, Absent: []absenceListing{},
	}
	eng, err := s.newEngine(cfg, service, &loadLogs{})
	if err != nil {
		return l, err
	}
	defer eng.Close()
	in := &inspection{checking: &checking{selection: s}, cfg: cfg}
	schema, _, err := in.schema(service)
	if err != nil {
		return l, err
	}
	byPhase := map[engine.Phase][]stepListing{}
	for i, h := range eng.Hooks() {
		phases := h.Around(method)
		if why := absence(h, phases, method); why != "" {
			l.Absent = append(l.Absent, absenceListing{h.Name, why})
			continue
		}
		reaches := in.reaches(h.Script, schema)
		l.Hooks = append(l.Hooks, partListing{listingOf(i+1, h), in.does(h, reaches)})
		for _, phase := range phases {
			byPhase[phase] = append(byPhase[phase], stepOf(i+1, h, phase, reaches("reject")))
		}
	}
	l.Steps = append(l.Steps, byPhase[engine.PhasePre]...)
	if method != record.Periodic {
		l.Steps = append(l.Steps, stepListing{Phase: "driver", May: []string{}, OnError: onErrorFail})
	}
	l.Steps = slices.Concat(l.Steps, byPhase[engine.PhasePost], byPhase[engine.PhaseFinally], byPhase[engine.PhasePeriodic])
	l.Undo = append(l.Undo, byPhase[engine.PhaseFailed]...)
	slices.Reverse(l.Undo)
	return l, nil
}

// absence says why a hook takes no part in a call; "" where it does.
func absence(h engine.HookStatus, phases []engine.Phase, method string) string {
	switch {
	case !h.Enabled:
		return "enabled = false"
	case len(phases) > 0:
		return ""
	case method == record.Periodic && slices.Contains(h.Phases, engine.PhasePeriodic):
		return "enable_periodic = false"
	case method == record.Periodic:
		return "no function periodic"
	case !h.Lets(method):
		return fmt.Sprintf("methods = %q", h.Methods)
	}
	return cmp.Or(strings.Join(switchedOff(h, method), ", "), "no function for it")
}

// switchedOff returns the switches that keep a hook's functions out of a call.
func switchedOff(h engine.HookStatus, method string) (switches []string) {
	h.EnablePre, h.EnablePost, h.EnableFinally = true, true, true
	for _, phase := range h.Around(method) {
		name := phase
		if phase == engine.PhaseFailed {
			name = engine.PhasePre // which both go by
		}
		switches = append(switches, fmt.Sprintf("enable_%s = false", name))
	}
	slices.Sort(switches)
	return slices.Compact(switches)
}

func stepOf(order int, h engine.HookStatus, phase engine.Phase, rejects bool) stepListing {
	step := stepListing{Order: order, Hook: h.Name, Phase: string(phase), May: []string{}, OnError: onErrorLog}
	suppressed := false
	switch phase {
	case engine.PhasePre:
		if rejects {
			step.May = append(step.May, mayReject)
		}
		if h.ChangeArgs {
			step.May = append(step.May, mayChangeArgs)
		}
		suppressed = h.SuppressPreErrors
	case engine.PhasePost:
		step.May = append(step.May, mayChangeResult)
		suppressed = h.SuppressPostErrors
	case engine.PhasePeriodic:
		suppressed = h.SuppressPeriodicErrors
	default:
		return step
	}
	step.OnError = onErrorFail
	if suppressed {
		step.OnError = onErrorSuppress
	}
	return step
}

// reaches tells which globals a script may read.
func (in *inspection) reaches(script string, schema check.Schema) func(global string) bool {
	source, err := in.folder().Read(script)
	if err != nil { // it was there when the engine loaded it
		return func(string) bool { return true }
	}
	return check.Reaches(script, []byte(source), schema)
}

// does says what a hook does besides changing calls.
func (in *inspection) does(h engine.HookStatus, reaches func(global string) bool) doesListing {
	store := in.cfg.Store.Path != ""
	d := doesListing{
		Publish: store && reaches("events"), State: store && reaches("state"), Metrics: reaches("metrics"),
		HTTP: []string{}, Objects: []string{},
	}
	if reaches("http") {
		d.HTTP = append(d.HTTP, h.AllowHTTP...)
	}
	objects, _ := in.objects(in.cfg)
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		if reaches(name) {
			d.Objects = append(d.Objects, name)
		}
	}
	return d
}

// text says the same in words.
func (p partListing) text() string {
	var does []string
	if p.Does.Publish {
		does = append(does, "publishes")
	}
	if p.Does.State && p.State == p.Hook {
		does = append(does, "keeps state")
	} else if p.Does.State {
		does = append(does, "keeps state as "+p.State)
	}
	if p.Does.Metrics {
		does = append(does, "measures")
	}
	if len(p.Does.HTTP) > 0 {
		asks := "asks "
		if p.AllowHTTPWrites {
			asks = "asks and tells "
		}
		does = append(does, asks+strings.Join(p.Does.HTTP, " "))
	}
	if len(p.Does.Objects) > 0 {
		does = append(does, "calls "+strings.Join(p.Does.Objects, " "))
	}
	return cmp.Or(strings.Join(does, ", "), "-")
}
