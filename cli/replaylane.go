package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/tape"
)

// edition is a version of the hooks: those of one config.
type edition struct {
	*runner
	from  string // goes before the names of its files, such as "git:HEAD:"; "" where they are files of this machine
	lanes map[string]*lane
}

// failed is an error of loading the version, with files that say which version they are of.
func (v *edition) failed(err error) error {
	var invalid *config.Error
	if v.from == "" || !errors.As(err, &invalid) {
		return err
	}
	named := *invalid
	named.Problems = slices.Clone(invalid.Problems)
	for i := range named.Problems {
		named.Problems[i].File = v.from + named.Problems[i].File
	}
	return &named
}

func (v *edition) close() {
	for _, l := range v.lanes {
		for _, of := range l.loaded {
			_ = of.eng.Close() // a dry run leaves nothing that an error could lose
		}
	}
}

// lane is a version of the hooks of a service, which gets the calls in their order.
type lane struct {
	of      *edition
	version int
	service string
	// loaded are the scripts as they are loaded, the last first. Where a tape has a reload, calls that were under way
	// then finish with those before.
	loaded []*loaded
}

// loaded is an engine for the calls of a generation, in a world of its own.
type loaded struct {
	header *tape.Header // nil for calls that are of no tape
	hooks  *selection
	eng    *engine.Engine
}

// lanesOf returns the lanes in which a line runs.
func (p *replaying) lanesOf(l *played) (lanes []*lane) {
	for i, v := range p.editions {
		switch {
		case l.header != nil:
			v.services.Lock()
			service, err := v.hooks.pick(v.cfg, l.header.Service)
			v.services.Unlock()
			if err == nil { // else its calls say so
				lanes = append(lanes, v.lane(i, service))
			}
		case l.runs != nil:
			lanes = append(lanes, v.lane(i, l.runs[i].service))
		}
	}
	return lanes
}

func (v *edition) lane(version int, service string) *lane {
	l := v.lanes[service]
	if l == nil {
		l = &lane{of: v, version: version, service: service}
		if v.lanes == nil {
			v.lanes = map[string]*lane{}
		}
		v.lanes[service] = l
	}
	return l
}

// execute runs a call, or loads the scripts anew where a header says that the service did. The error says why they
// cannot be loaded.
func (l *lane) execute(ctx context.Context, line *played) error {
	if line.header != nil {
		return l.reload(ctx, line.header)
	}
	if l.loaded == nil {
		if err := l.load(ctx, nil); err != nil {
			return err
		}
	}
	in := l.loaded[0]
	if c := line.call.Recorded; c != nil && in.header != nil {
		if len(l.loaded) > 1 && c.Generation == l.loaded[1].header.Generation && c.Generation != in.header.Generation {
			in = l.loaded[1]
		}
		if l.version == 0 {
			line.call.Header = in.header
		}
	}
	ctx = telling(ctx, toldOf(line.record.Service, line.call.Recorded, in.header), line.call.At)
	b := runner{hooks: in.hooks}
	b.execute(ctx, in.eng, line.runs[l.version])
	return nil
}

// telling returns a context in which a call is told what its tape has, or random numbers where it is of none. They are
// the same for a record in each version and try, or hooks would differ from themselves.
func telling(ctx context.Context, told *tape.Call, at string) context.Context {
	if told != nil {
		return told.Replaying(ctx)
	}
	return answers.With(ctx, &answers.Call{Seed: at})
}

// toldOf is the call whose answers a record gets; nil for one that goes by the world. A record that was taken out of
// its tape has lost its header, but not its answers.
func toldOf(service string, r *tape.Recorded, h *tape.Header) *tape.Call {
	if r == nil || h == nil && !slices.ContainsFunc(r.Steps, func(st tape.Step) bool { return len(st.Answers) > 0 }) {
		return nil
	}
	return &tape.Call{Service: service, Recorded: r}
}

// reload loads the scripts for the calls after a header, unless it says again what an earlier one has said.
func (l *lane) reload(ctx context.Context, h *tape.Header) error {
	if len(l.loaded) > 0 && l.loaded[0].header != nil && l.loaded[0].header.Generation == h.Generation && l.loaded[0].header.At.Equal(h.At) {
		return nil
	}
	return l.load(ctx, h)
}

func (l *lane) load(ctx context.Context, h *tape.Header) error {
	if n := len(l.loaded) - 1; n >= 0 && (n > 0 || l.loaded[n].header == nil) {
		_ = l.loaded[n].eng.Close()
		l.loaded = l.loaded[:n]
	}
	hooks, err := l.of.hooks.fresh(ctx)
	if err != nil {
		return err
	}
	l.of.services.Lock() // the config of scripts that are in none gets a service whenever a record has another one
	eng, err := hooks.replayEngine(l.of.cfg, l.service, h)
	l.of.services.Unlock()
	if err != nil {
		return l.of.failed(err)
	}
	l.loaded = append([]*loaded{{h, hooks, eng}}, l.loaded...)
	return nil
}

// replayEngine makes an engine for the calls after a header; nil for calls that are of no tape.
func (s *selection) replayEngine(cfg *config.Config, service string, h *tape.Header) (*engine.Engine, error) {
	o := s.engineOptions(cfg, &loadLogs{})
	if h != nil {
		o.Told, o.Objects = h.Told(), h.StandIns()
		for name, own := range s.program.Objects { // that the service did not have then
			if _, has := o.Objects[name]; !has {
				o.Objects[name] = own
			}
		}
	}
	return engine.New(cfg, service, o)
}

// notes says what is not as it was when a tape was recorded.
func (p *replaying) notes(h *tape.Header) {
	if h.Zone != "" && !sameClocks(h, time.Local) {
		then, here := zoneText(h.Zone, h.At), zoneText(time.Local.String(), h.At.Local())
		p.tally.Note(fmt.Sprintf("%s was recorded in the time zone %s, and this is %s: os.date differs", h.Service, then, here))
	}
	now := p.editions[0].cfg
	folder := luafiles.In(now.FS, now.Scripts)
	var changed []string
	for _, s := range h.Scripts {
		source, err := folder.Read(s.Path)
		if err != nil || luafiles.Hash(source) != s.SHA256 {
			changed = append(changed, s.Path)
		}
	}
	if len(changed) > 0 {
		p.tally.Note(fmt.Sprintf("changed since generation %d of %s was recorded: %s", h.Generation, h.Service, strings.Join(changed, ", ")))
	}
}

// sameClocks reports whether the clocks in a zone show what those of a recorded process did: all year round or, where a
// tape does not have the rules of its zone, when the scripts were loaded.
func sameClocks(h *tape.Header, zone *time.Location) bool {
	same := func(a, b time.Time) bool {
		_, then := a.Zone()
		_, now := b.Zone()
		return then == now
	}
	if there, err := time.LoadLocation(h.Zone); err == nil && there != time.Local {
		for month := range 12 {
			at := h.At.AddDate(0, month, 0)
			if !same(at.In(there), at.In(zone)) {
				return false
			}
		}
		return true
	}
	return same(h.At, h.At.In(zone))
}

// zoneText is the name of a zone, or how far from UTC it is where it has none.
func zoneText(name string, at time.Time) string {
	if name == "Local" {
		return at.Format("UTC-07:00")
	}
	return name
}
