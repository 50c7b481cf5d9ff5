package regex

import (
	"strings"
	"testing"
)

// large is a pattern of nearly ten thousand instructions.
var large = strings.Repeat("[ab]{0,900}", 5) + "c"

// heavy are searches that take many steps for each character, and at least so many in all.
var heavy = map[string]struct {
	pattern, text string
	steps         int
}{
	"one thread":                  {`(.*)b`, strings.Repeat("a", 30_000), 2 * 30_000},
	"many threads":                {`(?:a?){30}a{30}b`, strings.Repeat("a", 3_000), 60 * 3_000},
	"many optional threads":       {`(?:a{0,500}){2}b`, strings.Repeat("a", 1_000), 500 * 1_000},
	"threads with captures":       {strings.Repeat("(a?)", 90) + "b", strings.Repeat("a", 300), 5 * 90 * 300},
	"a large pattern":             {large, strings.Repeat("a", 500), 1_000 * 500},
	"classes":                     {`(?:\pL?){50}\pN`, strings.Repeat("äb", 500), 50 * 1_000},
	"boundaries":                  {`(?:\b|\B|a)*c`, strings.Repeat("a ", 3_000), 5 * 6_000},
	"conditions that do not hold": {strings.Repeat(`(?:\B\b)?`, 1_500) + `\z`, strings.Repeat("a", 300), 1_500 * 300},
	"nothing, in no time":         {`[0-9]`, strings.Repeat("a", 300_000), 300_000 / bytesPerStep},
	"a text that nearly matches":  {`aab`, strings.Repeat("a", 300_000), 3 * 300_000},
	"a text, in no time":          {`baa`, strings.Repeat("a", 300_000), 299_000 / fastPerStep},
	"no character, at each place": {`$\b`, strings.Repeat("a", 30_000), 30_000},
}

func TestSearchesAreCountedAsTheyGo(t *testing.T) {
	for name, s := range heavy {
		p := compile(t, s.pattern)
		whole := tally{allowed: ample}
		m := Matcher{Meter: &whole}
		m.Find(p, s.text, 0)
		if whole.steps < s.steps {
			t.Errorf("%s: got %d steps, want %d or more", name, whole.steps, s.steps)
		}
		if most := 2*reportSteps + maxProgram; whole.most > most {
			t.Errorf("%s: got %d steps at once, want %d at most", name, whole.most, most)
		}
		part := tally{allowed: whole.steps / 2}
		m.Meter = &part
		if got := stopped(func() { m.Find(p, s.text, 0) }); !got || part.steps > part.allowed+whole.most {
			t.Errorf("%s: stopped: %v, after %d of %d steps", name, got, part.steps, part.allowed)
		}
		m.Meter = &whole
		if simple := compile(t, "(b)"); !m.Find(simple, "abc", 0) {
			t.Errorf("%s: the matcher finds nothing afterwards", name)
		}
	}
}

func stopped(f func()) (stopped bool) {
	defer func() { stopped = recover() == spent{} }()
	f()
	return false
}

func TestMatchersLetGoOfLargePatterns(t *testing.T) {
	m := newMatcher()
	m.Find(compile(t, large), "abc", 0)
	asked := m.Meter.(*tally).bytes
	if got := cap(m.sets[0].captures); got < 9000 || asked < 2*8*got {
		t.Errorf("got room for %d places, asked for %d bytes", got, asked)
	}
	m.Release()
	if m.sets[0].slots != nil || m.sets[0].captures != nil {
		t.Error("the room is kept")
	}
	m.Find(compile(t, `(a)`), "a", 0)
	before := &m.sets[0].slots[0]
	m.Release()
	m.Find(compile(t, `(a)(b)`), "ab", 0)
	if before != &m.sets[0].slots[0] {
		t.Error("the room for a small pattern is not kept")
	}
}

func TestCacheKeepsWhatIsUsedAgain(t *testing.T) {
	var c Cache
	var m tally
	m.allowed = ample
	get := func(pattern string) *Pattern {
		p, err := c.Compile(pattern, &m)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a := get("a+")
	if steps := m.steps; get("a+") != a || get("b") == a || get("a+") != a || m.steps == steps {
		t.Error("a pattern is compiled again, or taken for another")
	}
	if _, err := c.Compile("a(", &m); err == nil || get("a+") != a {
		t.Error("a mistake changes the cache")
	}
}

func TestCacheIsBounded(t *testing.T) {
	var c Cache
	m := tally{allowed: ample}
	for i := range 1000 {
		if _, err := c.Compile(strings.Repeat("a", i), &m); err != nil {
			t.Fatal(err)
		}
		checkCache(t, &c)
	}
	for i := range 100 {
		if _, err := c.Compile(strings.Repeat(`(?:\pL\pN){200}`, 1+i%9)+strings.Repeat("b", i), &m); err != nil {
			t.Fatal(err)
		}
		checkCache(t, &c)
	}
}

func checkCache(t *testing.T, c *Cache) {
	t.Helper()
	bytes := 0
	for _, p := range c.patterns {
		bytes += p.Size()
	}
	if bytes != c.bytes || bytes > maxCachedBytes || len(c.patterns) > maxCached {
		t.Fatalf("got %d patterns of %d bytes, counted as %d", len(c.patterns), bytes, c.bytes)
	}
}
