package pattern

import (
	"errors"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/lua51"
)

// budget is a Meter that has so many steps to give.
type budget struct {
	steps, bytes int // left
}

var errSpent = errors.New("budget spent")

func (b *budget) Steps(n int) error {
	if b.steps -= n; b.steps < 0 {
		return errSpent
	}
	return nil
}

func (b *budget) Bytes(n int) error {
	if b.bytes -= n; b.bytes < 0 {
		return errSpent
	}
	return nil
}

// referenceFind is what find shows, by the reference. ok is false when it took too long to know.
func referenceFind(src, pattern string, init int) (shown string, ok bool) {
	r := &reference{src: src, pattern: pattern, steps: 20_000}
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case Error:
			shown, ok = lua51.Show(thrown), true
		case tooLong:
			shown, ok = "", false
		default:
			panic(thrown)
		}
	}()
	start, end := r.find(init)
	if start < 0 {
		return lua51.Show(nil), true
	}
	values := []any{start + 1, end}
	for _, c := range r.captures {
		switch c.state {
		case stateOpen:
			panic(errUnfinished)
		case statePosition:
			values = append(values, c.start+1)
		default:
			values = append(values, src[c.start:c.end])
		}
	}
	return lua51.Show(values...), true
}

func FuzzFindAgreesWithReference(f *testing.F) {
	g := newGenerator(3)
	for range 300 {
		f.Add(g.subject(), g.pattern(), g.IntN(5), g.IntN(3000))
	}
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a*a*a*a*a*a*a*b", 0, 5000)
	f.Add("(((((((((((", "%b().-%b()", 0, 100)
	f.Fuzz(func(t *testing.T, src, pattern string, init, steps int) {
		if len(src) > 1<<12 || len(pattern) > 1<<8 {
			return
		}
		init = min(max(init, 0), len(src))
		want, known := referenceFind(src, pattern, init)
		meter := &budget{steps: 1 << 18, bytes: 1 << 20}
		l := library{Matcher: Matcher{Meter: meter}}
		got := l.findPattern(src, pattern, init)
		if known && got != want {
			t.Errorf("find(%q, %q, %d)\n got %s\nwant %s", src, pattern, init, got, want)
		}
		checkBudget(t, &l, src, pattern, init, min(max(steps, 0), 1<<16), got)
	})
}

// checkBudget runs a search again with fewer steps: it ends as before, or because
// they are spent, and then not much later.
func checkBudget(t *testing.T, l *library, src, pattern string, init, steps int, want string) {
	t.Helper()
	meter := &budget{steps: steps, bytes: 1 << 20}
	l.Meter = meter
	got := l.findPattern(src, pattern, init)
	if got != want && got != lua51.Show(errSpent) {
		t.Errorf("find(%q, %q, %d) with %d steps\n got %s\nwant %s", src, pattern, init, steps, got, want)
	}
	if most := MaxArrears + len(src)/fastPerStep; -meter.steps > most {
		t.Errorf("find(%q, %q, %d) overdrew by %d steps; want %d at most", src, pattern, init, -meter.steps, most)
	}
}

// findPattern is string.find with pattern never taken for plain text.
func (l *library) findPattern(src, pattern string, init int) string {
	found, err := l.Find(l.Compile(pattern), src, init)
	if !found {
		return result(err, nil)
	}
	captures, err := l.captures(false)
	return result(err, append([]any{l.Start() + 1, l.End()}, captures...)...)
}

// FuzzGsub checks that gsub and gmatch see the same matches, and what they cost.
func FuzzGsub(f *testing.F) {
	g := newGenerator(4)
	for range 300 {
		f.Add(g.subject(), g.pattern(), g.template())
	}
	f.Fuzz(func(t *testing.T, src, pattern, template string) {
		if len(src) > 1<<10 || len(pattern) > 1<<8 || len(template) > 1<<8 {
			return
		}
		meter := &budget{steps: 1 << 20, bytes: 1 << 20}
		m := Matcher{Meter: meter}
		p := CompileUnanchored(pattern)
		text, n, err := m.Gsub(p, src, "%0", len(src)+1)
		if err == nil && text != src {
			t.Errorf("gsub(%q, %q, %q) = %q", src, pattern, "%0", text)
		}
		matches := 0
		for g := NewGmatch(p, src); err == nil; matches++ {
			found, err := g.Next(&m)
			if err != nil {
				return
			}
			if !found {
				break
			}
		}
		if err == nil && matches != n {
			t.Errorf("gmatch(%q, %q) has %d matches, gsub %d", src, pattern, matches, n)
		}
		meter.steps = 1000
		_, _, err = m.Gsub(p, src, template, len(src)+1)
		if over := -meter.steps; over > 2*MaxArrears {
			t.Errorf("gsub(%q, %q, %q) overdrew by %d steps, err %v", src, pattern, template, over, err)
		}
	})
}
