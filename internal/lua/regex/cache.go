package regex

// Bounds of a Cache.
const (
	maxCached      = 64      // patterns
	maxCachedBytes = 1 << 20 // of all together
)

// Cache keeps the patterns that were compiled last, since scripts use few patterns again and again. The zero value is
// ready for use. A Cache is for one goroutine, and holds a megabyte at most.
type Cache struct {
	patterns map[string]*Pattern
	bytes    int
	last     *Pattern
}

// Compile returns what the function Compile returns, or what it returned for the pattern before. The meter hears only
// of what is compiled.
func (c *Cache) Compile(pattern string, m Meter) (*Pattern, error) {
	if c.last != nil && c.last.source == pattern {
		return c.last, nil
	}
	p := c.patterns[pattern]
	if p == nil {
		var err error
		if p, err = Compile(pattern, m); err != nil || p.size > maxCachedBytes {
			return p, err
		}
		c.add(p)
	}
	c.last = p
	return p, nil
}

func (c *Cache) add(p *Pattern) {
	if len(c.patterns) == maxCached || c.bytes+p.size > maxCachedBytes {
		c.patterns, c.bytes = nil, 0
	}
	if c.patterns == nil {
		c.patterns = map[string]*Pattern{}
	}
	c.patterns[p.source] = p
	c.bytes += p.size
}
