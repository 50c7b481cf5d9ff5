package sandbox

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/bytecode"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/luagen"
)

var (
	stepPrograms = flag.Int("stepwise.programs", 300, "how many generated programs to run step by step")
	stepSeed     = flag.Uint64("stepwise.seed", 1, "seed of the first of them")
)

// watched makes VMs whose main loop is compared with gopher-lua's functions at every step, and adds up what was
// compared.
type watched struct {
	t        testing.TB
	compared [lua.OP_NOP + 1]int
	watches  []*stepwise
}

func newWatched(t *testing.T) *watched {
	if everyStep {
		t.Skip("the steps of all tests are compared")
	}
	return &watched{t: t}
}

func (w *watched) watch(vm *VM) {
	w.watches = append(w.watches, watchSteps(vm, func(where, what string) { w.t.Errorf("%s: %s", where, what) }))
}

// add adds up what was compared in VMs that are done.
func (w *watched) add() {
	for _, c := range w.watches {
		for op, n := range c.compared {
			w.compared[op] += n
		}
	}
	w.watches = nil
}

// wantAll fails where an instruction that has a shortcut was never compared.
func (w *watched) wantAll() {
	w.t.Helper()
	w.add()
	for op, n := range w.compared {
		if n == 0 && hasShortcut(op) {
			w.t.Errorf("no shortcut for instruction %d was compared", op)
		}
	}
}

// withoutShortcuts makes the threads of a VM run in a main loop that is gopher-lua's, with the instructions of ours.
func withoutShortcuts(vm *VM) {
	vm.loop = func(L *lua.LState, base *machine.CallFrame) {
		if machine.CallsOf(L).Top().Fn.IsG {
			machine.TheirLoop(L, base)
			return
		}
		for *machine.CurrentOf(L) = machine.CallsOf(L).Top(); ; {
			cf := *machine.CurrentOf(L)
			inst := bytecode.Instruction(cf.Fn.Proto.Code[cf.Pc])
			cf.Pc++
			if vm.meter.Done() != nil {
				L.RaiseError("%s", vm.meter.Err().Error())
			}
			if machine.Steps[inst.Op()](L, inst, base) == 1 {
				return
			}
		}
	}
}

// TestShortcutsAreExact runs the programs of the loop's own tests step by step.
func TestShortcutsAreExact(t *testing.T) {
	w := newWatched(t)
	for _, body := range loopPrograms {
		runIn(t, body, w.watch)
	}
	w.wantAll()
}

// TestEveryShortcutOfTheLoopIsCompared reads the main loop's source for the instructions that it does in its own way.
func TestEveryShortcutOfTheLoopIsCompared(t *testing.T) {
	source, err := os.ReadFile("../lua/machine/loop.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]int{
		"MOVE": lua.OP_MOVE, "JMP": lua.OP_JMP, "LOADK": lua.OP_LOADK, "GETUPVAL": lua.OP_GETUPVAL, "RETURN": lua.OP_RETURN,
		"ADD": lua.OP_ADD, "SUB": lua.OP_SUB, "MUL": lua.OP_MUL, "DIV": lua.OP_DIV, "MOD": lua.OP_MOD, "FORLOOP": lua.OP_FORLOOP,
		"EQ": lua.OP_EQ, "LT": lua.OP_LT, "LE": lua.OP_LE, "TEST": lua.OP_TEST, "GETGLOBAL": lua.OP_GETGLOBAL,
		"GETTABLE": lua.OP_GETTABLE, "SETTABLE": lua.OP_SETTABLE, "SETTABLEKS": lua.OP_SETTABLEKS, "CALL": lua.OP_CALL, "TFORLOOP": lua.OP_TFORLOOP,
	}
	_, body, _ := strings.Cut(string(source), "\nfunc (b *Budget) Loop(")
	body, _, _ = strings.Cut(body, "\n}\n")
	cases := regexp.MustCompile(`(?m)^\t\tcase (.*):$`).FindAllStringSubmatch(body, -1)
	for _, c := range cases {
		for _, name := range strings.Split(c[1], ", ") {
			op, ok := known[strings.TrimPrefix(name, "lua.OP_")]
			if !ok || !hasShortcut(op) {
				t.Errorf("the loop does %s by itself, which is not compared", name)
			}
			delete(known, strings.TrimPrefix(name, "lua.OP_"))
		}
	}
	for name := range known {
		t.Errorf("the loop does not do %s by itself", name)
	}
}

// TestShortcutsAreExactInScripts runs the scripts of testdata step by step, but for what takes long.
func TestShortcutsAreExactInScripts(t *testing.T) {
	long.Only(t)
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test scripts: %v", err)
	}
	w := newWatched(t)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "long_lists.lua") { // whose half a million steps are all alike
			continue
		}
		runLuaTest(t, filepath.Base(file), string(source), w.watch)
	}
	w.wantAll()
}

// TestGeneratedProgramsRunAlikeInBothLoops runs generated programs step by step, and in a loop without shortcuts: what
// they return, log, commit and raise, where, after how many instructions, is the same.
func TestGeneratedProgramsRunAlikeInBothLoops(t *testing.T) {
	long.Only(t)
	w := newWatched(t)
	for i := range *stepPrograms {
		seed := *stepSeed + uint64(i)
		body := stepProgram(seed)
		ours := runIn(t, body, w.watch)
		theirs := runIn(t, body, withoutShortcuts)
		if diff := cmp.Diff(theirs, ours, withoutAddresses); diff != "" {
			t.Errorf("(-theirs +ours):\n%s", diff)
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, body)
		}
		if i%50 == 49 {
			w.add()
		}
	}
	w.wantAll()
}

// stepProgram makes a program of a seed: one of those that are compared with other interpreters, or one that does
// little but what the loop has shortcuts for.
// withoutAddresses compares texts but for the addresses in them: a program may write the text of a table into a view.
var withoutAddresses = cmp.Transformer("withoutAddresses", func(s string) string { return address.ReplaceAllString(s, "@") })

func stepProgram(seed uint64) string {
	rnd := rand.New(rand.NewPCG(seed, 0x73746570))
	if seed%3 == 0 {
		return placed(rnd, fmt.Sprintf("local function require() end %s\n%s", luagen.Prelude, luagen.New(seed).Source()))
	}
	g := &stepGenerator{Rand: rnd}
	return placed(rnd, g.program())
}

// placed puts a program into a place where functions run.
func placed(rnd *rand.Rand, program string) string {
	body := "local function body(...)\n" + program + "\nend\n"
	places := []string{
		program,
		body + "return { body(share) }",
		body + "return { pcall(body, share) }",
		body + "return { xpcall(body, function(e) return tostring(e) end) }",
		body + "return setmetatable({}, { __index = body }).x",
		body + "return setmetatable({}, { __add = body }) + 1",
		body + "return { setmetatable({}, { __call = body })(share) }",
		body + "for a, b in body do return { a, b } end",
		body + "table.sort({ 3, 1, 2 }, function(a, b) body() return a < b end)",
		body + `return (("abc"):gsub("b", body))`,
		body + "return coroutine.wrap(body)(share)",
		body + "local ok = pcall(body) collected = ok return { pcall(body, share) }",
	}
	return places[rnd.IntN(len(places))]
}
