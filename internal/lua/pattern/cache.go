package pattern

import "strings"

const (
	maxCached       = 64  // patterns that a Cache holds
	maxCachedLength = 256 // bytes of the longest pattern it holds
)

// Cache keeps the patterns that were compiled last, since scripts use few patterns again and again. The zero value is
// ready for use. A Cache is for one goroutine, and holds a megabyte at most.
type Cache struct {
	patterns map[string]*Pattern
	last     *Pattern
}

// Compile returns what the function Compile returns, or what it returned for the pattern before.
func (c *Cache) Compile(pattern string) *Pattern {
	switch {
	case c.last != nil && c.last.source == pattern:
		return c.last
	case len(pattern) > maxCachedLength:
		return Compile(pattern)
	}
	c.last = c.patterns[pattern]
	if c.last == nil {
		c.add(pattern)
	}
	return c.last
}

func (c *Cache) add(pattern string) {
	if c.patterns == nil {
		c.patterns = map[string]*Pattern{}
	} else if len(c.patterns) == maxCached {
		clear(c.patterns)
	}
	c.last = Compile(strings.Clone(pattern)) // pattern may be a small piece of a large text
	c.patterns[c.last.source] = c.last
}

// CompileUnanchored returns what the function CompileUnanchored returns, or what it returned for the pattern before.
func (c *Cache) CompileUnanchored(pattern string) *Pattern {
	if pattern != "" && pattern[0] == '^' {
		return CompileUnanchored(pattern)
	}
	return c.Compile(pattern)
}
