package luagen

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/luasource"
	"github.com/hookrun/hookrun/internal/luasource/luatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	programs = flag.Int("programs", 3000, "how many generated programs to compare with lua5.1")
	seed     = flag.Uint64("seed", 1, "seed of the first generated program")
)

// reference is an interpreter whose answers count, and what makes programs for it.
type reference struct {
	lua      string
	generate func(seed uint64) Program
}

func newReference(t *testing.T, name string, generate func(uint64) Program) reference {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s, the reference interpreter, is not installed (Debian: apt-get install %[1]s)", name)
	}
	return reference{path, generate}
}

// ask lets the reference interpreter run programs, and returns what each printed.
func (ref reference) ask(programs []Program) ([]string, error) {
	var in bytes.Buffer
	for _, text := range append([]string{Prelude}, sources(programs)...) {
		fmt.Fprintf(&in, "%d\n%s", len(text), text)
	}
	cmd := exec.Command(ref.lua, filepath.Join("testdata", "driver.lua"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	return chunks(bufio.NewReader(bytes.NewReader(out)), len(programs))
}

func sources(programs []Program) []string {
	var texts []string
	for _, p := range programs {
		texts = append(texts, p.Source())
	}
	return texts
}

func chunks(r *bufio.Reader, n int) ([]string, error) {
	list := make([]string, n)
	for i := range list {
		var size int
		if _, err := fmt.Fscanf(r, "%d\n", &size); err != nil {
			return nil, err
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, err
		}
		list[i] = string(text)
	}
	return list, nil
}

var prelude = sync.OnceValues(func() (*lua.FunctionProto, error) { return luasource.Compile("prelude", Prelude) })

// ours runs a program in gopher-lua, in the state of m.
func ours(m *luatest.Machine, p Program) string {
	proto, err := luasource.Compile("program", p.Source())
	if err != nil {
		return "cannot be compiled: " + err.Error()
	}
	env := m.NewEnv()
	start, err := prelude()
	if err == nil {
		_, err = m.Exec(env, start)
	}
	if err != nil {
		return err.Error()
	}
	printed, err := m.Exec(env, proto)
	if err != nil {
		printed += "failed"
	}
	return printed
}

func TestProgramsMeanWhatTheReferenceSays(t *testing.T) {
	newReference(t, "lua5.1", New).compareAll(t, *programs)
}

// Lua 5.1 has no goto, so the next version's interpreter says what one does.
func TestGotosMeanWhatLua52Says(t *testing.T) {
	newReference(t, "lua5.2", NewWithGoto).compareAll(t, *programs/4)
}

func (ref reference) compareAll(t *testing.T, programs int) {
	const batch = 100
	starts := make(chan uint64)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for start := range starts {
				ref.compare(t, start, batch)
			}
		})
	}
	for start := *seed; start < *seed+uint64(programs) && !t.Failed(); start += batch {
		starts <- start
	}
	close(starts)
	wg.Wait()
}

func (ref reference) compare(t *testing.T, start uint64, n int) {
	var list []Program
	for i := range n {
		list = append(list, ref.generate(start+uint64(i)))
	}
	want, err := ref.ask(list)
	if err != nil {
		t.Errorf("seeds %d to %d: %s: %v", start, start+uint64(n-1), ref.lua, err)
		return
	}
	m := luatest.New()
	defer m.Close()
	for i, p := range list {
		if strings.HasPrefix(want[i], "cannot be compiled") {
			t.Errorf("seed %d: not a program of Lua: %s\n%s", start+uint64(i), want[i], p.Source())
			return
		}
		if got := ours(m, p); got != want[i] {
			ref.report(t, start+uint64(i), p)
			return
		}
	}
}

// report shrinks a program that differs.
func (ref reference) report(t *testing.T, seed uint64, p Program) {
	p = Shrink(p, func(p Program) bool {
		got, want := ref.both(p)
		return got != want && !strings.HasPrefix(want, "cannot be compiled")
	})
	got, want := ref.both(p)
	t.Errorf("seed %d:\n%s\n-- got\n%s\n-- want\n%s", seed, p.Source(), got, want)
}

func (ref reference) both(p Program) (got, want string) {
	m := luatest.New()
	defer m.Close()
	answers, err := ref.ask([]Program{p})
	if err != nil {
		return "", ""
	}
	return ours(m, p), answers[0]
}
