// Package coverage collects which lines, functions and branches of scripts were executed, from the VMs themselves: the
// scripts are not changed. A [Collector] is given to any number of engines, and makes one [Report] of them all.
//
// Lines and functions are those of Lua 5.1, exactly: see package reflines.
package coverage

import (
	"cmp"
	"slices"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/reflines"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// Collector is told what VMs execute. The zero value is ready. It may be used by any number of engines at once.
type Collector struct {
	// Skip leaves a file out, by its path. Nil leaves out none.
	Skip func(path string) bool

	mu       sync.Mutex
	scripts  map[script]map[*lua.FunctionProto]bool // the main functions that scripts were compiled to
	counters []*counter
}

// script is a file that was executed, as it was then.
type script struct{ path, source string }

// Compiled takes note of a program, as [sandbox.Watch] says.
func (c *Collector) Compiled(p *sandbox.Program, path, source string) {
	if p.Proto() == nil || c.Skip != nil && c.Skip(path) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scripts == nil {
		c.scripts = map[script]map[*lua.FunctionProto]bool{}
	}
	of := script{path, source}
	if c.scripts[of] == nil {
		c.scripts[of] = map[*lua.FunctionProto]bool{}
	}
	c.scripts[of][p.Proto()] = true
}

// Watcher makes what counts for one VM.
func (c *Collector) Watcher(*sandbox.VM) sandbox.Watcher {
	n := newCounter()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counters = append(c.counters, n)
	return n
}

// Report tells what was executed of each script that was compiled, by path. Nothing may run meanwhile in the engines
// that have the collector. The error is of a script whose lines are not known.
func (c *Collector) Report() (*Report, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.counters {
		n.settleAll()
	}
	r := &Report{}
	for of, protos := range c.scripts {
		lines, err := reflines.New(of.path, of.source)
		if err != nil {
			return nil, err
		}
		r.Files = append(r.Files, newFile(of.path, of.source, lines, lines.Hits(c.total(protos))))
	}
	slices.SortFunc(r.Files, func(a, b *File) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Source, b.Source)) })
	return r, nil
}

// total adds up what all VMs counted of a script, function by function.
func (c *Collector) total(protos map[*lua.FunctionProto]bool) (total []reflines.Counts) {
	for main := range protos {
		for i, proto := range reflines.Flat(main) {
			if i == len(total) {
				n := len(proto.Code)
				total = append(total, reflines.Counts{Steps: make([]int64, n), Extra: make([]int64, n)})
			}
			for _, n := range c.counters {
				if counts := n.counts[proto]; counts != nil {
					add(total[i].Steps, counts.Steps)
					add(total[i].Extra, counts.Extra)
				}
			}
		}
	}
	return total
}

func add(to, more []int64) {
	for i, n := range more {
		to[i] += n
	}
}
