package coverage

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/hookrun/hookrun/internal/lua/reflines"
	"github.com/hookrun/hookrun/internal/plaintext"
)

//go:embed page.html
var pageSource string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": func(s Share) string { return fmt.Sprintf("%.1f%%", s.Percent()) },
	"share":   func(s Share) string { return fmt.Sprintf("%d of %d, %.1f%%", s.Hit, s.Total, s.Percent()) },
}).Parse(pageSource))

// pageFile is a file as the page shows it.
type pageFile struct {
	ID, Path string
	Sum      Summary
	Rows     []pageRow
}

type pageRow struct {
	ID, Class, Hits string
	Number          int
	Pieces          []pagePiece
	Note            string
}

// pagePiece is a part of a line; with a note where it is a word at which one way was never taken.
type pagePiece struct{ Text, Note string }

// WriteHTML writes the report as one page, which needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	var files []pageFile
	for i, f := range r.Files {
		files = append(files, f.page(fmt.Sprintf("file%d", i+1)))
	}
	return page.Execute(w, map[string]any{"Files": files, "Total": r.Summary()})
}

func (f *File) page(id string) pageFile {
	shown := pageFile{ID: id, Path: plaintext.Line(f.Path), Sum: f.Summary()}
	hits := map[int]int64{}
	for _, l := range f.Lines {
		hits[l.Number] = l.Hits
	}
	branches := map[int][]reflines.Branch{}
	for _, b := range f.Branches {
		branches[b.Line] = append(branches[b.Line], b)
	}
	start, number := 0, 0
	for text := range strings.Lines(f.Source) {
		number++
		row := pageRow{ID: fmt.Sprintf("%s-%d", id, number), Number: number}
		if n, ok := hits[number]; ok {
			row.Hits, row.Class = fmt.Sprint(n), "yes"
			if n == 0 {
				row.Class = "no"
			}
		}
		row.mark(strings.TrimRight(text, "\r\n"), start, branches[number])
		shown.Rows = append(shown.Rows, row)
		start += len(text)
	}
	return shown
}

// mark cuts a line into pieces at the words of branches that never went one way.
func (row *pageRow) mark(text string, start int, branches []reflines.Branch) {
	at := 0
	var notes []string
	for _, b := range branches {
		note := missed(b)
		from := b.Offset - start
		word := len(b.Kind)
		if note == "" || from < at || from+word > len(text) {
			continue
		}
		row.Pieces = append(row.Pieces, pagePiece{Text: plaintext.Line(text[at:from])}, pagePiece{plaintext.Line(text[from : from+word]), note})
		at = from + word
		notes = append(notes, note)
		if row.Class == "yes" {
			row.Class = "part"
		}
	}
	row.Pieces = append(row.Pieces, pagePiece{Text: plaintext.Line(text[at:])})
	row.Note = strings.Join(notes, "; ")
}

// missed says which way a branch never went; it is empty where it went both ways, or was not reached.
func missed(b reflines.Branch) string {
	if b.Yes+b.No == 0 || b.Yes > 0 && b.No > 0 {
		return ""
	}
	never, what := "true", b.Kind
	if b.No == 0 {
		never = "false"
	}
	if b.Kind == "and" || b.Kind == "or" {
		what = "left of " + b.Kind
	}
	return what + " was never " + never
}
