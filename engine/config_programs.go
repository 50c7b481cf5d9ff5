package engine

import (
	"crypto/sha256"
	"io"
	"runtime"
	"sync"
	"weak"

	"github.com/hookrun/hookrun/sandbox"
)

// programs are the compiled scripts of a config, which its engines share: each engine reads the files anew, and compiles only what
// no other runs already. They are held by those who run them, so that a config may outlive any number of reloads.
type programs struct {
	mu       sync.Mutex
	compiled map[programID]weak.Pointer[sandbox.Program] // nil as long as there is none
}

// programID stands for a file's name and content.
type programID [sha256.Size]byte

func newProgramID(file, source string) (id programID) {
	h := sha256.New()
	_, _ = io.WriteString(h, file+"\x00"+source) // a file's name has no zero byte
	h.Sum(id[:0])
	return id
}

// compile is [sandbox.Compile] for what nobody has compiled yet.
func (p *programs) compile(file, source string) (*sandbox.Program, error) {
	id := newProgramID(file, source)
	if program := p.find(id); program != nil {
		return program, nil
	}
	program, err := sandbox.Compile(file, source)
	if err != nil {
		return nil, err
	}
	return p.share(id, program), nil
}

func (p *programs) find(id programID) *sandbox.Program {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.compiled[id].Value()
}

// share offers a program to others, unless somebody was faster.
func (p *programs) share(id programID, program *sandbox.Program) *sandbox.Program {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.compiled[id].Value(); other != nil {
		return other
	}
	if p.compiled == nil {
		p.compiled = map[programID]weak.Pointer[sandbox.Program]{}
	}
	p.compiled[id] = weak.Make(program)
	runtime.AddCleanup(program, p.forget, id)
	return program
}

// forget drops the place of a program that nobody runs any more.
func (p *programs) forget(id programID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.compiled[id].Value() == nil {
		delete(p.compiled, id)
	}
}
