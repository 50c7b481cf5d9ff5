package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/cli"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

type groupArgs struct {
	ID     string   `json:"id"`
	Shares []string `json:"shares"`
}

type labels struct{}

// Of is what scripts call.
func (labels) Of(id string) string { return "label of " + id }

// own is a program with a method and a host object of its own.
var own = cli.Options{
	Methods: []engine.Method{engine.Define[groupArgs, struct{}]("create_share_group").Method()},
	Objects: map[string]engine.Object{"labels": {Value: labels{}, Methods: []string{"Of"}}},
}

func ExampleRun() {
	status := cli.Run(own, []string{"check", "--script", "testdata/example/groups.lua"}, os.Stdin, os.Stdout, os.Stderr)
	fmt.Println("exit", status)
	// Output:
	// testdata/example/groups.lua:3:41: call.args.size: no such field [unknown-field]
	//   2 |   if #call.args.shares == 0 then reject("a group of nothing: " .. labels:Of(call.args.id)) end
	//   3 |   log.debug("group", { size = call.args.size })
	//     |                                         ^^^^
	//
	// 1 problem in 1 file
	// exit 1
}

func TestAProgramsOwnMethodsAndObjectsAreDryRun(t *testing.T) {
	run := func(record string) (status int, out string) {
		var stdout, stderr bytes.Buffer
		status = cli.Run(own, []string{"run", "--json", "--script", "testdata/example/groups.lua", "-"}, strings.NewReader(record), &stdout, &stderr)
		return status, stdout.String() + stderr.String()
	}
	status, out := run(`{"method":"create_share_group","args":{"id":"g-1"}}`)
	var report struct{ Error struct{ Message string } }
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != 1 || report.Error.Message != "a group of nothing: label of g-1" {
		t.Errorf("a group of nothing: got exit status %d and\n%s", status, out)
	}
	if status, out = run(`{"method":"create_share_group","args":{"idd":"g-1"}}`); status != 2 || !strings.Contains(out, `did you mean "id"`) {
		t.Errorf("a field that is none: got exit status %d and\n%s", status, out)
	}
	if status, out = run(`{"method":"create_snapshot"}`); status != 2 || !strings.Contains(out, "no method") {
		t.Errorf("a method of others: got exit status %d and\n%s", status, out)
	}
}

// What is wrong with a program's methods and objects is told by check too, which runs no script.
func TestAProgramThatIsWrongIsToldSo(t *testing.T) {
	const script = "testdata/example/groups.lua"
	for says, program := range map[string]cli.Options{
		`object "end": want a name that scripts can write`: {Methods: own.Methods, Objects: map[string]engine.Object{"end": {Value: labels{}}}},
		`Gett`: {Methods: own.Methods, Objects: map[string]engine.Object{"labels": {Value: labels{}, Methods: []string{"Gett"}}}},
		"\nOptions.Methods: method 2: want each method": {Methods: append(own.Methods[:1:1], own.Methods[0])},
	} {
		for _, args := range [][]string{{"check", "--script", script}, {"check", "--script", script, "--load"}, {"list", "--script", script}} {
			var out bytes.Buffer
			if status := cli.Run(program, args, nil, &out, &out); status == 0 || !strings.Contains("\n"+out.String(), says) {
				t.Errorf("%s: got exit status %d, want another and %s\n%s", args[0], status, says, &out)
			}
		}
	}
}

func TestNoInputIsAnEmptyOne(t *testing.T) {
	var out bytes.Buffer
	if status := cli.Run(own, []string{"run", "--script", "testdata/example/groups.lua", "-"}, nil, &out, &out); status != 2 {
		t.Errorf("got exit status %d, want 2\n%s", status, &out)
	}
}

// told is a sink of a program's own, which keeps what it gets.
type told []string

func (s *told) Deliver(_ context.Context, events []effect.Event) error {
	for _, e := range events {
		*s = append(*s, e.Type+" "+string(e.Data))
	}
	return nil
}

func TestAProgramsOwnSinksAreKnown(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"config.toml": "[store]\npath = \"db\"\n[sinks.a]\ntype = \"kafka\"\n[services.nfs1]\n[[services.nfs1.hooks]]\nscript = \"tell.lua\"",
		"tell.lua":    `function pre() events.publish("made", { n = 1 }) end`,
		"call.json":   `{"method": "create_share_group", "args": {}, "result": {}}`,
	} {
		if err := os.WriteFile(folder+"/"+name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	var sink told
	kafka := cli.Options{Methods: own.Methods, Sinks: map[string]effect.Sink{"kafka": &sink}}
	const unknown = `config.toml:4: sinks.a.type: want a type of sink such as "webhook", got "kafka", which this program does not have`
	for _, tt := range []struct {
		program cli.Options
		args    string
		status  int
		says    string
	}{
		{own, "check", 1, unknown},
		{own, "run --live call.json", 2, unknown},
		{own, "run call.json", 0, "event made"},
		{kafka, "check", 0, "all well"},
		{kafka, "run call.json", 0, "event made"},
		{kafka, "run --live call.json", 0, "event made"},
	} {
		var out bytes.Buffer
		if status := cli.Run(tt.program, strings.Fields(tt.args), os.Stdin, &out, &out); status != tt.status || !strings.Contains(out.String(), tt.says) {
			t.Errorf("%s: got exit status %d, want %d and %s\n%s", tt.args, status, tt.status, tt.says, &out)
		}
	}
	if got := strings.Join(sink, ", "); got != `made {"n":1}` {
		t.Errorf("the sink got %s, want the event of the live run", got)
	}
}

func TestPeriodicDataMayBeFreeForm(t *testing.T) {
	script := t.TempDir() + "/count.lua"
	if err := os.WriteFile(script, []byte(`function periodic(volumes) log.info("size", { of = volumes[2].size }) end`), 0o644); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	record := strings.NewReader(`{"method":"periodic","args":{"shares":[{"size":1},{"size":9007199254740993}]}}`)
	status := cli.Run(cli.Options{}, []string{"run", "--json", "--script", script, "-"}, record, &stdout, &stderr)
	if status != 0 || !strings.Contains(stdout.String(), `"fields":{"of":9007199254740993}`) {
		t.Errorf("got exit status %d and\n%s%s", status, stdout.String(), stderr.String())
	}
}
