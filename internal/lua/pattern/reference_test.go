package pattern

import "strings"

// reference is a matcher that follows the manual by plain recursion, one byte at
// a time, without a program: slow, and simple enough to be seen to be right.
type reference struct {
	src, pattern string
	captures     []span
	steps        int // left; the match panics with tooLong when there are none
}

type span struct {
	start, end int
	state      int
}

const (
	stateOpen = iota
	stateClosed
	statePosition
)

// tooLong is what a reference panics with when it ran out of steps.
type tooLong struct{}

// find returns the first match from init on, or start -1. It panics with an Error.
func (r *reference) find(init int) (start, end int) {
	pattern := r.pattern
	anchored := strings.HasPrefix(pattern, "^")
	if anchored {
		pattern = pattern[1:]
	}
	for s := init; s <= len(r.src); s++ {
		r.captures = nil
		if end := r.match(s, pattern); end >= 0 {
			return s, end
		}
		if anchored {
			break
		}
	}
	return -1, -1
}

func (r *reference) match(s int, p string) int {
	r.take(1)
	switch {
	case p == "":
		return s
	case strings.HasPrefix(p, "()"):
		return r.push(span{s, s, statePosition}, s, p[2:])
	case p[0] == '(':
		return r.push(span{start: s}, s, p[1:])
	case p[0] == ')':
		return r.close(s, p[1:])
	case p == "$":
		if s == len(r.src) {
			return s
		}
		return -1
	case strings.HasPrefix(p, "%b"):
		return r.balance(s, p[2:])
	case strings.HasPrefix(p, "%f"):
		return r.frontier(s, p[2:])
	case len(p) > 1 && p[0] == '%' && '0' <= p[1] && p[1] <= '9':
		return r.again(s, int(p[1])-'1', p[2:])
	}
	return r.repeated(s, p)
}

func (r *reference) take(steps int) {
	if r.steps -= steps; r.steps < 0 {
		panic(tooLong{})
	}
}

func (r *reference) push(c span, s int, p string) int {
	if len(r.captures) == 32 {
		panic(errManyCaptures)
	}
	r.captures = append(r.captures, c)
	n := len(r.captures)
	end := r.match(s, p)
	if end < 0 {
		r.captures = r.captures[:n-1]
	}
	return end
}

func (r *reference) close(s int, p string) int {
	for i := len(r.captures) - 1; i >= 0; i-- {
		if r.captures[i].state != stateOpen {
			continue
		}
		r.captures[i].end, r.captures[i].state = s, stateClosed
		end := r.match(s, p)
		if end < 0 {
			r.captures[i].state = stateOpen
		}
		return end
	}
	panic(errNoOpenCapture)
}

func (r *reference) balance(s int, p string) int {
	if len(p) < 2 {
		panic(errUnbalanced)
	}
	if s == len(r.src) || r.src[s] != p[0] {
		return -1
	}
	depth := 1
	for i := s + 1; i < len(r.src); i++ {
		r.take(1)
		if r.src[i] == p[1] {
			depth--
		} else if r.src[i] == p[0] {
			depth++
		}
		if depth == 0 {
			return r.match(i+1, p[2:])
		}
	}
	return -1
}

func (r *reference) frontier(s int, p string) int {
	if p == "" || p[0] != '[' {
		panic(errMissingSet)
	}
	n := unitLength(p)
	var before, here byte
	if s > 0 {
		before = r.src[s-1]
	}
	if s < len(r.src) {
		here = r.src[s]
	}
	if unitMatches(p[:n], before) || !unitMatches(p[:n], here) {
		return -1
	}
	return r.match(s, p[n:])
}

func (r *reference) again(s, n int, p string) int {
	if n < 0 || n >= len(r.captures) || r.captures[n].state == stateOpen {
		panic(errCaptureIndex)
	}
	c := r.captures[n]
	r.take(max(c.end-c.start, 0))
	if c.state == statePosition || !strings.HasPrefix(r.src[s:], r.src[c.start:c.end]) {
		return -1
	}
	return r.match(s+c.end-c.start, p)
}

// repeated matches an item for one byte and its repetition.
func (r *reference) repeated(s int, p string) int {
	n := unitLength(p)
	unit, suffix, rest := p[:n], "", p[n:]
	if rest != "" && strings.Contains("*+-?", rest[:1]) {
		suffix, rest = rest[:1], rest[1:]
	}
	least, most := 1, 1
	switch suffix {
	case "*", "-":
		least, most = 0, len(r.src)
	case "+":
		most = len(r.src)
	case "?":
		least = 0
	}
	count := 0
	for count < most && s+count < len(r.src) && unitMatches(unit, r.src[s+count]) {
		r.take(1)
		count++
	}
	for i := range count - least + 1 {
		taken := count - i
		if suffix == "-" {
			taken = least + i
		}
		if end := r.match(s+taken, rest); end >= 0 {
			return end
		}
	}
	return -1
}
