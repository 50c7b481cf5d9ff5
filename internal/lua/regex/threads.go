package regex

import "regexp/syntax"

// threads are those before one character. Which instructions they came past is a sparse set
// (https://research.swtch.com/sparse): seen[slots[pc]] is pc where they came past pc, so nothing needs to be cleared.
type threads struct {
	slots    []uint32
	seen     []uint32
	at       []uint32 // the instructions that wait for the character, those to be preferred first
	captures []int    // theirs
}

// branch is an instruction to go on with, or, for capture >= 0, the value that a place of a capture had before.
type branch struct {
	pc      uint32
	capture int
	value   int
}

// follow adds the threads that one at an instruction, with the captures that are tracked, becomes before the character
// ahead, at a place.
func (m *Matcher) follow(to *threads, pc uint32, at int, ahead rune) {
	for {
		in := &m.pattern.insts[pc]
		goesOn := to.add(pc)
		if goesOn {
			switch in.Op {
			case syntax.InstAlt, syntax.InstAltMatch:
				m.pending = append(m.pending, branch{pc: in.Arg, capture: -1})
			case syntax.InstCapture:
				if len(m.pending) > 0 {
					m.pending = append(m.pending, branch{capture: int(in.Arg), value: m.tracked[in.Arg]})
				}
				m.tracked[in.Arg] = at
			case syntax.InstEmptyWidth:
				goesOn = syntax.EmptyOp(in.Arg)&^syntax.EmptyOpContext(m.runeBefore(at), ahead) == 0
			case syntax.InstNop:
			case syntax.InstFail:
				goesOn = false
			default:
				copy(to.captures[len(to.at)*m.width:], m.tracked)
				to.at = append(to.at, pc)
				goesOn = false
			}
		}
		if pc = in.Out; !goesOn {
			var ok bool
			if pc, ok = m.nextBranch(); !ok {
				return
			}
		}
	}
}

// nextBranch returns the instruction to go on with, and gives the captures that are tracked back what they held there.
func (m *Matcher) nextBranch() (pc uint32, ok bool) {
	for n := len(m.pending) - 1; n >= 0; n-- {
		b := m.pending[n]
		m.pending = m.pending[:n]
		if b.capture < 0 {
			return b.pc, true
		}
		m.tracked[b.capture] = b.value
	}
	return 0, false
}

// add reports whether an instruction is new to a set.
func (t *threads) add(pc uint32) bool {
	if slot := t.slots[pc]; int(slot) < len(t.seen) && t.seen[slot] == pc {
		return false
	}
	t.slots[pc] = uint32(len(t.seen))
	t.seen = append(t.seen, pc)
	return true
}

func (t *threads) clear() { t.seen, t.at = t.seen[:0], t.at[:0] }
