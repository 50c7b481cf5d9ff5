package pattern

import (
	"math/bits"
	"strings"
)

type op uint8

// The instructions. Those of one byte come first, then those that repeat.
const (
	opChar     op = iota // the byte c
	opSet                // a byte of set
	opAny                // any byte
	opMaybe              // a byte of set, or nothing
	opGreedy             // as many bytes of set as lead to a match, min at least
	opAll                // as many bytes of set as there are, min at least: fewer cannot lead to a match
	opOnce               // opMaybe that takes a byte of set where there is one: without it there is no match
	opLazy               // as few bytes of set as lead to a match
	opOpen               // capture n starts
	opClose              // capture n ends
	opEnd                // the end of the text
	opMatch              // the end of the pattern
	opAgain              // what capture n holds, once more
	opBalance            // a text balanced between c and n
	opFrontier           // between a byte outside set and one inside
	opFail               // no match
	opMistake            // the error mistakes[n]
)

// inst is one instruction of a program.
type inst struct {
	op    op
	min   uint8 // fewest bytes that a repetition takes
	any   bool  // set has every byte
	seeks bool  // of opLazy: it ends at the first c
	c     byte  // of opChar and opBalance
	n     uint8 // a capture, the second character of opBalance, or a mistake
	set   *set
	rest  *opening // what follows a repetition
}

// mistakes are the errors that an instruction can stand for.
var mistakes = [...]Error{
	errEndsInEscape, errMissingBracket, errMissingSet, errUnbalanced,
	errCaptureIndex, errNoOpenCapture, errManyCaptures, errTooLong,
}

// compiler makes the program of a pattern, item by item.
type compiler struct {
	*Pattern
	src  string
	at   int
	sets []set  // room for the sets in brackets
	open uint32 // captures that wait for their ")", a bit each
}

func (c *compiler) program() {
	if len(c.src) > MaxPattern {
		c.prog = make([]inst, 0, 1)
		c.mistake(errTooLong)
	} else {
		c.prog = make([]inst, 0, len(c.src)-c.at+1)
		c.sets = make([]set, 0, min(strings.Count(c.src, "["), strings.Count(c.src, "]")))
		for c.at < len(c.src) && c.item() {
		}
		if n := len(c.prog); n == 0 || c.prog[n-1].op != opMistake {
			c.emit(inst{op: opMatch})
		}
	}
	c.unfinished = c.open
	c.finish()
}

func (c *compiler) emit(in inst) bool {
	c.prog = append(c.prog, in)
	return true
}

// mistake ends the program with an error.
func (c *compiler) mistake(err Error) bool {
	for n, e := range mistakes {
		if e == err {
			c.emit(inst{op: opMistake, n: uint8(n)})
		}
	}
	return false
}

// item compiles the item at the current place. It returns false after a mistake.
func (c *compiler) item() bool {
	rest := c.src[c.at:]
	switch {
	case rest[0] == '(':
		return c.opening(len(rest) > 1 && rest[1] == ')')
	case rest[0] == ')':
		return c.closing()
	case rest == "$":
		c.at++
		return c.emit(inst{op: opEnd})
	case rest[0] == '%' && len(rest) > 1:
		switch next := rest[1]; {
		case next == 'b':
			return c.balance(rest[2:])
		case next == 'f':
			return c.frontier()
		case '0' <= next && next <= '9':
			return c.again(int(next) - '1')
		}
	}
	return c.bytes()
}

func (c *compiler) opening(position bool) bool {
	if c.captures == maxCaptures {
		return c.mistake(errManyCaptures)
	}
	n := c.captures
	c.captures++
	c.at++
	if position {
		c.at++
		c.positions |= 1 << n
	} else {
		c.open |= 1 << n
	}
	return c.emit(inst{op: opOpen, n: uint8(n)})
}

func (c *compiler) closing() bool {
	if c.open == 0 {
		return c.mistake(errNoOpenCapture)
	}
	n := bits.Len32(c.open) - 1
	c.open &^= 1 << n
	c.at++
	return c.emit(inst{op: opClose, n: uint8(n)})
}

func (c *compiler) again(n int) bool {
	if n < 0 || n >= c.captures || c.open&(1<<n) != 0 {
		return c.mistake(errCaptureIndex)
	}
	c.at += 2
	if c.positions&(1<<n) != 0 {
		return c.emit(inst{op: opFail}) // a position is not a text that could come again
	}
	return c.emit(inst{op: opAgain, n: uint8(n)})
}

func (c *compiler) balance(delimiters string) bool {
	if len(delimiters) < 2 {
		return c.mistake(errUnbalanced)
	}
	c.at += 4
	return c.emit(inst{op: opBalance, c: delimiters[0], n: delimiters[1]})
}

func (c *compiler) frontier() bool {
	c.at += 2
	if c.at == len(c.src) || c.src[c.at] != '[' {
		return c.mistake(errMissingSet)
	}
	s, err := c.brackets()
	if err != "" {
		return c.mistake(err)
	}
	return c.emit(inst{op: opFrontier, set: s})
}
