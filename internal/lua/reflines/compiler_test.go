package reflines

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/luagen"
)

var (
	programs = flag.Int("programs", 60, "how many generated programs to compare with luac5.1")
	seed     = flag.Uint64("seed", 1, "seed of the first of them")
)

// lineOf is the line of an instruction in what luac writes.
var lineOf = regexp.MustCompile(`(?m)^(?:\t\d+\t\[(\d+|-)\]\t(\S+)|(main|function) <.*:(\d+),(\d+)> \()`)

// reference is the lines of all instructions in all functions, in the order in which luac writes the functions.
func reference(t *testing.T, source string) (all []string, err error) {
	t.Helper()
	path, err := exec.LookPath("luac5.1")
	if err != nil {
		t.Skip("luac5.1 is not installed: nothing to compare with")
	}
	cmd := exec.Command(path, "-l", "-p", "-")
	cmd.Stdin = strings.NewReader(source)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("luac5.1: %s", out)
	}
	for _, m := range lineOf.FindAllStringSubmatch(string(out), -1) {
		if m[3] != "" {
			all = append(all, m[4]+"-"+m[5])
		} else {
			all = append(all, m[1]+" "+kindOfReference(m[2]))
		}
	}
	return all, nil
}

func ours(s *Source) (all []string) {
	for _, fs := range s.flat {
		all = append(all, strconv.Itoa(fs.line)+"-"+strconv.Itoa(fs.end))
		for _, i := range fs.code {
			name := names[i.op]
			all = append(all, strconv.Itoa(i.line)+" "+name)
		}
	}
	return all
}

var names = [...]string{
	opMove: "MOVE", opLoadK: "LOADK", opLoadBool: "LOADBOOL", opLoadNil: "LOADNIL", opGetUpval: "GETUPVAL", opGetGlobal: "GETGLOBAL",
	opGetTable: "GETTABLE", opSetGlobal: "SETGLOBAL", opSetUpval: "SETUPVAL", opSetTable: "SETTABLE", opNewTable: "NEWTABLE", opSelf: "SELF",
	opArith: "ADD", opUnm: "UNM", opNot: "NOT", opLen: "LEN", opConcat: "CONCAT", opJmp: "JMP", opEq: "EQ", opLess: "LT", opTest: "TEST",
	opTestSet: "TESTSET", opCall: "CALL", opTailCall: "TAILCALL", opReturn: "RETURN", opForLoop: "FORLOOP", opForPrep: "FORPREP",
	opTForLoop: "TFORLOOP", opSetList: "SETLIST", opClose: "CLOSE", opClosure: "CLOSURE", opVararg: "VARARG", opWord: "WORD",
}

// kindOfReference is the name that this package has for one of luac's.
func kindOfReference(name string) string {
	switch name {
	case "SUB", "MUL", "DIV", "MOD", "POW":
		return "ADD"
	case "LE":
		return "LT"
	}
	return name
}

func compareLines(t *testing.T, name, source string) {
	t.Helper()
	want, err := reference(t, source)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	s, err := New(name, source)
	if err != nil {
		t.Errorf("%v\n%s", err, source)
		return
	}
	got := ours(s)
	for i := range min(len(got), len(want)) {
		if strings.HasSuffix(got[i], " WORD") { // which luac writes as an instruction
			want[i], _, _ = strings.Cut(want[i], " ")
			want[i] += " WORD"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the lines of instructions (-luac5.1 +ours):\n%s\n%s", name, diff, source)
	}
}

// TestInstructionsHaveTheLinesOfTheReference compares the line of every instruction of Lua 5.1's own compiler.
func TestInstructionsHaveTheLinesOfTheReference(t *testing.T) {
	long.Only(t)
	for i := range *programs {
		n := *seed + uint64(i)
		compareLines(t, "seed "+strconv.FormatUint(n, 10), luagen.Shake(luagen.NewPlaced(n).Source(), n))
		if t.Failed() {
			return
		}
	}
}

// TestInstructionsOfScriptsHaveTheLinesOfTheReference does so with the scripts of this repository that Lua 5.1 can
// read.
func TestInstructionsOfScriptsHaveTheLinesOfTheReference(t *testing.T) {
	long.Only(t)
	n := 0
	for _, pattern := range []string{"testdata/*.lua", "../../../scripts/examples/*.lua", "../../sandbox/testdata/*.lua", "../syntax/testdata/*.lua"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := reference(t, string(source)); err != nil {
				continue
			}
			n++
			compareLines(t, file, string(source))
		}
	}
	if n < 30 {
		t.Errorf("%d scripts were compared, want more", n)
	}
}
