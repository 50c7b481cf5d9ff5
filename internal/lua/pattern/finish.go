package pattern

import "strings"

// opening tells where the rest of a pattern can begin: at a byte of set, or at the end of the text when end is true. At
// any other place it neither matches nor fails with an error.
type opening struct {
	set
	end bool
}

var anywhere = opening{set: all, end: true}

// finish goes from the last instruction to the first, tells each repetition where the rest can begin, and removes the
// choices that cannot matter.
func (c *compiler) finish() {
	rooms := make([]opening, 0, c.choices+1)
	after := anywhere // where what comes after the instruction can begin
	for i := len(c.prog) - 1; i >= 0; i-- {
		in := &c.prog[i]
		if in.op == opMaybe || in.op == opGreedy || in.op == opLazy {
			rooms = append(rooms, after)
			in.rest = &rooms[len(rooms)-1]
			c.decide(in, c.itemAt(i+1))
		}
		after = before(in, after)
	}
	rooms = append(rooms, after)
	c.start = &rooms[len(rooms)-1]
	if *c.start == anywhere {
		c.start = nil
	}
	c.headlong = c.runsHeadlong()
	c.prefix = c.literalPrefix()
}

// decide makes a greedy repetition keep all that it can take when the rest always matches, or cannot begin with a byte
// that the repetition takes: then giving back a byte leads nowhere. A lazy repetition learns the character that must
// follow.
func (c *compiler) decide(in, next *inst) {
	if in.op == opLazy {
		if in.any && next.op == opChar {
			in.c, in.seeks = next.c, true
		}
		return
	}
	if next.op != opMatch && in.rest.meets(in.set) {
		return
	}
	c.choices--
	if in.op == opMaybe {
		in.op = opOnce
	} else {
		in.op = opAll
	}
}

// before returns where in, with what follows it, can begin.
func before(in *inst, after opening) opening {
	switch in.op {
	case opChar, opSet, opAny:
		return opening{set: *in.set}
	case opMaybe, opGreedy, opAll, opOnce, opLazy:
		if in.min > 0 {
			return opening{set: *in.set}
		}
		after.union(in.set)
		return after
	case opOpen, opClose:
		return after
	case opEnd:
		return opening{end: true}
	case opBalance:
		return opening{set: singles[in.c]}
	case opFrontier:
		after.intersect(in.set)
		after.end = after.end && in.set.has(0)
		return after
	case opFail:
		return opening{}
	default: // opMatch, opAgain, opMistake
		return anywhere
	}
}

// runsHeadlong reports whether the pattern starts with any number of any bytes. Such a start has already reached every
// later place, unless what was captured makes a difference.
func (c *compiler) runsHeadlong() bool {
	for i := range c.prog {
		if c.prog[i].op == opAgain {
			return false
		}
	}
	in := c.itemAt(0)
	return in.any && (in.op == opGreedy || in.op == opAll || in.op == opLazy)
}

// itemAt returns the first instruction from i on that is more than a parenthesis.
func (c *compiler) itemAt(i int) *inst {
	for c.prog[i].op == opOpen || c.prog[i].op == opClose {
		i++
	}
	return &c.prog[i]
}

// literalPrefix returns the plain characters that the pattern starts with, or the first of them where they are many.
func (c *compiler) literalPrefix() string {
	n := 0
	for c.prog[n].op == opChar {
		n++
	}
	if n == 0 {
		if in := c.itemAt(0); in.op == opChar || in.op == opBalance {
			return bytesText[in.c : int(in.c)+1]
		}
		return ""
	}
	n = min(n, maxFast)
	if text := c.source[c.prefixAt():]; strings.IndexByte(text[:n], '%') < 0 {
		return text[:n]
	}
	return bytesText[c.prog[0].c : int(c.prog[0].c)+1]
}

func (c *compiler) prefixAt() int {
	if c.anchored {
		return 1
	}
	return 0
}

// bytesText holds every byte once, in order: a text of one byte is a piece of it.
var bytesText = func() string {
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	return string(all[:])
}()
