package profile

import (
	"cmp"
	"slices"
	"time"
)

// Profile is where runs spent what they spent.
type Profile struct {
	Stacks []Stack
	Total  Values
	Rounds int // how often the calls were made

	sources map[string]string
}

// Values are what was spent.
type Values struct {
	Instructions int64         `json:"instructions"`
	Time         time.Duration `json:"time_ns"` // with that of waiting
	Bytes        int64         `json:"bytes"`
}

func (v *Values) add(more Values) {
	v.Instructions += more.Instructions
	v.Time += more.Time
	v.Bytes += more.Bytes
}

// Stack is what was spent at one place, by the functions that led to it.
type Stack struct {
	Frames []Place // innermost first
	Values
}

// Place is a line of a script, or a function of the library.
type Place struct {
	Function string
	File     string // "" for the library
	Line     int    // 0 for the library
	Begins   int    // the line where the function begins
}

// Measured is how long the same runs took that nobody watched.
type Measured struct {
	Running, Waiting time.Duration
}

// Profile is what was spent in all runs up to now, which were this many rounds of the same calls. Measured is the time
// of as many rounds that were not watched. The error says that the lines of a script are not known.
func (p *Profiler) Profile(rounds int, m Measured) (*Profile, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.problem != nil {
		return nil, p.problem
	}
	out := &Profile{Rounds: rounds, sources: p.sources}
	var weights, waits time.Duration
	p.root.each(func(n *node) {
		weights += n.weight(p.least)
		waits += n.waited
	})
	p.root.each(func(n *node) {
		s := Stack{Values: Values{Instructions: n.instructions, Bytes: n.bytes}}
		s.Time = part(m.Running, n.weight(p.least), weights) + part(m.Waiting, n.waited, waits)
		if s.Values == (Values{}) {
			return
		}
		for at := n; at != &p.root; at = at.parent {
			s.Frames = append(s.Frames, p.place(at.frame))
		}
		out.Stacks = append(out.Stacks, s)
		out.Total.add(s.Values)
	})
	slices.SortFunc(out.Stacks, func(a, b Stack) int {
		return cmp.Or(cmp.Compare(b.Instructions, a.Instructions), slices.CompareFunc(a.Frames, b.Frames, comparePlaces))
	})
	return out, nil
}

func comparePlaces(a, b Place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Function, b.Function))
}

// weight is how long a node took, without what it cost to measure.
func (n *node) weight(least time.Duration) time.Duration {
	return max(n.time-time.Duration(n.spans)*least, time.Duration(n.spans))
}

// part is so much of a duration as some of a sum is.
func part(d, some, all time.Duration) time.Duration {
	if all == 0 {
		return 0
	}
	return time.Duration(float64(d) * float64(some) / float64(all))
}

func (n *node) each(do func(*node)) {
	do(n)
	for _, c := range n.children {
		c.each(do)
	}
}

func (p *Profiler) place(f frame) Place {
	if f.proto == nil {
		return Place{Function: f.name}
	}
	fn := p.functions[f.proto]
	return Place{cmp.Or(fn.name, "(unknown)"), cmp.Or(fn.path, f.proto.SourceName), f.line, fn.line}
}

// Row is what was spent by one function, or at one line.
type Row struct {
	Place
	Self Values // by itself; at a line, with the library functions that it calls
	All  Values // with what it calls
}

// Functions are what was spent by each function, the most expensive first.
func (p *Profile) Functions() []Row {
	return p.rows(func(at Place) (Place, bool) {
		at.Line = 0
		return at, true
	})
}

// Lines are what was spent at each line, the most expensive first.
func (p *Profile) Lines() []Row {
	return p.rows(func(at Place) (Place, bool) {
		at.Function, at.Begins = "", 0
		return at, at.File != ""
	})
}

// rows adds up the stacks by what stands for each of their places. What is spent at a place that does not count is
// spent by the next one out.
func (p *Profile) rows(of func(Place) (Place, bool)) []Row {
	rows := map[Place]*Row{}
	for _, s := range p.Stacks {
		seen := map[Place]bool{}
		first := true
		for _, at := range s.Frames {
			key, counts := of(at)
			if !counts {
				continue
			}
			r := rows[key]
			if r == nil {
				r = &Row{Place: key}
				rows[key] = r
			}
			if first {
				r.Self.add(s.Values)
			}
			if !seen[key] {
				r.All.add(s.Values)
			}
			first, seen[key] = false, true
		}
	}
	list := make([]Row, 0, len(rows))
	for _, r := range rows {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Self.Instructions, a.Self.Instructions), cmp.Compare(b.Self.Time, a.Self.Time), comparePlaces(a.Place, b.Place))
	})
	return list
}

// Source is the source of a file.
func (p *Profile) Source(file string) string { return p.sources[file] }
