package reflines

// flow follows what was executed through the code of a function, and returns how often Lua 5.1 would have executed each
// of its instructions.
func (fs *function) flow(t *tree, x *executed) []int64 {
	f := &flow{fs: fs, tree: t, x: x, reached: make([]int64, len(fs.code)+2), passes: make([]int, len(fs.code)), seen: map[spot]int{}}
	f.reached[0] = x.entered()
	for pc := range fs.code {
		f.passes[pc] = -1
		f.instruction(pc)
	}
	f.pass()
	return f.reached[:len(fs.code)]
}

type flow struct {
	fs   *function
	tree *tree
	x    *executed

	reached []int64
	passes  []int // where an instruction hands on all that reached it; -1 where what it hands on is known already
	seen    map[spot]int
}

// theirs is gopher-lua's instruction that does the same as one of Lua 5.1.
func (f *flow) theirs(kind opcode, node int) (pc int, ok bool) {
	if node == 0 {
		return 0, false
	}
	key := spot{kind, node}
	list := f.x.at[key]
	if kind == opConcat && len(list) == 0 { // package syntax makes it a call
		key.does = opCall
		list = f.x.at[key]
	}
	n := f.seen[key]
	if n >= len(list) {
		return 0, false
	}
	f.seen[key]++
	return list[n], true
}

func (f *flow) to(pc int, n int64) { f.reached[min(pc, len(f.reached)-1)] += n }

func (f *flow) instruction(pc int) {
	i := f.fs.code[pc]
	switch i.op {
	case opWord, opReturn:
	case opJmp:
		if f.fs.begins(pc) {
			f.passes[pc] = pc + 1 + i.jump
		}
	case opEq, opLess:
		o, _ := f.x.direct(f.tree, i.node)
		f.branch(pc, o, (i.a == 1) != (f.tree.nodes[i.node].kind == unequalNode))
	case opTest, opTestSet:
		f.test(pc, i)
	case opForPrep:
		if g, ok := f.theirs(i.op, i.node); ok {
			f.to(pc+1+i.jump, f.x.completed(g))
		}
	case opForLoop:
		if g, ok := f.theirs(i.op, i.node); ok {
			o := f.x.loops(g)
			f.to(pc+1+i.jump, o.yes)
			f.to(pc+1, o.no)
		}
	case opTForLoop:
		if g, ok := f.theirs(i.op, i.node); ok {
			f.branch(pc, f.x.loops(g), true)
		}
	case opTailCall:
		if g, ok := f.theirs(i.op, i.node); ok {
			f.to(pc+1, f.x.completed(g))
		}
	default:
		f.straight(pc, i)
	}
}

// begins reports whether an instruction is executed by itself, and so seen by a hook: the jump behind a test is part of
// the test, and the words behind an instruction are part of that.
func (fs *function) begins(pc int) bool {
	switch fs.code[pc].op {
	case opWord:
		return false
	case opJmp:
		return pc == 0 || !fs.code[pc-1].op.decides()
	}
	return true
}

func (op opcode) decides() bool {
	switch op {
	case opEq, opLess, opTest, opTestSet, opTForLoop:
		return true
	}
	return false
}

// branch hands on what a test decided. The jump behind it is part of it.
func (f *flow) branch(pc int, o outcomes, jumpsIf bool) {
	if !jumpsIf {
		o = o.inverted()
	}
	f.to(pc+2+f.fs.code[pc+1].jump, o.yes)
	f.to(pc+2, o.no)
}

func (f *flow) test(pc int, i instruction) {
	if i.never {
		f.passes[pc] = pc + 2
		if i.truth == (i.c == 1) {
			f.passes[pc] += f.fs.code[pc+1].jump
		}
		return
	}
	o, _ := f.x.outcomes(f.tree, i.node)
	f.branch(pc, o, i.c == 1)
}

// straight is an instruction that the next one follows, unless it fails.
func (f *flow) straight(pc int, i instruction) {
	next := pc + 1
	switch i.op {
	case opClosure:
		next += i.c
	case opLoadBool:
		next += i.c
	case opSetList:
		if i.c == 0 {
			next++
		}
	case opGetGlobal, opSetGlobal, opGetTable, opSetTable, opSelf, opArith, opUnm, opLen, opConcat, opCall:
		if g, ok := f.theirs(i.op, i.node); ok {
			f.to(next, f.x.completed(g))
			return
		}
	}
	f.passes[pc] = next
}

// pass hands on what reached the instructions that cannot fail.
func (f *flow) pass() {
	waiting := make([]int, len(f.reached))
	for _, next := range f.passes {
		if next >= 0 {
			waiting[next]++
		}
	}
	done := make([]bool, len(f.passes))
	for pc := range f.passes {
		for at := pc; at < len(done) && !done[at] && waiting[at] == 0; at = f.passes[at] {
			done[at] = true
			if f.passes[at] < 0 {
				break
			}
			f.to(f.passes[at], f.reached[at])
			waiting[f.passes[at]]--
		}
	}
	for pc := range f.passes { // what is left are endless loops, in which all is reached that is part of them
		if !done[pc] && waiting[pc] > 0 {
			f.round(pc, done)
		}
	}
}

func (f *flow) round(start int, done []bool) {
	var loop []int
	var n int64
	for pc := start; !done[pc]; pc = f.passes[pc] {
		done[pc] = true
		loop = append(loop, pc)
		n += f.reached[pc]
	}
	for _, pc := range loop {
		f.reached[pc] = n
	}
}
