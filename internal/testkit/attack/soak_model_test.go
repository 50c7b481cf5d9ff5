package attack

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// account is all that can be known of a call, as it was and as it must have been.
type account struct {
	events []string
	driver []string
	end    string
	result any
	tally  map[string]engine.Stats // by player
}

// forecast is the model of the engine: what must come of a call when the optional hook is on or off. Where a caller
// gave up, it takes from what was seen where that was, and nothing else.
type forecast struct {
	account
	plan *plan
	seen *trail
	cast []player
	off  map[int]bool // by place in the cast, those whose pre failed and was suppressed
}

func foretell(cast []player, p *plan, on bool, seen *trail) account {
	f := &forecast{plan: p, seen: seen, off: map[int]bool{}, account: account{tally: map[string]engine.Stats{}}}
	for _, h := range cast {
		if on || !h.switched {
			f.cast = append(f.cast, h)
		}
	}
	f.call()
	return f.account
}

func (f *forecast) call() {
	f.result = resultOf(f.plan, false, nil)
	if reached, ok := f.before(); !ok {
		f.undo(reached)
		return
	}
	f.driver = []string{f.renamed()}
	if f.plan.fails {
		f.end = errDriver.Error()
		f.undo(len(f.cast))
		return
	}
	f.result = resultOf(f.plan, true, f.after())
}

// before is all pre functions. It returns how many hooks had their turn before the one that ended the call.
func (f *forecast) before() (reached int, ok bool) {
	for i := range f.cast {
		h := &f.cast[i]
		if f.seen.gaveUp && len(f.seen.driver) == 0 && h.takes(engine.PhasePre, f.plan.method) && f.seen.runs[h.Name] == 0 && !f.cut(h, engine.PhasePre) {
			f.end = gaveUpWaiting
			return i, false
		}
		if h.Name == "witness" && f.seen.refuser != "" && !f.plays(f.seen.refuser) { // an attacking hook, whose mind nobody knows
			f.end = f.seen.end
			return i, false
		}
		if !h.takes(engine.PhasePre, f.plan.method) {
			continue
		}
		kind := f.ending(h, engine.PhasePre)
		if h.marks && (f.seen.runs[h.Name] != 0 || !f.cut(h, engine.PhasePre)) {
			f.events = append(f.events, "began "+h.Name)
		}
		if f.count(h, engine.PhasePre, kind); kind == "" {
			continue
		}
		if f.off[i] = h.suppresses(engine.PhasePre) && kind != "reject"; !f.off[i] {
			return i, false
		}
	}
	return len(f.cast), true
}

// after is all post functions. It returns the marks that they leave in the result.
func (f *forecast) after() (marks []string) {
	for i := range f.cast {
		h := &f.cast[i]
		if !h.takes(engine.PhasePost, f.plan.method) {
			continue
		}
		if f.seen.gaveUp && !f.seen.passed[h.Name] && !f.cut(h, engine.PhasePost) {
			f.end = gaveUpWaiting
			return marks
		}
		kind := f.ending(h, engine.PhasePost)
		f.count(h, engine.PhasePost, kind)
		switch {
		case kind != "" && !h.suppresses(engine.PhasePost):
			return marks
		case kind == "" && f.off[i]:
			marks = append(marks, h.Name+"=none")
		case kind == "" && h.marks:
			marks = append(marks, h.Name+"="+strconv.FormatInt(f.seen.runs[h.Name], 10))
		case kind == "":
			marks = append(marks, h.Name+"=true")
		}
	}
	return marks
}

// undo is the failed functions of the first hooks, in reverse order.
func (f *forecast) undo(reached int) {
	for i := reached - 1; i >= 0; i-- {
		h := &f.cast[i]
		if !h.marks || !h.takes(engine.PhaseFailed, f.plan.method) || f.off[i] {
			continue
		}
		f.events = append(f.events, "undone "+h.Name)
		f.count(h, engine.PhaseFailed, f.ending(h, engine.PhaseFailed))
	}
}

// ending is the kind of the error with which a function ends: "" for none.
func (f *forecast) ending(h *player, phase engine.Phase) string {
	if kind := f.seen.cuts[place(h.Name, phase)]; kind != "" {
		return kind
	}
	if h.Name == "hasty" {
		return "timeout"
	}
	ending := f.plan.endings[place(h.Name, phase)]
	switch {
	case ending == "panic" || ending == "collapse":
		return string(engine.KindInternal)
	case ending == "reject" && phase != engine.PhasePre:
		return "script"
	}
	return ending
}

// cut reports whether a function was ended by what others did.
func (f *forecast) cut(h *player, phase engine.Phase) bool {
	return f.seen.cuts[place(h.Name, phase)] != ""
}

// count adds one run of a function to all that is kept of it.
func (f *forecast) count(h *player, phase engine.Phase, kind string) {
	n := f.tally[h.Name]
	n.Runs++
	switch {
	case kind == "reject":
		n.Rejections++
		f.end = "rejected by " + h.Name + " refused"
	case kind != "" && h.suppresses(phase):
		n.Failures++
		n.Suppressed++
		f.events = append(f.events, fmt.Sprintf("failed %s %s %s", h.Name, phase, kind))
	case kind != "":
		n.Failures++
		f.end = fmt.Sprintf("failed %s %s %s", h.Name, phase, kind)
	}
	f.tally[h.Name] = n
}

func (f *forecast) plays(name string) bool {
	return slices.ContainsFunc(f.cast, func(h player) bool { return h.Name == name })
}

// renamed is the name of the record as the driver must get it.
func (f *forecast) renamed() string {
	for i, h := range f.cast {
		if h.ChangeArgs && !f.off[i] && h.takes(engine.PhasePre, f.plan.method) {
			return f.plan.name() + "+" + h.Name
		}
	}
	return f.plan.name()
}

// equals compares all but the tally, of which only the model knows.
func (a account) equals(b account) bool {
	return slices.Equal(a.events, b.events) && slices.Equal(a.driver, b.driver) && a.end == b.end && reflect.DeepEqual(a.result, b.result)
}

func (a account) String() string {
	return fmt.Sprintf("%q, driver %q, end %q, result %+v", a.events, a.driver, a.end, a.result)
}

// resultOf is the result of a call, zero or with marks; of an attack, the marks alone.
func resultOf(p *plan, done bool, marks []string) any {
	switch p.method {
	case "create_snapshot":
		if !done {
			return share.CreateSnapshotResult{}
		}
		r := snapshotResult(p)
		for _, mark := range marks {
			r.ProviderLocation += "|" + mark
		}
		return r
	case "create_share_instance":
		if !done {
			return share.CreateShareInstanceResult{}
		}
		r := shareResult(p)
		for _, mark := range marks {
			r.ExportLocations[0].Path += "|" + mark
		}
		return r
	case "attack":
		return marks
	case "shrink_share":
		return share.ShrinkShareResult{}
	}
	return share.ExtendShareResult{}
}

// foretellTick is the model of a tick on which hooks are due.
func foretellTick(cast []player, on bool, endings map[string]any, seen *trail) account {
	f := &forecast{account: account{tally: map[string]engine.Stats{}}}
	for i := range cast {
		h := &cast[i]
		if !h.marks || h.switched && !on || seen.tick%int64(h.PeriodicEvery) != 0 {
			continue
		}
		kind, _ := endings[h.Name].(string)
		if cut := seen.cuts[place(h.Name, engine.PhasePeriodic)]; cut != "" {
			kind = cut
		}
		if seen.runs[h.Name] != 0 || kind != string(engine.KindInternal) {
			f.events = append(f.events, "ticked "+h.Name)
		}
		if f.count(h, engine.PhasePeriodic, kind); f.end != "" {
			break
		}
	}
	return f.account
}
