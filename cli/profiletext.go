package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/profile"
	"github.com/hookrun/hookrun/internal/report"
)

// mostRows is how many functions, and how many lines, people are shown.
const mostRows = 12

// tellProfile shows the most expensive functions and lines.
func tellProfile(p *report.Painter, found *profile.Profile, outcomes map[string]int) {
	per := func(n int64) int64 { return n / int64(found.Rounds) }
	p.Line(p.Paint(report.Bold, counted(found.Rounds, "round")), ": ", outcomesText(outcomes), p.Paint(report.Faint, fmt.Sprintf(
		"; each %s instructions, %s, %s",
		report.Grouped(per(found.Total.Instructions)), report.HumanDuration(found.Total.Time/time.Duration(found.Rounds)), bytesText(per(found.Total.Bytes)))))
	if len(found.Stacks) == 0 {
		p.Line("no hook ran")
		return
	}
	p.Line()
	functions := report.Table{heads("function", "instructions", "self", "all", "time", "memory")}
	for i, r := range first(found.Functions()) {
		functions = append(functions, append([]report.Piece{report.Faint.Text(fmt.Sprint(i + 1)), report.Plain.Text(functionText(r.Place))},
			report.Plain.Text(report.Grouped(per(r.Self.Instructions))), percent(r.Self.Instructions, found.Total.Instructions),
			percent(r.All.Instructions, found.Total.Instructions), timeText(r.Self, found), report.Plain.Text(bytesText(per(r.Self.Bytes)))))
	}
	functions.Print(p)
	p.Line()
	lines := report.Table{heads("line", "instructions", "self", "time", "memory", "source")}
	for i, r := range first(found.Lines()) {
		lines = append(lines, []report.Piece{
			report.Faint.Text(fmt.Sprint(i + 1)), report.Plain.Text(fmt.Sprintf("%s:%d", r.File, r.Line)),
			report.Plain.Text(report.Grouped(per(r.Self.Instructions))), percent(r.Self.Instructions, found.Total.Instructions),
			timeText(r.Self, found), report.Plain.Text(bytesText(per(r.Self.Bytes))), report.Plain.Text(sourceLine(found.Source(r.File), r.Line)),
		})
	}
	lines.Print(p)
}

func heads(texts ...string) []report.Piece {
	row := []report.Piece{{}}
	for _, t := range texts {
		row = append(row, report.Plain.Text(t))
	}
	return row
}

// first are the rows that people are shown.
func first(rows []profile.Row) []profile.Row { return rows[:min(len(rows), mostRows)] }

func functionText(at profile.Place) string {
	if at.File == "" {
		return at.Function
	}
	return at.File + ": " + at.Function
}

func percent(n, all int64) report.Piece {
	if all == 0 {
		return report.Faint.Text("-")
	}
	return report.Plain.Text(fmt.Sprintf("%5.1f%%", 100*float64(n)/float64(all)))
}

func timeText(v profile.Values, of *profile.Profile) report.Piece {
	return report.Plain.Text(report.HumanDuration(v.Time / time.Duration(of.Rounds)))
}

// bytesText writes a size in three digits: 812B, 12.3KiB.
func bytesText(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n, "B")
	}
	size := float64(n)
	for _, unit := range []string{"KiB", "MiB", "GiB", "TiB", "PiB"} {
		if size /= 1 << 10; size < 999.5 { // or it would be rounded to a number of four digits
			return fmt.Sprintf("%.3g%s", size, unit)
		}
	}
	return fmt.Sprintf("%.3gEiB", size/(1<<10))
}

// sourceLine is a line of a source, as far as it fits into a table.
func sourceLine(source string, line int) string {
	const most = 60
	n := 0
	for text := range strings.Lines(source) {
		if n++; n == line {
			text = plaintext.Line(strings.TrimSpace(text))
			if r := []rune(text); len(r) > most {
				text = string(r[:most-1]) + "…"
			}
			return text
		}
	}
	return ""
}

func outcomesText(outcomes map[string]int) string {
	var parts []string
	for _, o := range slices.Sorted(maps.Keys(outcomes)) {
		parts = append(parts, fmt.Sprintf("%d %s", outcomes[o], o))
	}
	return strings.Join(parts, ", ")
}

// profileJSON is what profile writes for programs. All values are sums of all rounds.
type profileJSON struct {
	Rounds    int            `json:"rounds"`
	Outcomes  map[string]int `json:"outcomes"`
	Total     profile.Values `json:"total"`
	Functions []profileRow   `json:"functions"`
	Lines     []profileRow   `json:"lines"`
}

type profileRow struct {
	Function string         `json:"function,omitempty"`
	File     string         `json:"file,omitempty"` // of a script; none for the library
	Line     int            `json:"line,omitempty"` // of a function, the one where it begins
	Self     profile.Values `json:"self"`
	All      profile.Values `json:"all"`
}

func newProfileJSON(p *profile.Profile, outcomes map[string]int) profileJSON {
	out := profileJSON{Rounds: p.Rounds, Outcomes: outcomes, Total: p.Total, Functions: []profileRow{}, Lines: []profileRow{}}
	for _, r := range p.Functions() {
		out.Functions = append(out.Functions, profileRow{r.Function, r.File, r.Begins, r.Self, r.All})
	}
	for _, r := range p.Lines() {
		out.Lines = append(out.Lines, profileRow{"", r.File, r.Line, r.Self, r.All})
	}
	return out
}
