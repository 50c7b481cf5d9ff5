package pattern

// bytes compiles an item that stands for one byte, with the repetition after it.
func (c *compiler) bytes() bool {
	in, err := c.single()
	if err != "" {
		return c.mistake(err)
	}
	if c.at == len(c.src) {
		return c.emit(in)
	}
	switch c.src[c.at] {
	case '?':
		in.op = opMaybe
	case '*':
		in.op = opGreedy
	case '+':
		in.op, in.min = opGreedy, 1
	case '-':
		in.op = opLazy
	default:
		return c.emit(in)
	}
	c.at++
	c.choices++
	return c.emit(in)
}

// single reads a character, a class, a set in brackets or ".".
func (c *compiler) single() (inst, Error) {
	switch ch := c.src[c.at]; ch {
	case '.':
		c.at++
		return inst{op: opAny, any: true, set: &all}, ""
	case '[':
		s, err := c.brackets()
		return inst{op: opSet, set: s}, err
	case '%':
		if c.at+1 == len(c.src) {
			return inst{}, errEndsInEscape
		}
		escaped := c.src[c.at+1]
		c.at += 2
		if s := classes[escaped]; s != nil {
			return inst{op: opSet, set: s}, ""
		}
		return char(escaped), ""
	default:
		c.at++
		return char(ch), ""
	}
}

func char(ch byte) inst { return inst{op: opChar, c: ch, set: &singles[ch]} }

// brackets reads a set "[...]".
func (c *compiler) brackets() (*set, Error) {
	first := c.at + 1
	inverse := first < len(c.src) && c.src[first] == '^'
	if inverse {
		first++
	}
	end := c.bracketsEnd(first)
	if end < 0 {
		return nil, errMissingBracket
	}
	c.at = end + 1
	c.sets = append(c.sets, set{})
	s := &c.sets[len(c.sets)-1]
	c.members(s, first, end)
	if inverse {
		s.invert()
	}
	return s, ""
}

// bracketsEnd finds the "]" of a set whose members start at first, or returns -1. The first member may be a "]" itself.
func (c *compiler) bracketsEnd(first int) int {
	for i := first; i < len(c.src); {
		escape := c.src[i] == '%'
		i++
		if escape && i < len(c.src) {
			i++
		}
		if i < len(c.src) && c.src[i] == ']' {
			return i
		}
	}
	return -1
}

// members adds the members between first and end. A "%" that ends a range is the upper bound of the range, and a "%" as
// the last member escapes the closing bracket: both as the reference implementation reads them.
func (c *compiler) members(s *set, first, end int) {
	for i := first; i < end; i++ {
		switch {
		case c.src[i] == '%':
			i++
			s.union(class(c.src[i]))
		case c.src[i+1] == '-' && i+2 < end:
			s.addRange(c.src[i], c.src[i+2])
			i += 2
		default:
			s.add(c.src[i])
		}
	}
}
