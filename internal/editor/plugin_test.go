package editor_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/editor"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/share"
)

const shippedPlugin = "../../scripts/types/hookrun-plugin.lua"

func pluginOf(t *testing.T, api editor.API) string {
	t.Helper()
	var text bytes.Buffer
	if err := editor.WritePlugin(&text, api); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func sharePlugin(t *testing.T) string {
	t.Helper()
	return pluginOf(t, editor.API{Methods: share.Methods(), Share: reflect.TypeFor[share.Share]()})
}

func TestPluginIsCurrent(t *testing.T) {
	got := sharePlugin(t)
	if *update {
		if err := os.WriteFile(shippedPlugin, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(shippedPlugin)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what the Go side says (-file +Go); run `go generate ./internal/editor`:\n%s", shippedPlugin, diff)
	}
}

// seen is what the server reads instead of a script: its text with the plugin's changes, which are insertions, in
// order.
func seen(t *testing.T, plugin, script string) string {
	t.Helper()
	L := lua.NewState()
	defer L.Close()
	if err := L.DoString(plugin); err != nil {
		t.Fatal(err)
	}
	err := L.CallByParam(lua.P{Fn: L.GetGlobal("OnSetText"), NRet: 1, Protect: true},
		lua.LString("file:///scripts/x.lua"), lua.LString(script))
	if err != nil {
		t.Fatal(err)
	}
	if L.Get(-1) == lua.LNil {
		return script
	}
	var out strings.Builder
	from := 0
	L.CheckTable(-1).ForEach(func(_, change lua.LValue) {
		start, finish := int(lua.LVAsNumber(L.GetField(change, "start"))), int(lua.LVAsNumber(L.GetField(change, "finish")))
		if finish != start-1 || start-1 < from || start-1 > len(script) {
			t.Fatalf("got a change of bytes %d to %d, want an insertion behind byte %d", start, finish, from)
		}
		out.WriteString(script[from:start-1] + lua.LVAsString(L.GetField(change, "text")))
		from = start - 1
	})
	return out.String() + script[from:]
}

func TestPluginTypesHookFunctions(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"one method": {
			"function pre.create_snapshot(call)\nend\n",
			"---@param call hookrun.call.create_snapshot\nfunction pre.create_snapshot(call)\nend\n",
		},
		"all methods": {
			"function pre(call) end\nfunction finally(c, how) end",
			"---@param call hookrun.Call\nfunction pre(call) end\n" +
				"---@param c hookrun.Call\n---@param how hookrun.Outcome\nfunction finally(c, how) end",
		},
		"results, failures, outcomes": {
			"function post.create_snapshot(c, r) end\nfunction failed.create_snapshot(c, e) end\nfunction finally.create_snapshot(c, o) end\n",
			"---@param c hookrun.call.create_snapshot\n---@param r hookrun.result.create_snapshot\n" +
				"function post.create_snapshot(c, r) end\n" +
				"---@param c hookrun.call.create_snapshot\n---@param e hookrun.Failure\nfunction failed.create_snapshot(c, e) end\n" +
				"---@param c hookrun.call.create_snapshot\n---@param o hookrun.outcome.create_snapshot\n" +
				"function finally.create_snapshot(c, o) end\n",
		},
		"periodic": {
			"function periodic(shares, tick) end",
			"---@param shares hookrun.Share[]\n---@param tick integer\nfunction periodic(shares, tick) end",
		},
		"assigned": {
			"pre.create_snapshot = function(call) end\npre['create_snapshot'] = function (call) end\r\npost = function(call, r, more) end",
			"---@param call hookrun.call.create_snapshot\npre.create_snapshot = function(call) end\n" +
				"---@param call hookrun.call.create_snapshot\npre['create_snapshot'] = function (call) end\r\n" +
				"---@param call hookrun.Call\n---@param r table\npost = function(call, r, more) end",
		},
		"a table": {
			"post = {\n  create_snapshot = function(call, result) end,\n}",
			"---@type hookrun.post\npost = {\n  create_snapshot = function(call, result) end,\n}",
		},
		"indented, over several lines, with comments": {
			"do\n  function post.create_snapshot(\n    call, -- who, and what\n    result --[[ (of it]] \n  ) end\nend",
			"do\n---@param call hookrun.call.create_snapshot\n---@param result hookrun.result.create_snapshot\n" +
				"  function post.create_snapshot(\n    call, -- who, and what\n    result --[[ (of it]] \n  ) end\nend",
		},
		"what the script says wins": {
			"--- Counts.\n---@param call table\nfunction post(call, result) end\n---@type fun(x: any)\nfunction pre(x) end",
			"--- Counts.\n---@param call table\n---@param result table\nfunction post(call, result) end\n---@type fun(x: any)\nfunction pre(x) end",
		},
		"a diagnostic stays next to its line": {
			"---@diagnostic disable-next-line: unused-local\nfunction pre(call) end",
			"---@param call hookrun.Call\n---@diagnostic disable-next-line: unused-local\nfunction pre(call) end",
		},
		"a method that the service has not": {
			"function pre.nonsense(call) end", "---@param call hookrun.Call\nfunction pre.nonsense(call) end",
		},
		"what is no hook function": {
			"local function pre(call) end\nfunction prefix(call) end\nfunction pre.a.b(call) end\nif pre == function() end then end\n" +
				"pre.x = wrap(function(call) end)\nlog.info(pre(call))\nfunction periodic.x(call) end\npre = nil\nfunction pre() end\n",
			"local function pre(call) end\nfunction prefix(call) end\nfunction pre.a.b(call) end\nif pre == function() end then end\n" +
				"pre.x = wrap(function(call) end)\nlog.info(pre(call))\nfunction periodic.x(call) end\npre = nil\nfunction pre() end\n",
		},
		"what is not used": {
			"function post(_, result) end", "---@param result table\nfunction post(_, result) end",
		},
		"nothing": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, seen(t, sharePlugin(t), c.script)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// hookAnnotations are the lines with which an example types the parameters of a hook function.
var hookAnnotations = regexp.MustCompile(`(?m)^(?:---@param .*\n)+(function (?:pre|post|failed|finally|periodic)\b)`)

// The examples say the types themselves, so that they are checked without the plugin. It says the same.
func TestPluginSaysWhatExamplesSay(t *testing.T) {
	files, err := filepath.Glob("../../scripts/examples/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d examples: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.lua") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := string(text)
		bare := hookAnnotations.ReplaceAllString(want, "$1")
		if bare == want {
			t.Errorf("%s: no hook function has types", file)
		}
		if diff := cmp.Diff(want, seen(t, sharePlugin(t), bare)); diff != "" {
			t.Errorf("%s: -said in the file +said by the plugin:\n%s", file, diff)
		}
		if again := seen(t, sharePlugin(t), want); again != want {
			t.Errorf("%s: the plugin changed what had its types", file)
		}
	}
}

// Method names are the service's: LuaCATS has to read those that are no identifiers too, and scripts get their types.
func TestMethodsOfAnyNameHaveTypes(t *testing.T) {
	type args struct{ ID string }
	methods := []engine.Method{
		{Name: "POST /x", Args: reflect.TypeFor[args]()}, {Name: "POST_x"}, {Name: `a"b\`}, {Name: "/shares.v1.Shares/Create"}, {Name: "ä"},
	}
	api := editor.API{Methods: methods}
	var out bytes.Buffer
	if err := editor.Write(&out, api); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if _, err := sandbox.Compile("hookrun.lua", text); err != nil {
		t.Error(err)
	}
	class := regexp.MustCompile(`^---@class (\(exact\) )?[\w.]+( : [\w.]+)?$`)
	field := regexp.MustCompile(`^---@field (\w+|\["([^"\\]|\\.)+"\]|\[string\])\?? \S`)
	classes := map[string]int{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "---@class") {
			classes[line]++
			if !class.MatchString(line) {
				t.Errorf("got %s, want a name of letters, digits, _ and dots", line)
			}
		}
		if strings.HasPrefix(line, "---@field") && !field.MatchString(line) {
			t.Errorf("got %s, want a name or a string in brackets", line)
		}
	}
	for line, n := range classes {
		if n > 1 {
			t.Errorf("%s: got %d definitions, want 1", line, n)
		}
	}
	for _, want := range []string{
		`---@field ["POST /x"]? fun(call: hookrun.call.POST_x_2): any`, "---@field POST_x? fun(call: hookrun.call.POST_x): any",
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("got no line %q", want)
		}
	}
	got := seen(t, pluginOf(t, api), `pre["POST /x"] = function(call) end`)
	if want := "---@param call hookrun.call.POST_x_2\n" + `pre["POST /x"] = function(call) end`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPluginNamesOnlyDefinedClasses(t *testing.T) {
	text, plugin := string(definitions(t)), sharePlugin(t)
	for _, phase := range []string{"pre", "post", "failed", "finally"} {
		for _, m := range share.Methods() {
			got := seen(t, plugin, "function "+phase+"."+m.Name+"(a, b) end")
			for _, name := range regexp.MustCompile(`hookrun\.[\w.]+`).FindAllString(got, -1) {
				if !regexp.MustCompile(`(?m)^---@class \(exact\) ` + regexp.QuoteMeta(name) + `\b`).MatchString(text) {
					t.Errorf("%s.%s: %s is not defined", phase, m.Name, name)
				}
			}
		}
	}
}
