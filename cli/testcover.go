package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/internal/coverage"
	"github.com/hookrun/hookrun/internal/report"
)

// testCover measures which part of the scripts the tests executed.
type testCover struct {
	show       bool
	html, lcov string // files; "" for none
	least      float64

	collector *coverage.Collector // nil where nothing is measured
}

func (c *testCover) addFlags(cmd *cobra.Command, std *streams) {
	flags := cmd.Flags()
	flags.BoolVar(&c.show, "cover", false, "show which lines, functions and branches of the scripts were executed")
	flags.StringVar(&c.html, "cover-html", "", "write that to `FILE` as a page, with the scripts")
	flags.StringVar(&c.lcov, "lcov", "", "write that to `FILE` for genhtml and editors")
	flags.Float64Var(&c.least, "cover-min", 0, "fail when less than `PERCENT` of the lines was executed")
	std.completeFlags(cmd, map[string]cobra.CompletionFunc{"cover-html": filesEndingIn("html"), "lcov": filesEndingIn("info")})
}

// begin makes the collector, if anything is asked for.
func (c *testCover) begin(cmd *cobra.Command) error {
	if c.least < 0 || c.least > 100 {
		return usagef(cmd, "--cover-min: want a percentage from 0 to 100, got %v", c.least)
	}
	if c.show = c.show || c.least > 0; c.show || c.html != "" || c.lcov != "" {
		c.collector = &coverage.Collector{Skip: func(path string) bool { return strings.HasSuffix(path, testEnding) }}
	}
	return nil
}

// end tells what was executed.
func (c *testCover) end(std *streams, json bool) error {
	if c.collector == nil {
		return nil
	}
	r, err := c.collector.Report()
	if err != nil {
		return err
	}
	if err := cmp.Or(writeTo(c.html, r.WriteHTML), writeTo(c.lcov, r.WriteLCOV)); err != nil {
		return err
	}
	switch {
	case json:
		err = writeJSON(std, newCoverEvent(r))
	case c.show:
		tellCoverage(std.painter(), r)
	}
	if got := r.Summary().Lines; err == nil && got.Percent() < c.least {
		return std.fail("%d of %d lines were executed, which is %.1f%%: want at least %v%%", got.Hit, got.Total, got.Percent(), c.least)
	}
	return err
}

// writeTo writes a file, unless its path is empty.
func writeTo(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return cmp.Or(write(f), f.Close())
}

// coverEvent is the line of JSON for coverage.
type coverEvent struct {
	Event string      `json:"event"` // coverage
	Files []coverFile `json:"files"`
	coverage.Summary
}

type coverFile struct {
	File string `json:"file"`
	coverage.Summary
	Missing [][2]int `json:"missing"` // ranges of lines with code of which nothing was executed
}

func newCoverEvent(r *coverage.Report) coverEvent {
	e := coverEvent{Event: "coverage", Files: []coverFile{}, Summary: r.Summary()}
	for _, f := range r.Files {
		e.Files = append(e.Files, coverFile{f.Path, f.Summary(), append([][2]int{}, f.Missing()...)})
	}
	return e
}

// tellCoverage shows the shares of each file, and the lines that were not executed.
func tellCoverage(p *report.Painter, r *coverage.Report) {
	head := report.Table{{{}, report.Plain.Text("script"), report.Plain.Text("lines"), report.Plain.Text("functions"), report.Plain.Text("branches"), report.Plain.Text("not executed")}}
	row := func(name string, s coverage.Summary, missing string) []report.Piece {
		return []report.Piece{{}, report.Plain.Text(name), percentage(s.Lines), percentage(s.Functions), percentage(s.Branches), report.Plain.Text(missing)}
	}
	for _, f := range r.Files {
		head = append(head, row(f.Path, f.Summary(), ranges(f.Missing())))
	}
	if len(r.Files) > 1 {
		head = append(head, row("all", r.Summary(), ""))
	}
	p.Line()
	head.Print(p)
}

// percentage writes a share in percent.
func percentage(s coverage.Share) report.Piece {
	look := report.Green
	switch {
	case s.Total == 0:
		return report.Faint.Text("-")
	case s.Percent() < 50:
		look = report.Red
	case s.Percent() < 100:
		look = report.Yellow
	}
	return look.Text(fmt.Sprintf("%5.1f%%", s.Percent()))
}

// ranges writes ranges of lines: 3, 7-12.
func ranges(list [][2]int) string {
	var parts []string
	for _, r := range list {
		part := fmt.Sprint(r[0])
		if r[1] > r[0] {
			part += fmt.Sprint("-", r[1])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}
