package cli

import (
	"encoding/json"
	"net/url"
	"path/filepath"

	"honnef.co/go/tools/sarif"

	"github.com/hookrun/hookrun/internal/check"
)

// sarifRun is a run of SARIF 2.1.0, section 3.14, with columns that are counted in characters. Results are a list where
// there are none, which says that all is well.
type sarifRun struct {
	sarif.Run
	ColumnKind string         `json:"columnKind"`
	Results    []sarif.Result `json:"results"`
}

// sarifSchema is where the standard publishes its schema.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// newSARIF returns mistakes as a log of the Static Analysis Results Interchange Format,
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/, which editors and code hosts show at their places.
func newSARIF(found []check.Finding) []byte {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarif.Result{}}
	run.Tool.Driver = sarif.ToolComponent{Name: "hookrun", Version: version(), InformationURI: "https://github.com/hookrun/hookrun"}
	for _, r := range check.Rules() {
		about := sarif.Message{Text: r.About}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarif.ReportingDescriptor{
			ID: string(r.Code), ShortDescription: about, Help: about,
			DefaultConfiguration: sarif.ReportingConfiguration{Enabled: true, Level: string(r.Severity)},
		})
	}
	for _, f := range found {
		run.Results = append(run.Results, sarifResult(f))
	}
	log, err := json.MarshalIndent(map[string]any{"$schema": sarifSchema, "version": sarif.Version, "runs": []sarifRun{run}}, "", "  ")
	if err != nil {
		panic(err) // it holds texts and numbers alone
	}
	return append(log, '\n')
}

func sarifResult(f check.Finding) sarif.Result {
	message := f.Message
	if f.Key != "" {
		message = f.Where() + ": " + message
	}
	at := sarif.ArtifactLocation{URI: (&url.URL{Path: filepath.ToSlash(f.File)}).EscapedPath()}
	r := sarif.Result{
		RuleID: string(f.Code), Kind: "fail", Level: string(f.Code.Severity()), Message: sarif.Message{Text: message},
		Suppressions: []sarif.Suppression{},
	}
	if f.File != "" {
		region := sarif.Region{StartLine: max(f.Line, 1), StartColumn: max(f.Column, 1), EndColumn: f.End}
		r.Locations = []sarif.Location{{PhysicalLocation: sarif.PhysicalLocation{ArtifactLocation: at, Region: region}}}
		if f.Fix != nil {
			r.Fixes = []sarif.Fix{sarifFix(f, at, region)}
		}
	}
	return r
}

// sarifFix returns the fix of a mistake. What it changes is at the place of the mistake, which is on one line.
func sarifFix(f check.Finding, at sarif.ArtifactLocation, place sarif.Region) sarif.Fix {
	if f.Fix.From == f.Fix.To {
		place.EndColumn = place.StartColumn
	}
	return sarif.Fix{
		Description: sarif.Message{Text: f.Fix.Title},
		ArtifactChanges: []sarif.ArtifactChange{{ArtifactLocation: at, Replacements: []sarif.Replacement{
			{DeletedRegion: place, InsertedContent: sarif.ArtifactContent{Text: f.Fix.Text}},
		}}},
	}
}
