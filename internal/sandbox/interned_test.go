package sandbox

import (
	"runtime"
	"sync"
	"testing"
)

func TestOneSourceIsOneProgram(t *testing.T) {
	var p programs
	first, err := p.compile("a.lua", "x = 1")
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []struct {
		file, source string
		same         bool
	}{
		{"a.lua", "x = 1", true},
		{"b.lua", "x = 1", false}, // the name stands in messages
		{"a.lua", "x = 2", false},
	} {
		program, err := p.compile(other.file, other.source)
		if err != nil || (program == first) != other.same {
			t.Errorf("%s with %q: got error %v and the same program %v, want %v", other.file, other.source, err, program == first, other.same)
		}
	}
	if _, err := p.compile("a.lua", "x = "); err == nil {
		t.Error("a script that does not compile: got no error")
	}
	runtime.KeepAlive(first)
}

func TestProgramsThatNobodyRunsAreDropped(t *testing.T) {
	var p programs
	for _, source := range []string{"x = 1", "x = 2"} {
		if _, err := p.compile("a.lua", source); err != nil {
			t.Fatal(err)
		}
	}
	left := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.compiled)
	}
	for left() > 0 { // until the runtime has told of both
		runtime.GC()
	}
}

func TestManyCompileAtTheSameTime(t *testing.T) {
	var p programs
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if program, err := p.compile("a.lua", "x = 1"); program == nil || err != nil {
				t.Errorf("got %v, %v", program, err)
			}
		})
	}
	wg.Wait()
}
