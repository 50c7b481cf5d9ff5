package replay

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/hookrun/hookrun/tape"
)

// changers tells which hooks change values otherwise than they did: those of the arguments in pre, of the result in
// post. There may be as many paths to ask about as there are changes, so it looks at each change once.
type changers struct {
	hooks  []string
	before []changes
	after  []changes
	known  map[string][]string // the hooks of a path
}

// changes are those of one run.
type changes struct {
	lines     []string         // each change as a text
	at, below map[string][]int // which changes are of the value with a path; of it, or of what is in it
}

func newChangers(kind Kind, then, now *tape.Recorded) *changers {
	phase := map[Kind]string{KindArgs: "pre", KindResult: "post"}[kind]
	c := &changers{known: map[string][]string{}}
	all, before, after := places(then, now)
	for _, at := range all {
		if at.phase == phase {
			c.hooks = append(c.hooks, at.hook)
			c.before = append(c.before, changesOf(before[at]))
			c.after = append(c.after, changesOf(after[at]))
		}
	}
	return c
}

func changesOf(st *tape.Step) changes {
	c := changes{at: map[string][]int{}, below: map[string][]int{}}
	if st == nil {
		return c
	}
	for i, op := range st.Changes {
		c.lines = append(c.lines, fmt.Sprintf("%s %s %s", op.Op, op.Path, op.Value))
		keys := pathKeys(placeOf(op))
		for _, key := range keys {
			c.below[key] = append(c.below[key], i)
		}
		c.at[keys[len(keys)-1]] = append(c.at[keys[len(keys)-1]], i)
	}
	return c
}

// pathKeys are the keys in changes of all that a path leads through, from the root to its end.
func pathKeys(place []any) []string {
	key := ""
	keys := []string{key}
	for _, part := range generalParts(place) {
		key += strconv.Quote(part)
		keys = append(keys, key)
	}
	return keys
}

// of returns the hooks that change a value, or what it is in, or what is in it, otherwise than they did.
func (c *changers) of(path []any) (hooks []string) {
	keys := pathKeys(path)
	end := keys[len(keys)-1]
	if hooks, known := c.known[end]; known {
		return hooks
	}
	for i, hook := range c.hooks {
		if !slices.Equal(c.before[i].touching(keys), c.after[i].touching(keys)) {
			hooks = append(hooks, hook)
		}
	}
	c.known[end] = hooks
	return hooks
}

// touching returns what a run did to a value, in its order.
func (c *changes) touching(keys []string) (lines []string) {
	last := len(keys) - 1
	found := slices.Clone(c.below[keys[last]])
	for _, around := range keys[:last] {
		found = append(found, c.at[around]...)
	}
	slices.Sort(found)
	for _, i := range found {
		lines = append(lines, c.lines[i])
	}
	return lines
}
