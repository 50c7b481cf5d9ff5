package replay

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrun/hookrun/tape"
)

// Call is what came of one record.
type Call struct {
	Example
	Source   []byte         // the record as it was read
	Now      *tape.Recorded // nil where it could not be run
	Then     *tape.Recorded // what it is compared with; nil for nothing
	Recorded *tape.Recorded // what a tape says of it; nil for nothing

	Differences []Difference // of Then and Now
	Header      *tape.Header // which scripts it was recorded with; nil for a record that is of no tape
	Problem     string       // why it could not be run
	Dropped     int64        // calls that are missing at this place, which is no record then
}

// The most that the lists of a report hold.
const (
	maxGroups  = 1000
	maxPaths   = 200 // of a hook
	maxMethods = 5   // of a group
	maxNotes   = 20
	maxCalls   = 5 // that are costly
	maxSource  = 1 << 20
)

// Tally makes a report of calls, in little memory.
type Tally struct {
	report     Report
	methods    index[MethodCount]
	hooks      index[HookReport]
	errors     index[ErrorGroup]
	missing    index[Missing]
	unplayable index[Problem]
	groups     index[Group]
}

// index is a list that is found by key, and does not grow beyond maxGroups.
type index[V any] struct {
	at     map[string]*V
	list   []*V
	beyond int // what came when it was full
}

// get returns the value with a key, and makes it if need be; nil where there is no room for it.
func (x *index[V]) get(key string, make func() *V) *V {
	if v := x.at[key]; v != nil {
		return v
	}
	if len(x.list) == maxGroups {
		x.beyond++
		return nil
	}
	if x.at == nil {
		x.at = map[string]*V{}
	}
	v := make()
	x.at[key] = v
	x.list = append(x.list, v)
	return v
}

// Add counts a call. What it is given is not kept, except for examples.
func (t *Tally) Add(c *Call) {
	r := &t.report
	if c.Dropped > 0 {
		r.Dropped += min(c.Dropped, math.MaxInt64-r.Dropped) // whatever a file says
		return
	}
	if c.Problem != "" {
		if p := t.unplayable.get(general(c.Problem), func() *Problem { return &Problem{Message: c.Problem, Example: c.Example} }); p != nil {
			p.Count++
		}
		return
	}
	r.Calls++
	if m := t.methods.get(c.Service+"\x00"+c.Method, func() *MethodCount { return &MethodCount{Service: c.Service, Method: c.Method} }); m != nil {
		m.Calls++
	}
	if r.Now == nil {
		r.Now = &Endings{}
	}
	r.Now.add(c.Now)
	t.missed(c)
	if c.Then != nil {
		t.compare(c)
	}
	for i := range c.Now.Steps {
		t.step(c, &c.Now.Steps[i])
	}
	if e := c.Now.Error; e != nil && e.Hook == "" && e.Kind != "driver" {
		t.failure(c, e)
	}
	t.costs(c)
}

// Note adds something to know about all calls, unless it was said already.
func (t *Tally) Note(text string) {
	if r := &t.report; len(r.Notes) < maxNotes && !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// Unknown reports whether a run asked what its tape has no answer to, so that nobody knows what it would have done.
func (c *Call) Unknown() bool {
	return missedBy(c.Now) != nil || c.Then != nil && missedBy(c.Then) != nil
}

// missedBy returns the runs that asked in vain.
func missedBy(r *tape.Recorded) (missed []*tape.Failure) {
	for i := range r.Steps {
		if e := r.Steps[i].Error; e != nil && e.Kind == tape.KindAnswer {
			missed = append(missed, e)
		}
	}
	return missed
}

// asked is what a run asked, of the message that says that there is no answer.
func asked(message string) string {
	if _, question, ok := strings.Cut(message, "("); ok {
		return strings.TrimSuffix(question, ")")
	}
	return message
}

// missed counts what the runs asked in vain: those of now and, where another version ran as well, what only its runs
// asked.
func (t *Tally) missed(c *Call) {
	known := map[string]bool{}
	count := func(then bool, all []*tape.Failure) {
		for _, e := range all {
			key := e.Script + ":" + strconv.Itoa(e.Line) + "\x00" + e.Hook + "\x00" + general(e.Message)
			if then && known[key] {
				continue
			}
			known[key] = true
			group := t.missing.get(strconv.FormatBool(then)+key, func() *Missing {
				return &Missing{Hook: e.Hook, Script: e.Script, Line: e.Line, Then: then, Asked: asked(e.Message), Example: c.Example}
			})
			if group != nil {
				group.Count++
			}
		}
	}
	count(false, missedBy(c.Now))
	if c.Then != nil && c.Then != c.Recorded {
		count(true, missedBy(c.Then))
	}
}

func (e *Endings) add(r *tape.Recorded) {
	e.Calls++
	switch {
	case missedBy(r) != nil:
		e.Unknown++
	case r.Outcome == tape.Completed:
		e.Completed++
	case r.Outcome == tape.Rejected:
		e.Rejected++
	default:
		e.Failed++
	}
	e.Instructions += instructions(r)
}

func instructions(r *tape.Recorded) (n int64) {
	for i := range r.Steps {
		n += r.Steps[i].Instructions
	}
	return n
}

// compare counts the differences of a call.
func (t *Tally) compare(c *Call) {
	r := &t.report
	if r.Then == nil {
		r.Then = &Endings{}
	}
	r.Then.add(c.Then)
	if c.Unknown() {
		return
	}
	r.Compared++
	if len(c.Differences) == 0 {
		if sameCost(c.Then, c.Now) {
			r.Then.Same++
			r.Now.Same++
		}
		return
	}
	r.Differing++
	for i := range c.Differences {
		d := &c.Differences[i]
		g := t.groups.get(d.key(), func() *Group {
			return &Group{Kind: d.Kind, About: d.About, Hooks: append([]string{}, d.Hooks...)}
		})
		if g == nil {
			continue
		}
		g.Calls++
		if len(g.Methods) < maxMethods && !slices.Contains(g.Methods, c.Method) {
			g.Methods = append(g.Methods, c.Method)
		}
		// The shortest record says most with least, and is the soonest shrunk.
		if g.Calls == 1 || g.source == nil && len(c.Source) <= maxSource || len(c.Source) < len(g.source) {
			g.Example, g.Then, g.Now, g.source, g.header = c.Example, d.Then, d.Now, nil, c.Header
			if len(c.Source) <= maxSource {
				g.source = bytes.Clone(c.Source)
			}
		}
	}
}

// sameCost reports whether all runs of a call took as many instructions as they did.
func sameCost(then, now *tape.Recorded) bool {
	return slices.EqualFunc(then.Steps, now.Steps, func(a, b tape.Step) bool {
		return a.Hook == b.Hook && a.Phase == b.Phase && a.Instructions == b.Instructions
	})
}

// step counts a run.
func (t *Tally) step(c *Call, st *tape.Step) {
	missed := st.Error != nil && st.Error.Kind == tape.KindAnswer
	if st.Error != nil && !missed {
		t.failure(c, st.Error)
	}
	h := t.hooks.get(c.Service+"\x00"+st.Hook, func() *HookReport {
		return &HookReport{Service: c.Service, Hook: st.Hook, Script: st.Script, Changes: map[string]int{}, Effects: map[string]int{}}
	})
	if h == nil {
		return
	}
	h.Runs++
	h.Instructions += st.Instructions
	h.Highest = max(h.Highest, st.Instructions)
	switch status := st.Status; {
	case missed:
	case status == "suppressed":
		h.Failed++
		h.Suppressed++
	case status == "error":
		h.Failed++
	case status == "rejected":
		h.Rejected++
	}
	root := "result"
	if st.Phase == "pre" {
		root = "args"
	}
	paths := map[string]bool{}
	for _, op := range st.Changes {
		paths[root+generalPath(placeOf(op))] = true
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		h.count(h.Changes, path)
	}
	for _, what := range effectTitles(st) {
		h.count(h.Effects, what)
	}
}

func (h *HookReport) count(in map[string]int, what string) {
	if in[what] == 0 && len(h.Changes)+len(h.Effects) >= maxPaths {
		h.Others++
		return
	}
	in[what]++
}

// failure counts an error, by the line that raised it.
func (t *Tally) failure(c *Call, f *tape.Failure) {
	key := f.Script + ":" + strconv.Itoa(f.Line) + "\x00" + f.Kind + "\x00" + f.Hook + "\x00" + f.Phase
	if f.Script == "" || f.Line == 0 {
		key += "\x00" + general(f.Message)
	}
	group := t.errors.get(key, func() *ErrorGroup {
		return &ErrorGroup{Script: f.Script, Line: f.Line, Kind: f.Kind, Hook: f.Hook, Phase: f.Phase, Message: errorText(f), Example: c.Example}
	})
	if group != nil {
		group.Count++
	}
}

// costs notes the calls that cost most.
func (t *Tally) costs(c *Call) {
	cost := Cost{Example: c.Example, Instructions: instructions(c.Now), Duration: duration(c.Recorded)}
	t.report.Costliest = highest(t.report.Costliest, cost, func(c Cost) int64 { return c.Instructions })
	t.report.Slowest = highest(t.report.Slowest, cost, func(c Cost) int64 { return int64(c.Duration) })
}

// duration is how long the hooks of a call took.
func duration(r *tape.Recorded) (d time.Duration) {
	if r != nil {
		for i := range r.Steps {
			d += r.Steps[i].Duration
		}
	}
	return d
}

// highest adds a call to the list of those that cost most, if it is one of them. Of calls that cost the same the first
// stay.
func highest(list []Cost, c Cost, of func(Cost) int64) []Cost {
	if of(c) == 0 || len(list) == maxCalls && of(c) <= of(list[maxCalls-1]) {
		return list
	}
	at := 0
	for at < len(list) && of(list[at]) >= of(c) {
		at++
	}
	list = slices.Insert(list, at, c)
	return list[:min(len(list), maxCalls)]
}

// Report returns the report of all calls that were added, with what counts most first.
func (t *Tally) Report() *Report {
	r := t.report
	r.Now = cmp.Or(r.Now, &Endings{})
	r.Methods, r.Hooks, r.Errors = list(t.methods.list), list(t.hooks.list), list(t.errors.list)
	r.Missing, r.Unplayable, r.Differences = list(t.missing.list), list(t.unplayable.list), list(t.groups.list)
	r.Notes = list(r.Notes)
	r.Slowest, r.Costliest = list(r.Slowest), list(r.Costliest)
	r.Beyond = Beyond{t.errors.beyond, t.missing.beyond, t.unplayable.beyond, t.groups.beyond}
	slices.SortStableFunc(r.Methods, func(a, b *MethodCount) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Method, b.Method))
	})
	slices.SortStableFunc(r.Hooks, func(a, b *HookReport) int { return cmp.Compare(a.Service, b.Service) })
	slices.SortStableFunc(r.Errors, func(a, b *ErrorGroup) int { return cmp.Compare(b.Count, a.Count) })
	slices.SortStableFunc(r.Missing, func(a, b *Missing) int { return cmp.Compare(b.Count, a.Count) })
	slices.SortStableFunc(r.Unplayable, func(a, b *Problem) int { return cmp.Compare(b.Count, a.Count) })
	slices.SortStableFunc(r.Differences, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(b.Calls, a.Calls))
	})
	return &r
}

var kinds = []Kind{KindOutcome, KindError, KindArgs, KindResult, KindEffect}

// list is a copy that is an empty list, and not null, in JSON.
func list[V any](of []V) []V { return append([]V{}, of...) }
