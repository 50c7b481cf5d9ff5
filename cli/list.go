package cli

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

func newList(o Options, std *streams) *cobra.Command {
	hooks := selection{program: o}
	cmd := &cobra.Command{
		Use:   "list [METHOD]",
		Short: "List the hooks of each service, or those of a method, in the order they run",
		Long: `list shows the hooks of each service in the order they run: the phases that the
script defines and the config leaves on, the methods in whose calls the hook
takes part, its limits (time, instructions, memory), the state that it keeps, the
hosts that it may reach, and what else the config lets it do. A column in which
all hooks of a service have the default is left out, and of many methods or hosts
the first is named, unless --full says otherwise. Below the services stand the
store and the sinks of events. Secrets of the config are shown as ***.

With a METHOD it shows what happens around a call of it: which functions of which
hooks run, from the first pre to the last finally; what each may do to the call,
and what becomes of the call when it fails; who undoes what when the call does not
complete; what else these hooks do, as far as their scripts and the config let
them; and why the other hooks take no part. The METHOD periodic is a tick.

Exit status: 0 listed, 2 wrong usage, or a config or script that cannot be read.`,
		Example: `  hookrun list
  hookrun list create_share_instance
  hookrun list periodic --service nfs1
  hookrun list --json | jq '.[].hooks[].script'`,
		Args:              oneMethod,
		ValidArgsFunction: hooks.completeMethod,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return listMethod(cmd, std, &hooks, args[0])
			}
			return list(std, &hooks)
		},
	}
	hooks.addFlags(cmd, std)
	cmd.Flags().BoolVar(&hooks.full, "full", false, "show all columns and methods")
	return cmd
}

func list(std *streams, hooks *selection) error {
	cfg, names, err := hooks.services()
	if err != nil {
		return err
	}
	secrets, services := mask.New(cfg.Secrets), []serviceListing{}
	for _, name := range names {
		s, err := hooks.listing(cfg, secrets, name)
		if err != nil {
			return err
		}
		services = append(services, s)
	}
	services = secrets.Value(services).([]serviceListing)
	if hooks.json {
		return writeJSON(std, services)
	}
	p := std.painter()
	p.Full = hooks.full
	for i, s := range services {
		if i > 0 {
			p.Line()
		}
		s.print(p)
	}
	if len(services) > 0 {
		services[0].effectsListing.print(p)
	}
	return nil
}

// serviceListing is one service as list shows it.
type serviceListing struct {
	methods int           // how many the service has
	Service string        `json:"service"`
	Host    string        `json:"host"`
	Tick    time.Duration `json:"tick_ns"`
	Hooks   []hookListing `json:"hooks"`
	effectsListing
}

type hookListing struct {
	Order                  int            `json:"order"`
	Hook                   string         `json:"hook"`
	Script                 string         `json:"script"`
	Enabled                bool           `json:"enabled"`
	Phases                 []string       `json:"phases"`  // that the script defines and the config leaves on
	Methods                []string       `json:"methods"` // globs
	Sees                   []string       `json:"sees"`    // methods whose calls it takes part in
	PeriodicEvery          int            `json:"periodic_every"`
	Timeout                time.Duration  `json:"timeout_ns"`
	MaxInstructions        int64          `json:"max_instructions"`
	MaxMemory              int64          `json:"max_memory"`
	Concurrent             int            `json:"concurrent"`
	SuppressPreErrors      bool           `json:"suppress_pre_errors"`
	SuppressPostErrors     bool           `json:"suppress_post_errors"`
	SuppressPeriodicErrors bool           `json:"suppress_periodic_errors"`
	ChangeArgs             bool           `json:"change_args"`
	State                  string         `json:"state"` // whose state it keeps
	MaxState               int64          `json:"max_state"`
	AllowHTTP              []string       `json:"allow_http"`
	AllowHTTPWrites        bool           `json:"allow_http_writes"`
	MaxHTTP                int            `json:"max_http"`
	Options                map[string]any `json:"options"`
}

func (s *selection) listing(cfg *config.Config, secrets *mask.Masker, name string) (serviceListing, error) {
	eng, err := s.newEngine(cfg, name, &loadLogs{})
	if err != nil {
		return serviceListing{}, err
	}
	defer eng.Close()
	listed := serviceListing{
		methods: len(s.methodsOf(cfg, name)), Service: name, Host: cfg.Services[name].Host, Tick: cfg.Services[name].Tick,
		Hooks: []hookListing{}, effectsListing: effectsOf(cfg, secrets),
	}
	for i, h := range eng.Hooks() {
		listed.Hooks = append(listed.Hooks, listingOf(i+1, h))
	}
	return listed, nil
}

func listingOf(order int, h engine.HookStatus) hookListing {
	listed := hookListing{
		Order: order, Hook: h.Name, Script: h.Script, Enabled: h.Enabled,
		Phases: phasesOn(h), Methods: append([]string{}, h.Methods...), Sees: append([]string{}, h.Sees...),
		PeriodicEvery: h.PeriodicEvery, Timeout: h.Timeout, MaxInstructions: h.MaxInstructions, MaxMemory: h.MaxMemory, Concurrent: h.Concurrent,
		SuppressPreErrors: h.SuppressPreErrors, SuppressPostErrors: h.SuppressPostErrors,
		SuppressPeriodicErrors: h.SuppressPeriodicErrors, ChangeArgs: h.ChangeArgs,
		State: cmp.Or(h.State, h.Name), MaxState: h.MaxState, AllowHTTP: append([]string{}, h.AllowHTTP...),
		AllowHTTPWrites: h.AllowHTTPWrites, MaxHTTP: h.MaxHTTP, Options: map[string]any{},
	}
	for name, v := range h.Options {
		listed.Options[name] = inJSON(v)
	}
	return listed
}

// inJSON is an option as JSON can hold it: inf and nan are texts, as in what scripts log.
func inJSON(option any) any {
	switch v := option.(type) {
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return strings.ToLower(strings.TrimPrefix(fmt.Sprint(v), "+"))
		}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = inJSON(v[i])
		}
		return list
	case map[string]any:
		table := make(map[string]any, len(v))
		for key := range v {
			table[key] = inJSON(v[key])
		}
		return table
	}
	return option
}

func phasesOn(h engine.HookStatus) []string {
	on := map[engine.Phase]bool{
		engine.PhasePre: h.EnablePre, engine.PhaseFailed: h.EnablePre, engine.PhasePost: h.EnablePost, engine.PhaseFinally: h.EnableFinally,
		engine.PhasePeriodic: h.EnablePeriodic,
	}
	phases := []string{}
	for _, p := range h.Phases {
		if on[p] {
			phases = append(phases, string(p))
		}
	}
	return phases
}

func (s serviceListing) print(p *report.Painter) {
	about := []string{counted(len(s.Hooks), "hook")}
	if s.Host != "" {
		about = append(about, "host "+plaintext.Line(s.Host))
	}
	if s.Tick > 0 {
		about = append(about, "tick "+report.ShortDuration(s.Tick))
	}
	if shareLimits(s.Hooks, (*hookListing).limits) && !p.Full && !s.Hooks[0].hasDefaultLimits() {
		about = append(about, "limits "+s.Hooks[0].limits())
	}
	p.Line(p.Paint(report.Bold, plaintext.Line(s.Service)), p.Paint(report.Faint, ", "+strings.Join(about, ", ")))
	if len(s.Hooks) == 0 {
		return
	}
	p.Line()
	s.table(p.Full).Print(p)
}
