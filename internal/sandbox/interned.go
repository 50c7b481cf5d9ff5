package sandbox

import (
	"crypto/sha256"
	"io"
	"runtime"
	"sync"
	"weak"
)

// interned are the programs that this process has compiled, each for as long as something refers to it: a process with
// a thousand services compiles each script once, and a reload compiles only what has changed.
var interned programs

// programs are compiled scripts by name and source.
type programs struct {
	mu       sync.Mutex
	compiled map[programID]weak.Pointer[Program] // nil as long as there is none
}

// programID stands for a file's name and content.
type programID [sha256.Size]byte

func newProgramID(file, source string) (id programID) {
	h := sha256.New()
	_, _ = io.WriteString(h, file+"\x00"+source) // a file's name has no zero byte
	h.Sum(id[:0])
	return id
}

// compile is [Compile]: it finds the program of a name and source where something still holds it, and makes it
// otherwise.
func (p *programs) compile(file, source string) (*Program, error) {
	id := newProgramID(file, source)
	if program := p.find(id); program != nil {
		return program, nil
	}
	program, err := newProgram(file, source)
	if err != nil {
		return nil, err
	}
	return p.share(id, program), nil
}

func (p *programs) find(id programID) *Program {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.compiled[id].Value()
}

// share makes a program available to other callers, and returns it. If another caller was faster, it returns that
// one's.
func (p *programs) share(id programID, program *Program) *Program {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.compiled[id].Value(); other != nil {
		return other
	}
	if p.compiled == nil {
		p.compiled = map[programID]weak.Pointer[Program]{}
	}
	p.compiled[id] = weak.Make(program)
	runtime.AddCleanup(program, p.forget, id)
	return program
}

// forget drops the entry of a program that nothing refers to any more.
func (p *programs) forget(id programID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.compiled[id].Value() == nil {
		delete(p.compiled, id)
	}
}
