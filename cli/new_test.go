package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/engine"
)

// oddArgs has fields of the types that Go has beside simple structs.
type oddArgs struct {
	Name     string    `json:"name" lua:"title"`
	Count    uint16    `json:"count"`
	Ratio    float32   `json:"ratio"`
	Since    time.Time `json:"since"`
	Owner    *odd      `json:"owner"`
	Tags     []string  `json:"tags"`
	ByID     map[string]odd
	Any      any     `json:"any"`
	Inner    odd     `json:"inner"`
	Members  []odd   `json:"members"`
	Level    level   `json:"level"`
	Matrix   [][]int `json:"matrix"`
	Password string  `json:"password"`
	Limits   [2]int  `json:"-" lua:"-"`
}

type odd struct {
	ID    string `json:"id"`
	Again []odd  `json:"again"`
}

// level is written as text.
type level int

func (l level) MarshalText() ([]byte, error) {
	return []byte(map[level]string{0: "low", 1: "high"}[l]), nil
}

func (l *level) UnmarshalText(text []byte) error {
	*l = map[string]level{"low": 0, "high": 1}[string(text)]
	return nil
}

// Whatever the methods of a program and their types, a hook that new writes passes check, run and test at once.
func TestANewHookIsWellAtOnce(t *testing.T) {
	shares := ofShares
	odds := Options{Methods: []engine.Method{
		engine.Define[oddArgs, *odd]("POST /shares").Method(), engine.Define[map[string]any, []odd]("list").Method(),
		engine.Define[*oddArgs, struct{}]("end").Method(), engine.Define[odd, any]("do it again").Method(),
	}}
	for name, o := range map[string]Options{"shares": shares, "own types": odds, "no types": {}} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			run := func(args ...string) {
				t.Helper()
				var stdout, stderr bytes.Buffer
				if status := Run(o, args, strings.NewReader(""), &stdout, &stderr); status != statusOK {
					t.Errorf("hookrun %s: exit status %d\n%s%s", strings.Join(args, " "), status, &stdout, &stderr)
				}
			}
			methods := methodNames(o.Methods)
			if len(methods) == 0 {
				methods = []string{"create_share", "delete share"}
				if err := os.WriteFile("config.toml", []byte("[services.nfs1]\nextra_methods = [\"create_share\", \"delete share\"]\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			run("new", "all", "--add", "--phases", strings.Join(phaseNames(), ","))
			run("new", "every", "--add", "--phases", "finally", "--methods", `"`+strings.Join(methods, `","`)+`"`)
			for _, m := range methods {
				hook := "one" + strings.Trim(notInHookNames.Replace(m), "_")
				run("new", hook, "--add", "--methods", `"`+m+`"`, "--phases", strings.Join(phaseNames(), ","))
			}
			run("new", "beat", "--add", "--phases", "periodic")
			run("check", "--load")
			records, err := filepath.Glob("calls/*.json")
			if err != nil || len(records) < len(methods) {
				t.Fatal("call records:", records, err)
			}
			run(append([]string{"run"}, records...)...)
			run("test")
		})
	}
}

var notInHookNames = strings.NewReplacer(" ", "_", "/", "_")

func TestANewHookIsTypedByTheMethodsOfTheProgram(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	o := Options{Methods: []engine.Method{engine.Define[oddArgs, odd]("create").Method()}, Shares: reflect.TypeFor[odd]()}
	if status := Run(o, []string{"new", "a", "--methods", "create"}, nil, &out, &out); status != statusOK {
		t.Fatal(out.String())
	}
	script, err := os.ReadFile("a.lua")
	if err != nil {
		t.Fatal(err)
	}
	record, err := os.ReadFile("calls/a.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, wants := range map[string][]string{
		string(script): {"---@param call hookrun.call.create\n", "---@param result hookrun.result.create\n", "call.args.owner (or nil): id, again", "call.args: title, count"},
		string(record): {`"name": "my-args"`, `"count": 1`, `"since": "2026-11-23T10:00:00Z"`, `"owner": null`, `"id": "inner-1"`, `"id": "member-1"`, `"password": ""`},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("got\n%s\nwant %q in it", text, want)
			}
		}
	}
}
