package editor_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/editor"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/scriptapi"
	"github.com/hookrun/hookrun/share"
)

//go:generate go test -run Current -update .

var update = flag.Bool("update", false, "write the definitions anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const shipped = "../../scripts/types/hookrun.lua"

func definitions(t *testing.T) []byte {
	t.Helper()
	return written(t, editor.API{Methods: share.Methods(), Share: reflect.TypeFor[share.Share](), Docs: editor.OurDocs()})
}

func written(t *testing.T, api editor.API) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := editor.Write(&text, api); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// Types of a program may have names that hookrun has, too, or two packages, and names that no class can have.
type (
	Share   struct{ Rank int }
	Service struct{ Tier string }
	Options struct{ Deep bool }
	TestLog struct{ Kept bool }

	Box[T any] struct{ Item T }

	args struct {
		Ours    share.Share
		Own     *Share
		Service []Service
		Options Options
		Log     map[string]TestLog
		Texts   Box[string]
		Boxes   Box[Box[share.Snapshot]]
		Pools   Box[map[string]share.Pool]
	}
)

func programs(t *testing.T) []byte {
	return written(t, editor.API{Methods: []engine.Method{engine.Define[args, struct{}]("grow").Method()}})
}

func TestTypesOfAProgramHaveNamesOfTheirOwn(t *testing.T) {
	text := string(programs(t))
	for class, field := range map[string]string{
		"hookrun.editor_test.Share":                  "Rank integer",
		"hookrun.editor_test.Service":                "Tier string",
		"hookrun.Service":                            "name string",
		"hookrun.Box_string":                         "Item string",
		"hookrun.Box_editor_test_Box_share_Snapshot": "Item hookrun.Box_share_Snapshot",
		"hookrun.Box_map_string_share_Pool":          "Item table<string, hookrun.Pool>",
	} {
		if want := "---@class (exact) " + class + "\n---@field " + field; !strings.Contains(text, want) {
			t.Errorf("got no\n%s\nin\n%s", want, text)
		}
	}
}

func TestCommentsAreCurrent(t *testing.T) {
	docs, err := readDocs("../../share", "../scriptapi")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		text, err := json.MarshalIndent(docs, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("comments.json", append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(docs, editor.OurDocs()); diff != "" {
		t.Errorf("comments.json is not what the sources say (-sources +file); run `go generate ./internal/editor` twice:\n%s", diff)
	}
}

func TestSettingsAreCurrent(t *testing.T) {
	const file = "../../scripts/.luarc.json"
	if *update {
		if err := os.WriteFile(file, []byte(editor.Settings), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(editor.Settings, string(text)); diff != "" {
		t.Errorf("%s is not that of internal/editor (-editor +file):\n%s", file, diff)
	}
}

func TestDefinitionsAreCurrent(t *testing.T) {
	got := definitions(t)
	if *update {
		if err := os.WriteFile(shipped, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the Go side says (-file +Go); run `go generate ./internal/editor`:\n%s", shipped, diff)
	}
}

func TestDefinitionsAreLua(t *testing.T) {
	if _, err := sandbox.Compile("hookrun.lua", string(definitions(t))); err != nil {
		t.Error(err)
	}
}

// declaration is a name that the definitions give a value: a global, a member of a library, or a constant of one.
var declaration = regexp.MustCompile(`(?m)^(?:function ([\w.]+)\(|(\w+) = |---@field (huge|pi) number)`)

func TestDefinitionsDeclareJustWhatScriptsSee(t *testing.T) {
	var got []string
	ofScripts := strings.TrimSuffix(string(definitions(t)), scriptapi.Tests())
	for _, m := range declaration.FindAllStringSubmatch(ofScripts, -1) {
		name := m[1] + m[2]
		if m[3] != "" {
			name = "math." + m[3]
		}
		got = append(got, name)
	}
	want := []string{"periodic"} // the engine's, not defined at first
	globals, err := sandbox.Globals()
	if err != nil {
		t.Fatal(err)
	}
	for name, members := range globals {
		want = append(want, name)
		for _, m := range members {
			want = append(want, name+"."+m)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("definitions differ from what scripts see (-sandbox +definitions):\n%s", diff)
	}
}

// A class that is named somewhere is defined somewhere, once.
func TestDefinitionsNameOnlyWhatTheyDefine(t *testing.T) {
	namesOnlyWhatIsDefined(t, string(definitions(t)))
	namesOnlyWhatIsDefined(t, string(programs(t)))
}

func namesOnlyWhatIsDefined(t *testing.T, text string) {
	t.Helper()
	defined := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^---@(?:class(?: \(exact\))?|alias) ([\w.]+)`).FindAllStringSubmatch(text, -1) {
		defined[m[1]]++
	}
	for name, n := range defined {
		if n != 1 {
			t.Errorf("%s: got %d definitions, want 1", name, n)
		}
	}
	used := map[string]bool{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "---@") {
			for _, name := range regexp.MustCompile(`\bhookrun\.\w+(\.\w+)?`).FindAllString(line, -1) {
				used[name] = true
			}
		}
	}
	if len(used) == 0 {
		t.Fatal("no class is used")
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if defined[name] == 0 {
			t.Errorf("%s is used and not defined", name)
		}
	}
}

func TestEachFieldOfARecordSaysItsUnit(t *testing.T) {
	text := string(definitions(t))
	for _, want := range []string{
		"---@field size integer GiB",
		"---@field new_size integer GiB",
		"---@field snapshot? hookrun.Snapshot",
		"---@field metadata table<string, any>",
		"---@field export_locations hookrun.ExportLocation[]",
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("got no line that begins with %q", want)
		}
	}
}
