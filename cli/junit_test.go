package cli

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// junitRule is what the schema of jenkinsci/xunit-plugin (junit-10.xsd) says of an element, in our own words: which
// attributes it must and may have, which elements may be in it, and whether text may.
type junitRule struct {
	must, may, inside []string
	text              bool
}

var junitRules = map[string]junitRule{
	"testsuites": {may: []string{"name", "time", "tests", "failures", "errors"}, inside: []string{"testsuite"}},
	"testsuite": {
		must: []string{"name", "tests", "failures", "errors"}, may: []string{"skipped", "time", "timestamp", "hostname", "id", "package", "file"},
		inside: []string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"testcase": {
		must: []string{"name"}, may: []string{"time", "classname", "group"},
		inside: []string{"skipped", "error", "failure", "system-out", "system-err"},
	},
	"failure":    {may: []string{"type", "message"}, text: true},
	"error":      {may: []string{"type", "message"}, text: true},
	"system-out": {text: true},
}

// junitTime is the form of a time there.
var junitTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?$`)

// breaches returns where a document does not keep to the rules.
func breaches(document []byte) (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	d := xml.NewDecoder(bytes.NewReader(document))
	var open []string
	for {
		token, err := d.Token()
		switch t := token.(type) {
		case xml.StartElement:
			name := t.Name.Local
			rule, known := junitRules[name]
			switch {
			case !known:
				say("no element %s", name)
			case len(open) == 0 && name != "testsuites":
				say("%s is the outermost element", name)
			case len(open) > 0 && !slices.Contains(junitRules[open[len(open)-1]].inside, name):
				say("%s in %s", name, open[len(open)-1])
			}
			var has []string
			for _, a := range t.Attr {
				has = append(has, a.Name.Local)
				if !slices.Contains(rule.must, a.Name.Local) && !slices.Contains(rule.may, a.Name.Local) {
					say("no attribute %s of %s", a.Name.Local, name)
				}
				if a.Name.Local == "time" && !junitTime.MatchString(a.Value) {
					say("time %q", a.Value)
				}
			}
			for _, must := range rule.must {
				if !slices.Contains(has, must) {
					say("%s without %s", name, must)
				}
			}
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 && !junitRules[open[len(open)-1]].text && strings.TrimSpace(string(t)) != "" {
				say("text in %s", open[len(open)-1])
			}
		}
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			return append(all, err.Error())
		}
	}
}

func TestJUnitReportKeepsToItsSchema(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("guard.lua", `function pre(call) if call.args.share and call.args.share.size > 5 then reject("too large") end end`)
	write("guard_test.lua", `
function test.passes(t) print("said <&> \1\27[31m") end
function test.fails(t)
  t.expect("a\0b\255<]]>"):is("&")
  t.expect(t.call { method = "create_share_instance", args = { share = { size = 6 } } }.outcome):is("completed")
end
function test.errors(t) error("<no>\n&") end
test.table("<rows> & more", { { name = '"quoted"' } }, function(t) end)
`)
	write("broken_test.lua", `function test.x(`)
	var out, errs bytes.Buffer
	status := Run(ofShares, []string{"test", "--junit", "report.xml", "."}, strings.NewReader(""), &out, &errs)
	if status != statusUsage {
		t.Errorf("got status %d, want %d, since a file is broken\n%s%s", status, statusUsage, &out, &errs)
	}
	text, err := os.ReadFile("report.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, breach := range breaches(text) {
		t.Errorf("%s\n%s", breach, text)
	}
	var got junitReport
	if err := xml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 5 || got.Failures != 2 || got.Errors != 1 || len(got.Suites) != 2 {
		t.Errorf("got %d tests, %d failures, %d errors, %d suites, want 5, 2, 1, 2", got.Tests, got.Failures, got.Errors, len(got.Suites))
	}
	for i, want := range []string{"broken_test.lua", "guard_test.lua"} {
		if name := filepath.Base(got.Suites[i].Name); name != want {
			t.Errorf("suite %d: got %s, want %s", i, name, want)
		}
	}
	if f := got.Suites[1].Cases[1].Failure; f == nil || strings.Count(f.Text, "guard_test.lua:") != 2 {
		t.Errorf("got failure %+v, want one with both expectations", f)
	}
}

func TestTheCheckerOfJUnitFindsBreaches(t *testing.T) {
	for document, want := range map[string]string{
		`<testsuites/>`: "",
		`<testsuite name="a" tests="1" failures="0" errors="0"/>`:                "testsuite is the outermost element",
		`<testsuites><testsuite name="a" failures="0" errors="0"/></testsuites>`: "testsuite without tests",
		`<testsuites time="0.0001"/>`:                                            `time "0.0001"`,
		`<testsuites><testcase name="a"/></testsuites>`:                          "testcase in testsuites",
		`<testsuites>a</testsuites>`:                                             "text in testsuites",
		`<testsuites color="red"/>`:                                              "no attribute color of testsuites",
		`<testsuites><b/></testsuites>`:                                          "no element b",
	} {
		if got := strings.Join(breaches([]byte(document)), "; "); got != want {
			t.Errorf("%s: got %q, want %q", document, got, want)
		}
	}
}
