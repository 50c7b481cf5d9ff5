package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// TestLua runs the files of testdata. They are plain scripts that assert, with some lines that say more:
//
//	code  --> text         the line raises an error at this line, whose message has the text
//	code  --> kind: text   the same for what ends the run: rejected, instructions, timeout, memory, store, internal
//	code  --| info text    the line logs this
//	---- title             here begins another script, in the same VM
//
// After the top level, each global function whose name begins with test_ is run with a writable record (see [fixture]).
func TestLua(t *testing.T) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			runLuaTest(t, filepath.Base(file), string(source), func(*VM) {})
		})
	}
}

// runLuaTest runs a test script in a VM that was prepared.
func runLuaTest(t *testing.T, name, source string, prepare func(*VM)) {
	var logs []string
	vm := newVM(t, Options{
		Service: struct {
			Name string `lua:"name"`
			Host string `lua:"host"`
		}{"gold", "server1@gold"},
		Modules: testModules(t),
		Objects: map[string]Object{"depot": {&depot{}, []string{"Add", "Fetch", "Fail", "Crash", "Join"}}},
		Log: func(level, message string, fields map[string]any) {
			line := strings.TrimSpace(level + " " + message)
			if fields != nil {
				text, _ := json.Marshal(fields)
				line += " " + string(text)
			}
			logs = append(logs, line)
		},
		Effects: newOutside(func(line string) { logs = append(logs, line) }),
	})
	prepare(vm)
	f := readLuaTest(name, source)
	for _, part := range f.parts {
		runLuaPart(t, vm, f, part)
	}
	if diff := gocmp.Diff(f.logs, logs); diff != "" {
		t.Errorf("the logs differ (-want +got):\n%s", diff)
	}
	for line, want := range f.ends {
		t.Errorf("%s:%d: the run goes on, want it to end with %s", name, line, want)
	}
}

func runLuaPart(t *testing.T, vm *VM, f *luaTest, part string) {
	t.Helper()
	s, err := vm.Load(context.Background(), &ample, compile(t, f.name, part), testOptions())
	f.check(t, err)
	if err != nil {
		return
	}
	for _, fn := range testFunctions(s) {
		var scope bridge.Tx
		var root bridge.Binding
		root.Bind(&scope, "share", reflect.ValueOf(fixture()), true)
		_, err := vm.Run(context.Background(), &ample, fn, root.Value())
		scope.Close()
		f.check(t, err)
	}
}

// testOptions are what test scripts have as options.
func testOptions() map[string]any {
	return map[string]any{
		"limit": 10, "tags": []any{"a", "b"}, "empty": []any{}, "nested": map[string]any{"deep": map[string]any{"er": 1.5}},
	}
}

// TestARunTakesAsManyInstructionsWhateverRanBefore: what a VM keeps from run to run, such as compiled patterns and
// buffers, makes runs faster and no cheaper.
func TestARunTakesAsManyInstructionsWhateverRanBefore(t *testing.T) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	world := func(o *outside) *VM {
		return newVM(t, Options{
			Modules: testModules(t), Log: func(string, string, map[string]any) {}, Effects: o,
			Objects: map[string]Object{"depot": {&depot{}, []string{"Add", "Fetch", "Fail", "Crash", "Join"}}},
		})
	}
	fresh := func() *outside { return newOutside(func(string) {}) }
	effects, compared := fresh(), 0
	used := world(effects)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f := readLuaTest(filepath.Base(file), string(source))
		for i, part := range f.parts {
			want, fails := instructions(t, world(fresh()), f, part)
			for range 2 {
				*effects = *fresh()
				got, failsHere := instructions(t, used, f, part)
				if fails != nil || failsHere != nil { // where it ends depends on what its host object was told before
					continue
				}
				if compared++; got != want {
					t.Errorf("%s, part %d: %d instructions, in a VM in which others ran %d", f.name, i+1, want, got)
				}
			}
		}
	}
	if compared < len(files) {
		t.Errorf("%d of %d runs were compared", compared, 2*len(files))
	}
}

// instructions are those of a part of a test script and its test functions.
func instructions(t *testing.T, vm *VM, f *luaTest, part string) (n int64, err error) {
	s, err := vm.Load(t.Context(), &ample, compile(t, f.name, part), testOptions())
	n = vm.Instructions()
	if err != nil {
		return n, err
	}
	for _, fn := range testFunctions(s) {
		var scope bridge.Tx
		var root bridge.Binding
		root.Bind(&scope, "share", reflect.ValueOf(fixture()), true)
		_, err = vm.Run(t.Context(), &ample, fn, root.Value())
		scope.Close()
		n += vm.Instructions()
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func testFunctions(s *Script) []*Function {
	var fns []*Function
	s.env.ForEach(func(k, v lua.LValue) {
		if fn, ok := v.(*lua.LFunction); ok && strings.HasPrefix(k.String(), "test_") {
			fns = append(fns, s.newFunction(functionName{global: k.String()}, fn))
		}
	})
	slices.SortFunc(fns, func(a, b *Function) int { return cmp.Compare(a.Line, b.Line) })
	return fns
}

// luaTest is a script that tests, with what its lines expect.
type luaTest struct {
	name  string
	parts []string       // each with as many empty lines before it as keep the line numbers
	ends  map[int]string // by line, how a run ends: the kind and a part of the message
	logs  []string
}

var (
	wantError = regexp.MustCompile(`^(.*\S)\s+--> (.*)$`)
	wantLog   = regexp.MustCompile(`\s--\| (.*)$`)
	endsRun   = regexp.MustCompile(`^(rejected|instructions|timeout|memory|store|internal): `)
)

// raises is put before each part, on its first line.
const raises = `local raises do local pcall, error, tostring, type = pcall, error, tostring, type ` +
	`function raises(line, want, f) ` +
	`local ok, e = pcall(f) ` +
	`if ok then error(("%[1]s:%%d: raises nothing, want: %%s"):format(line, want), 0) end ` +
	`local text = type(e) == "table" and e.message or tostring(e) ` +
	`local here = ("%[1]s:%%d: "):format(line) ` +
	`if text:find("%[1]s:", 1, true) == 1 and want:find("%[1]s:", 1, true) ~= 1 then ` +
	`if text:sub(1, #here) ~= here then error(here .. "raises elsewhere: " .. text, 0) end ` +
	`text = text:sub(#here + 1) end ` +
	`if not text:find(want, 1, true) then error(here .. "got " .. text .. ", want " .. want, 0) end end end `

func readLuaTest(name, source string) *luaTest {
	f := &luaTest{name: name, ends: map[int]string{}}
	head := fmt.Sprintf(raises, name)
	part := head
	for i, line := range strings.Split(source, "\n") {
		if strings.HasPrefix(line, "---- ") {
			f.parts = append(f.parts, part)
			part = head + strings.Repeat("\n", i)
		}
		if m := wantLog.FindStringSubmatch(line); m != nil {
			f.logs = append(f.logs, m[1])
		}
		m := wantError.FindStringSubmatch(line)
		switch {
		case m == nil:
		case endsRun.MatchString(m[2]):
			f.ends[i+1] = m[2]
		default:
			line = fmt.Sprintf("raises(%d, %q, function() %s end)", i+1, m[2], m[1])
		}
		part += line + "\n"
	}
	f.parts = append(f.parts, part)
	return f
}

// check compares how a run ended with what its lines expect.
func (f *luaTest) check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%s: got %T %v, want an *Error", f.name, err, err)
	}
	want, ok := f.ends[e.Line]
	delete(f.ends, e.Line)
	kind, text, _ := strings.Cut(want, ": ")
	if !ok || string(e.Kind) != kind || !strings.Contains(e.Message, text) {
		t.Errorf("%v (%s)\n%s", e, e.Kind, e.Traceback)
	}
}

// testModules are the modules of testdata/lib.
func testModules(t *testing.T) map[string]*Program {
	modules := map[string]*Program{}
	err := fs.WalkDir(os.DirFS("testdata/lib"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := os.ReadFile(filepath.Join("testdata/lib", path))
		if err != nil {
			return err
		}
		name := strings.ReplaceAll(strings.TrimSuffix(path, ".lua"), "/", ".")
		modules[name] = compile(t, "lib/"+path, string(source))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return modules
}

// share is the record that test functions get.
type share struct {
	ID        string            `lua:"id"`
	Size      int               `lua:"size"`
	Paths     []string          `lua:"paths"`
	Places    []placeOfShare    `lua:"places"`
	Metadata  map[string]string `lua:"metadata"`
	Extra     any               `lua:"extra"`
	Deleted   *placeOfShare     `lua:"deleted"`
	Preferred *placeOfShare     `lua:"preferred"`
}

type placeOfShare struct {
	Path  string `lua:"path"`
	Admin bool   `lua:"admin"`
}

func fixture() share {
	return share{
		ID: "a1", Size: 3,
		Paths:     []string{"/c", "/a", "/b"},
		Places:    []placeOfShare{{"one", false}, {"two", true}},
		Metadata:  map[string]string{"zone": "z1", "owner": "ann"},
		Extra:     map[string]any{"list": []any{1, nil, "x"}, "n": 1},
		Preferred: &placeOfShare{"three", false},
	}
}

// depot is a host object.
type depot struct{ total int }

func (d *depot) Add(n int) int { d.total += n; return d.total }

func (d *depot) Fetch(ctx context.Context, name string) (map[string]any, error) {
	if _, ok := ctx.Deadline(); !ok {
		return nil, errors.New("no deadline")
	}
	return map[string]any{"name": name, "sizes": []int{1, 2}}, nil
}

func (d *depot) Fail() error { return errors.New("out of order") }

func (d *depot) Crash() { panic("on fire") }

func (d *depot) Join(sep string, parts ...string) string { return strings.Join(parts, sep) }

// Secret is not among the allowed methods.
func (d *depot) Secret() string { return "hidden" }
