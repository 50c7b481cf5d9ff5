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
	"time"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// Dates are those of a zone whose clock changes, for both sides.
func TestMain(m *testing.M) {
	if zone, err := time.LoadLocation("Europe/Berlin"); err == nil {
		time.Local = zone
		_ = os.Setenv("TZ", zone.String())
	}
	goleak.VerifyTestMain(m)
}

var (
	programs = flag.Int("programs", 400, "how many generated programs to compare with lua5.1")
	calls    = flag.Int("calls", 8000, "how many calls of library functions to compare with lua5.1")
	seed     = flag.Uint64("seed", 1, "seed of the first generated program")
)

func TestProgramsMeanWhatTheReferenceSays(t *testing.T) {
	newReference(t, "lua5.1", NewPlaced).compareAll(t, *programs)
}

// Lua 5.1 has no goto, so the next version's interpreter says what one does.
func TestGotosMeanWhatLua52Says(t *testing.T) {
	newReference(t, "lua5.2", NewWithGoto).compareAll(t, *programs/4)
}

func TestLibraryCallsMeanWhatTheReferenceSays(t *testing.T) {
	long.Only(t)
	newReference(t, "lua5.1", NewCalls).compareAll(t, *calls/CallsPerProgram)
}

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
	fmt.Fprintf(&in, "%d\n%s", len(Prelude), Prelude)
	for _, p := range programs {
		text := p.Source()
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

func (ref reference) compareAll(t *testing.T, programs int) {
	const batch = 100
	if testing.Short() {
		programs = min(programs, batch)
	}
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
	w := newWorld(t)
	for i, p := range list {
		if strings.HasPrefix(want[i], "cannot be compiled") {
			t.Errorf("seed %d: not a program of Lua: %s\n%s", start+uint64(i), want[i], p.Source())
			return
		}
		if got := w.run(p, start+uint64(i)); !equal(got, want[i]) {
			ref.report(t, start+uint64(i), p)
			return
		}
	}
}

// report shrinks a program that differs, and prints it as a test that is ready to run.
func (ref reference) report(t *testing.T, seed uint64, p Program) {
	p = Shrink(p, func(p Program) bool {
		got, want := ref.both(t, p, seed)
		return !equal(got, want) && !strings.HasPrefix(want, "cannot be compiled")
	})
	got, want := ref.both(t, p, seed)
	t.Errorf("seed %d, %s, %s:\n%s\n-- got\n%s\n-- want\n%s", seed, p.Placement.Name, befores[seed%uint64(len(befores))].name, p.Source(),
		normal(got), normal(want))
}

func (ref reference) both(t *testing.T, p Program, seed uint64) (got, want string) {
	answers, err := ref.ask([]Program{p})
	if err != nil {
		return "", ""
	}
	return newWorld(t).run(p, seed), answers[0]
}
