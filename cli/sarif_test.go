package cli

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/share"
)

// sarifProperties are what objects of SARIF 2.1.0 may have, of what hookrun writes, each with the object or the values
// that it takes; a name that ends in ! must be there. They are those of the sections 3.13 to 3.57 of the standard,
// whose schema allows no others.
var sarifProperties = map[string]map[string]string{
	"log":                    {"$schema": "uri", "version!": "=2.1.0", "runs!": "[run"},
	"run":                    {"tool!": "tool", "columnKind": "=unicodeCodePoints|utf16CodeUnits", "results": "[result"},
	"tool":                   {"driver!": "toolComponent"},
	"toolComponent":          {"name!": "text", "version": "text", "informationUri": "uri", "rules": "[reportingDescriptor"},
	"reportingDescriptor":    {"id!": "text", "shortDescription": "message", "help": "message", "defaultConfiguration": "reportingConfiguration"},
	"reportingConfiguration": {"enabled": "bool", "level": "=none|note|warning|error"},
	"result": {"ruleId": "text", "kind": "=notApplicable|pass|fail|review|open|informational", "level": "=none|note|warning|error",
		"message!": "message", "locations": "[location", "fixes": "[fix", "suppressions": "[suppression"},
	"message":          {"text!": "text"},
	"location":         {"physicalLocation": "physicalLocation"},
	"physicalLocation": {"artifactLocation!": "artifactLocation", "region": "region"},
	"artifactLocation": {"uri": "reference"},
	"region":           {"startLine": "count", "startColumn": "count", "endColumn": "count"},
	"fix":              {"description": "message", "artifactChanges!": "[+artifactChange"},
	"artifactChange":   {"artifactLocation!": "artifactLocation", "replacements!": "[+replacement"},
	"replacement":      {"deletedRegion!": "region", "insertedContent": "artifactContent"},
	"artifactContent":  {"text": "string"},
	"suppression":      {"kind!": "=inSource|external"},
}

// sarifMistakes says what is wrong with a value of a kind, with the path to it.
func sarifMistakes(at, kind string, value any) (all []string) {
	wrong := func(want string) []string { return []string{fmt.Sprintf("%s: want %s, got %v", at, want, value)} }
	text, isText := value.(string)
	number, isNumber := value.(float64)
	switch {
	case strings.HasPrefix(kind, "["):
		list, ok := value.([]any)
		item, atLeastOne := strings.CutPrefix(kind[1:], "+")
		if !ok || atLeastOne && len(list) == 0 {
			return wrong("a list of " + item)
		}
		for i, v := range list {
			all = append(all, sarifMistakes(fmt.Sprintf("%s[%d]", at, i), item, v)...)
		}
		return all
	case strings.HasPrefix(kind, "="):
		if !isText || !slices.Contains(strings.Split(kind[1:], "|"), text) {
			return wrong("one of " + kind[1:])
		}
		return nil
	case kind == "text" && (!isText || text == ""), kind == "string" && !isText:
		return wrong("a text")
	case kind == "count" && (!isNumber || number < 1 || number != float64(int(number))):
		return wrong("a number from 1")
	case kind == "bool" && value != true && value != false:
		return wrong("true or false")
	case kind == "uri" || kind == "reference":
		if u, err := url.Parse(text); err != nil || !isText || kind == "uri" && !u.IsAbs() || strings.ContainsAny(text, ` \`) {
			return wrong("a " + kind)
		}
		return nil
	}
	properties, isObject := sarifProperties[kind]
	if !isObject {
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return wrong(kind)
	}
	for name := range properties {
		if required, must := strings.CutSuffix(name, "!"); must && object[required] == nil {
			all = append(all, at+": "+required+" is missing")
		}
	}
	for name, v := range object {
		of, known := properties[name]
		if must, ok := properties[name+"!"]; ok {
			of, known = must, true
		}
		if !known {
			all = append(all, at+": no property "+name)
			continue
		}
		all = append(all, sarifMistakes(at+"."+name, of, v)...)
	}
	return all
}

// sarifFindings are mistakes of all kinds that there are in the linter's own tests, and some of a config.
func sarifFindings(t *testing.T) []check.Finding {
	t.Helper()
	globals, err := sandbox.Globals()
	if err != nil {
		t.Fatal(err)
	}
	schema := check.Schema{Globals: globals, Removed: sandbox.Removed(), Libraries: sandbox.Libraries(), Methods: share.Methods(), Modules: map[string]check.Module{}}
	scripts, err := filepath.Glob("../internal/check/testdata/*.lua")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	found := ofConfig([]config.Problem{
		{File: "a b/cönfig.toml", Key: "services.nfs1", Hook: "guard", Message: "no line"},
		{File: `C:\hooks\config.toml`, Line: 3, Message: "another system"},
		{Message: "no file"},
	})
	for _, script := range scripts {
		source, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, check.Check(script, source, schema)...)
	}
	return found
}

func TestFindingsAreWrittenAsTheStandardOfSARIFSays(t *testing.T) {
	found := sarifFindings(t)
	text := newSARIF(found)
	var log any
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	for _, mistake := range sarifMistakes("log", "log", log) {
		t.Error(mistake)
	}
	var written struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				Locations []struct{ PhysicalLocation struct{ Region sarifRegion } }
				Fixes     []struct {
					ArtifactChanges []struct {
						Replacements []struct{ DeletedRegion sarifRegion }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &written); err != nil || len(written.Runs) != 1 {
		t.Fatal("want one run", err)
	}
	run := written.Runs[0]
	if len(run.Results) != len(found) || len(found) < 100 {
		t.Errorf("got %d results of %d findings", len(run.Results), len(found))
	}
	rules := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if rules[r.ID] {
			t.Errorf("the rule %s is there twice", r.ID)
		}
		rules[r.ID] = true
	}
	fixes := 0
	for i, r := range run.Results {
		if !rules[r.RuleID] {
			t.Errorf("results[%d]: no rule %q", i, r.RuleID)
		}
		for _, l := range r.Locations {
			l.PhysicalLocation.Region.mustHold(t, i)
		}
		for _, f := range r.Fixes {
			for _, c := range f.ArtifactChanges {
				for _, replaced := range c.Replacements {
					replaced.DeletedRegion.mustHold(t, i)
					fixes++
				}
			}
		}
	}
	if fixes < 20 {
		t.Errorf("got %d fixes, want those of the linter's tests", fixes)
	}
}

type sarifRegion struct{ StartLine, StartColumn, EndColumn int }

func (r sarifRegion) mustHold(t *testing.T, result int) {
	t.Helper()
	if r.StartLine < 1 || r.StartColumn < 1 || r.EndColumn != 0 && r.EndColumn < r.StartColumn {
		t.Errorf("results[%d]: got the region %+v", result, r)
	}
}

// The checker of this file sees what is wrong.
func TestTheCheckerOfSARIFSeesMistakes(t *testing.T) {
	good := string(newSARIF(sarifFindings(t)))
	for _, tt := range []struct{ from, to, want string }{
		{`"version": "2.1.0"`, `"version": "2.0.0"`, `log.version: want one of 2.1.0, got 2.0.0`},
		{`"driver"`, `"drivers"`, `log.runs\[0\].tool: (driver is missing|no property drivers)`},
		{`"startLine": 1`, `"startLine": 0`, `region.startLine: want a number from 1, got 0`},
		{`"kind": "fail"`, `"kind": "failed"`, `results\[0\].kind: want one of notApplicable`},
		{`"text": "no file"`, `"text": ""`, `message.text: want a text`},
		{`"informationUri": "https`, `"informationUri": "ht tps`, `informationUri: want a uri`},
	} {
		var log any
		if err := json.Unmarshal([]byte(strings.Replace(good, tt.from, tt.to, 1)), &log); err != nil || !strings.Contains(good, tt.from) {
			t.Fatalf("%s: %v", tt.from, err)
		}
		if got := strings.Join(sarifMistakes("log", "log", log), "\n"); !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("%s: got %q, want %s", tt.to, got, tt.want)
		}
	}
}
