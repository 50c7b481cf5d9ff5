package regex

import (
	"regexp/syntax"
	"unicode/utf8"
	"unsafe"
)

// findFirst finds the bytes that a match can begin with, so that a search passes over all others without a thread.
func (p *Pattern) findFirst() {
	var first [256]bool
	seen := make([]bool, len(p.insts))
	for todo := []uint32{p.start}; len(todo) > 0; {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch in := &p.insts[pc]; in.Op {
		case syntax.InstMatch:
			return
		case syntax.InstFail:
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, in.Out, in.Arg)
		case syntax.InstNop, syntax.InstCapture, syntax.InstEmptyWidth:
			todo = append(todo, in.Out)
		default:
			addFirst(&first, in)
		}
	}
	p.first = &first
}

// addFirst adds the bytes that a character of an instruction can begin with. The first bytes of all characters beyond
// ASCII are taken together, with those that begin none: they count as U+FFFD.
func addFirst(first *[256]bool, in *syntax.Inst) {
	for c := range rune(utf8.RuneSelf) {
		first[c] = first[c] || in.MatchRune(c)
	}
	n := len(in.Rune)
	foldsOne := n == 1 && syntax.Flags(in.Arg)&syntax.FoldCase != 0 // k stands for the sign of Kelvin as well
	if foldsOne || n > 0 && in.Rune[n-1] >= utf8.RuneSelf {
		for c := utf8.RuneSelf; c < len(first); c++ {
			first[c] = true
		}
	}
}

// weigh adds up the bytes of a pattern.
func (p *Pattern) weigh() int {
	n := int(unsafe.Sizeof(*p)) + len(p.source) + len(p.prefix) + len(p.insts)*int(unsafe.Sizeof(syntax.Inst{}))
	if p.first != nil {
		n += len(p.first)
	}
	for _, name := range p.names {
		n += len(name) + int(unsafe.Sizeof(name))
	}
	var last *rune
	for i := range p.insts {
		r := p.insts[i].Rune
		r = r[:cap(r)] // ends where that of each other copy of a repetition does, and of each other character of a word
		if len(r) > 0 && &r[len(r)-1] != last {
			last = &r[len(r)-1]
			n += len(r) * int(unsafe.Sizeof(*last))
		}
	}
	return n
}
