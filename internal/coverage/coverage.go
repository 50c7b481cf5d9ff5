// Package coverage collects which lines, functions and branches of scripts were executed, from the VMs themselves: the
// scripts are not changed. A [Collector] is given to any number of engines, and makes one [Report] of them all.
//
// Lines and functions are those of Lua 5.1, exactly: see package reflines.
package coverage

import (
	"cmp"
	"path/filepath"
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
	scripts  map[script]*compiled
	counters []*counter
}

// script is a file that was executed, as it was then. The file is what all paths to it have in common.
type script struct{ file, source string }

// compiled is what is known of a script.
type compiled struct {
	path  string                      // by which people know it, the shortest of several
	mains map[*lua.FunctionProto]bool // the main functions that it was compiled to
}

// Compiled takes note of a program, as [sandbox.Watch] says.
func (c *Collector) Compiled(p *sandbox.Program, path, source string) {
	if p.Proto() == nil || c.Skip != nil && c.Skip(path) {
		return
	}
	of := script{fileAt(path), source}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scripts == nil {
		c.scripts = map[script]*compiled{}
	}
	if c.scripts[of] == nil {
		c.scripts[of] = &compiled{path: path, mains: map[*lua.FunctionProto]bool{}}
	}
	s := c.scripts[of]
	s.mains[p.Proto()] = true
	if len(path) < len(s.path) || len(path) == len(s.path) && path < s.path {
		s.path = path
	}
}

// fileAt returns the one path of a file that has several; the path as it is where the file is not on this machine.
func fileAt(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(whole); err == nil {
		return real
	}
	return whole
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
	for of, s := range c.scripts {
		lines, err := reflines.New(s.path, of.source)
		if err != nil {
			return nil, err
		}
		r.Files = append(r.Files, newFile(s.path, of.source, lines, lines.Hits(c.total(s.mains))))
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
