package sandbox

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

var embedders = flag.Bool("embedders", false, "whether to build programs with a changed gopher-lua")

func TestThisGopherLuaFits(t *testing.T) {
	if err := unfit(); err != nil {
		t.Error(err)
	}
}

func TestTheKnownVersionIsTheOneOfGoMod(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/yuin/gopher-lua " + machine.KnownVersion; !strings.Contains(string(text), want) {
		t.Errorf("go.mod does not require %s", want)
	}
	if got := versionOf("example.org/no/such/module"); got != "an unknown version" {
		t.Errorf("got version %q of a module that is not there", got)
	}
}

// patches change gopher-lua: each is a file and what to replace in it, by what, over and over.
var patches = map[string]struct {
	edits []string
	want  string
}{
	"nothing":               {nil, "works"},
	"LState begins anew":    {[]string{"value.go", "type LState struct {", "type LState struct {\n\tExtra int\n"}, "works"},
	"LState has more":       {[]string{"value.go", "\tctxCancelFn  context.CancelFunc\n", "\tctxCancelFn  context.CancelFunc\n\textra int\n"}, "works"},
	"callFrame begins anew": {[]string{"state.go", "type callFrame struct {", "type callFrame struct {\n\textra int\n"}, "lua.callFrame: want field Idx at byte 0"},
	"callFrame has more":    {[]string{"state.go", "\tTailCall   int\n}", "\tTailCall   int\n\textra int\n}"}, "lua.callFrame: want"},
	"LTable begins anew":    {[]string{"value.go", "type LTable struct {", "type LTable struct {\n\textra int\n"}, "lua.LTable: want field Metatable"},
	"LTable has more":       {[]string{"value.go", "\tk2i     map[LValue]int\n", "\tk2i     map[LValue]int\n\textra int\n"}, "lua.LTable: want"},
	"Upvalue begins anew":   {[]string{"function.go", "type Upvalue struct {", "type Upvalue struct {\n\textra int\n"}, "lua.Upvalue: want field next"},
	"Upvalue has more":      {[]string{"function.go", "\tclosed bool\n}", "\tclosed bool\n\textra int\n}"}, "lua.Upvalue: want"},
	"registry begins anew": {[]string{"state.go", "type registry struct {", "type registry struct {\n\textra int\n", "state.go", "&registry{make", "&registry{0, make"},
		"lua.registry: want field array"},
	"registry has more": {[]string{"state.go", "\thandler registryHandler\n}", "\thandler registryHandler\n\textra int\n}", "state.go", "alloc, handler}", "alloc, handler, 0}"},
		"lua.registry: want"},
	"the call stack has more": {[]string{"state.go", "type fixedCallFrameStack struct {\n\tarray []callFrame", "type fixedCallFrameStack struct {\n\textra int\n\tarray []callFrame"},
		"lua.fixedCallFrameStack: want field array"},
	"no mainLoop": {[]string{"value.go", "\tmainLoop ", "\trunLoop ", "state.go", "\tmainLoop: ", "\trunLoop: ", "state.go", ".mainLoop", ".runLoop", "vm.go", "L.mainLoop", "L.runLoop"},
		"want a field mainLoop"},
	"no currentFrame": {[]string{"value.go", "\tcurrentFrame ", "\tframeNow ", "*.go", ".currentFrame", ".frameNow", "state.go", "\tcurrentFrame: ", "\tframeNow: "},
		"want a field currentFrame"},
	"no uvcache":   {[]string{"value.go", "\tuvcache ", "\topened ", "*.go", ".uvcache", ".opened", "state.go", "\tuvcache: ", "\topened: "}, "want a field uvcache"},
	"no reg":       {[]string{"value.go", "\treg ", "\tstored ", "*.go", "ls.reg.", "ls.stored.", "*.go", "L.reg", "L.stored", "*.go", "ls.reg", "ls.stored"}, "want a field reg"},
	"no array":     {[]string{"value.go", "\tarray   []", "\titems   []", "table*.go", ".array", ".items"}, "lua.LTable: want a field array"},
	"no jumpTable": {[]string{"vm.go", "jumpTable", "dispatch"}, "lua.jumpTable: want a function"},
	"a smaller jumpTable": {[]string{"vm.go", "var jumpTable [opCodeMax + 1]instFunc", "var jumpTable []instFunc", "vm.go", "jumpTable = [opCodeMax + 1]instFunc{", "jumpTable = []instFunc{"},
		"lua.jumpTable: want"},
	"another end of loops": {[]string{"vm.go", "L.callR(2, nret, RA+3)", "L.callR(2, nret, RA+3)\n\t\t\tL.reg.Push(LNil)"}, "probe:"},
	"another call":         {[]string{"vm.go", "nret := C - 1", "nret := max(C - 1, -1)\n\t\t\tif nret >= 0 { defer func() { L.reg.Push(LNil) }() }"}, "probe:"},
}

// TestAnotherGopherLuaIsRefusedOrWorks, which takes minutes, builds a program with copies of gopher-lua that have a
// field more or another name, and lets it run scripts up to their limits.
func TestAnotherGopherLuaIsRefusedOrWorks(t *testing.T) {
	if !*embedders {
		t.Skip("builds many programs: -embedders")
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/gopher-lua").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range patches {
		t.Run(name, func(t *testing.T) {
			binary := filepath.Join(t.TempDir(), "embedder")
			build := exec.Command("go", "build", "-modfile", patched(t, strings.TrimSpace(string(dir)), p.edits), "-o", binary, "./testdata/embedder")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			out, err := exec.Command(binary).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := strings.TrimSpace(string(out))
			refused := strings.HasPrefix(got, "refused: gopher-lua: want "+machine.KnownVersion+", got v")
			if !strings.Contains(got, p.want) || refused == (p.want == "works") {
				t.Errorf("got %q, want %q", got, p.want)
			}
		})
	}
}

// TestTheEmbeddingProgramBuilds: what is in testdata, no other command compiles.
func TestTheEmbeddingProgramBuilds(t *testing.T) {
	long.Only(t)
	if out, err := exec.Command("go", "vet", "./testdata/embedder").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestA32BitProgramIsRefused(t *testing.T) {
	if !*embedders || runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("needs a machine that runs programs of 386, and -embedders")
	}
	run := exec.Command("go", "run", "./testdata/embedder")
	run.Env = append(os.Environ(), "GOARCH=386")
	out, err := run.CombinedOutput()
	if want := "refused: scripts need a 64-bit platform, got 386\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// patched makes a changed copy of a module, and a go.mod that puts it in the place of that.
func patched(t *testing.T, dir string, edits []string) (modfile string) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "gopher-lua")
	for _, part := range []string{".", "ast", "parse", "pm"} {
		copyFiles(t, filepath.Join(dir, part), filepath.Join(copied, part))
	}
	for ; len(edits) > 0; edits = edits[3:] {
		replaceIn(t, filepath.Join(copied, edits[0]), edits[1], edits[2])
	}
	temp := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "go.mod" {
			text = append(text, "\nreplace github.com/yuin/gopher-lua => "+copied+"\n"...)
		}
		if err := os.WriteFile(filepath.Join(temp, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(temp, "go.mod")
}

// copyFiles copies the source files of one folder.
func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); name == "go.mod" || filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") {
			text, err := os.ReadFile(filepath.Join(from, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(to, name), text, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// replaceIn replaces a text in the files that a pattern matches, of which one must have it.
func replaceIn(t *testing.T, pattern, old, text string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(source), old) {
			continue
		}
		found = true
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(source), old, text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !found {
		t.Fatalf("%s has no %q", pattern, old)
	}
}
