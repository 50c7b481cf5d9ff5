package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// Text tells people what a report says.
type Text struct {
	*report.Painter
	Source func(script string) ([]byte, error) // of the hooks as they are now
	// Then names what the calls are compared with: recorded, or another version of the hooks.
	Then string
	// OnlyDifferences leaves out what is the same in both.
	OnlyDifferences bool
	left            int // entries that were left out
}

// shown is how many entries of a list people see, unless they want to see all.
const shown = 20

// Tell writes the report.
func (t *Text) Tell(r *Report) {
	t.head(r)
	t.endings(r)
	if !t.OnlyDifferences {
		t.hooks(r.Hooks)
		t.errors(r)
		t.costs("costliest", r.Costliest, func(c Cost) string { return count(int(c.Instructions), "instruction", "instructions") })
		t.costs("slowest when recorded", r.Slowest, func(c Cost) string { return report.HumanDuration(c.Duration) })
	}
	t.missing(r)
	t.unplayable(r)
	if r.Then != nil {
		t.differences(r)
	}
	if t.left > 0 {
		t.Line()
		t.Paragraph("", report.Faint.Text(count(t.left, "entry", "entries")+" left out: --full shows all."))
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Grouped(int64(n)) + " " + many
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return number(n) + " times"
}

func calls(n int) string { return count(n, "call", "calls") }

// few returns how many of n entries are shown.
func (t *Text) few(n int) int {
	if t.Full || n <= shown {
		return n
	}
	t.left += n - shown
	return shown
}

func (t *Text) head(r *Report) {
	var methods []string
	for _, m := range r.Methods {
		methods = append(methods, report.Grouped(int64(m.Calls))+" "+plaintext.Line(m.Method)+" on "+plaintext.Line(m.Service))
	}
	about := ""
	if len(methods) > 0 {
		about = ": " + strings.Join(methods[:t.few(len(methods))], ", ")
	}
	t.Paragraph("", report.Bold.Text(calls(r.Calls)), report.Faint.Text(about))
	if r.Dropped > 0 {
		t.Paragraph("", report.Yellow.Text(calls(int(r.Dropped))+" missing: they were dropped when the tape was recorded"))
	}
	for _, note := range r.Notes {
		t.Paragraph("", report.Yellow.Text(plaintext.Line(note)))
	}
}

func (t *Text) endings(r *Report) {
	if r.Calls == 0 {
		return
	}
	head := []report.Piece{report.Plain.Text(""), report.Plain.Text("")}
	rows := report.Table{head,
		{report.Plain.Text(""), report.Green.Text("completed")}, {report.Plain.Text(""), report.Yellow.Text("rejected")},
		{report.Plain.Text(""), report.Red.Text("failed")}, {report.Plain.Text(""), report.Yellow.Text("not known")},
		{report.Plain.Text(""), report.Plain.Text("instructions")},
	}
	add := func(name string, e *Endings) {
		for i, text := range []string{name, number(e.Completed), number(e.Rejected), number(e.Failed), number(e.Unknown), report.Grouped(e.Instructions)} {
			rows[i] = append(rows[i], report.Plain.Text(text))
		}
	}
	if r.Then != nil {
		add(t.Then, r.Then)
	}
	add("now", r.Now)
	if r.Unknown() == 0 {
		rows = slices.Delete(rows, 4, 5)
	}
	t.Line()
	rows.Print(t.Painter)
	if r.Then == nil {
		return
	}
	t.Line()
	look := report.Green
	if r.Differing > 0 {
		look = report.Yellow
	}
	t.Paragraph("", look.Text(calls(r.Differing)+" with differences"), report.Faint.Text(fmt.Sprintf(", %s the same to the instruction, of %s compared", number(r.Now.Same), number(r.Compared))))
}

func number(n int) string { return report.Grouped(int64(n)) }

func (t *Text) title(text string) {
	t.Line()
	t.Line(t.Paint(report.Bold, text))
}

func (t *Text) hooks(all []*HookReport) {
	if len(all) == 0 {
		return
	}
	t.title("hooks")
	rows := report.Table{nil}
	for _, head := range []string{"", "hook", "service", "runs", "failed", "suppressed", "rejected", "instructions", "highest"} {
		rows[0] = append(rows[0], report.Plain.Text(head))
	}
	for _, h := range all[:t.few(len(all))] {
		row := []report.Piece{report.Plain.Text(""), report.Plain.Text(h.Hook), report.Plain.Text(h.Service), report.Plain.Text(number(h.Runs)),
			{Text: number(h.Failed), Look: lookOf(h.Failed, report.Red)}, {Text: number(h.Suppressed), Look: lookOf(h.Suppressed, report.Yellow)},
			{Text: number(h.Rejected), Look: lookOf(h.Rejected, report.Yellow)},
			report.Plain.Text(report.Grouped(h.Instructions)), report.Plain.Text(report.Grouped(h.Highest))}
		rows = append(rows, row)
	}
	rows.Print(t.Painter)
	for _, h := range all {
		t.did(h)
	}
}

// lookOf makes a figure stand out that is not 0.
func lookOf(n int, look report.Style) report.Style {
	if n == 0 {
		return report.Faint
	}
	return look
}

// did tells what a hook changed, and what else it did.
func (t *Text) did(h *HookReport) {
	if len(h.Changes)+len(h.Effects) == 0 {
		return
	}
	t.title(plaintext.Line(h.Hook) + " on " + plaintext.Line(h.Service))
	for _, list := range []struct {
		counts map[string]int
		look   report.Style
	}{{h.Changes, report.Green}, {h.Effects, report.Cyan}} {
		names := slices.SortedFunc(maps.Keys(list.counts), func(a, b string) int {
			return cmp.Or(cmp.Compare(list.counts[b], list.counts[a]), cmp.Compare(a, b))
		})
		for _, name := range names[:t.few(len(names))] {
			t.Line(report.Indent, report.PadLeft(number(list.counts[name]), 10), report.Indent, t.Paint(list.look, t.Fit(plaintext.Line(name), 14)))
		}
	}
	if h.Others > 0 {
		t.Line(report.Indent, report.PadLeft(number(h.Others), 10), report.Indent, t.Paint(report.Faint, "others"))
	}
}

func (t *Text) errors(r *Report) {
	if len(r.Errors) == 0 {
		return
	}
	t.title("errors")
	for _, e := range r.Errors[:t.few(len(r.Errors))] {
		place := cmp.Or(e.Script, "the engine")
		if e.Line > 0 {
			place = fmt.Sprintf("%s:%d", e.Script, e.Line)
		}
		t.Paragraph(report.Indent, report.Bold.Text(plaintext.Line(place)), report.Plain.Text(" "), report.Red.Text(plaintext.Line(e.Message)),
			report.Faint.Text(fmt.Sprintf(", %s, %s of %s, such as %s", times(e.Count), e.Phase, plaintext.Line(e.Hook), e.Example.place())))
		if text, err := t.Source(e.Script); err == nil && e.Script != "" {
			t.Excerpt(report.Indent+report.Indent, string(text), report.Spot{Line: e.Line}, e.Message)
		}
	}
	t.more(r.Beyond.Errors, "errors of other kinds")
}

// more tells what a list had no room for.
func (t *Text) more(n int, what string) {
	if n > 0 {
		t.Line(report.Indent, t.Paint(report.Faint, number(n)+" "+what))
	}
}

// place says which call it is.
func (e *Example) place() string {
	text := plaintext.Line(e.At)
	if e.RequestID != "" {
		text += " (request " + plaintext.Line(e.RequestID) + ")"
	}
	return text
}

func (t *Text) costs(title string, all []Cost, of func(Cost) string) {
	if len(all) == 0 {
		return
	}
	t.title(title)
	width := 0
	for _, c := range all {
		width = max(width, report.Columns(of(c)))
	}
	for _, c := range all {
		t.Line(report.Indent, report.PadLeft(of(c), width), report.Indent, plaintext.Line(c.Method), " on ", plaintext.Line(c.Service), t.Paint(report.Faint, ", "+c.place()))
	}
}

func (t *Text) missing(r *Report) {
	if len(r.Missing) == 0 {
		return
	}
	t.title("missing answers")
	t.Paragraph("", report.Faint.Text("These hooks ask what the tape has no answer to: what comes of their calls is not known."))
	for _, m := range r.Missing[:t.few(len(r.Missing))] {
		of := ""
		if m.Then {
			of = " of " + t.Then
		}
		t.Paragraph(report.Indent, report.Bold.Text(fmt.Sprintf("%s:%d", plaintext.Line(m.Script), m.Line)), report.Yellow.Text(" "+plaintext.Line(m.Asked)),
			report.Faint.Text(fmt.Sprintf(", %s, hook %s%s, such as %s", times(m.Count), plaintext.Line(m.Hook), plaintext.Line(of), m.Example.place())))
	}
	t.more(r.Beyond.Missing, "others")
}

func (t *Text) unplayable(r *Report) {
	if len(r.Unplayable) == 0 {
		return
	}
	t.title("records that cannot be run")
	for _, p := range r.Unplayable[:t.few(len(r.Unplayable))] {
		t.Paragraph(report.Indent, report.Red.Text(plaintext.Line(p.Message)), report.Faint.Text(", "+times(p.Count)))
	}
	t.more(r.Beyond.Unplayable, "for other reasons")
}

func (t *Text) differences(r *Report) {
	for _, g := range r.Differences[:t.few(len(r.Differences))] {
		t.Line()
		kind, about := string(g.Kind)+" ", g.About
		if strings.HasPrefix(about, string(g.Kind)) { // the path of a value
			kind = ""
		}
		t.Paragraph("", report.Bold.Text(kind), report.Plain.Text(plaintext.Line(about)),
			report.Faint.Text(fmt.Sprintf(", %s of %s%s", calls(g.Calls), strings.Join(g.Methods, ", "), by(g.Hooks))))
		t.side("-", report.Red, g.Then)
		t.side("+", report.Green, g.Now)
		t.Paragraph(report.Indent, report.Faint.Text("in "+g.Example.place()))
		if g.Record != nil {
			t.Line(report.Indent, t.Fit(string(plaintext.JSON(g.Record)), len(report.Indent)))
		}
		if g.Note != "" {
			t.Paragraph(report.Indent, report.Yellow.Text(plaintext.Line(g.Note)))
		}
		if g.Case != "" {
			t.Line(report.Indent, t.Paint(report.Faint, "saved to "), plaintext.Line(g.Case))
		}
	}
	t.more(r.Beyond.Differences, "differences of other kinds")
}

func by(hooks []string) string {
	if len(hooks) == 0 {
		return ""
	}
	return ", hook " + plaintext.Line(strings.Join(hooks, ", "))
}

func (t *Text) side(sign string, look report.Style, value string) {
	value = cmp.Or(value, "nothing")
	t.Line(report.Indent, t.Paint(look, t.Fit(sign+" "+plaintext.Line(value), len(report.Indent))))
}
