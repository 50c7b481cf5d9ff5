package report

import (
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/ansi"
)

func TestColumnsAreThoseOfATerminal(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "größe": 5, "日本語": 6, "🚀": 2, "👩\u200d🚀": 2, "e\u0301": 1, "…": 1, "한글": 4, "ｆ": 2,
	} {
		if got := Columns(text); got != want {
			t.Errorf("columns(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestTextsAreCutToTheirColumns(t *testing.T) {
	tests := []struct {
		text string
		most int
		want string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcde…"},
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"👩\u200d🚀👩\u200d🚀", 3, "👩\u200d🚀…"},
	}
	for _, test := range tests {
		if got := cut(test.text, test.most); got != test.want || Columns(got) > test.most {
			t.Errorf("cut(%q, %d) = %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestParagraphsBreakAtSpacesOnATerminal(t *testing.T) {
	pieces := []Piece{Bold.Text("a.lua:12: "), Red.Text("日本語 is no field, nor is size"), Faint.Text(" [type]")}
	tests := []struct {
		width int
		color bool
		want  string
	}{
		{0, false, "  a.lua:12: 日本語 is no field, nor is size [type]\n"},
		{60, false, "  a.lua:12: 日本語 is no field, nor is size [type]\n"},
		{28, false, "  a.lua:12: 日本語 is no\n    field, nor is size\n    [type]\n"},
		{28, true, "  <1>a.lua:12: <0><31>日本語 is no<0>\n    <31>field, nor is size<0>\n    <2>[type]<0>\n"},
		{5, false, "  a.lua:12:\n    日本語\n    is\n    no\n    field,\n    nor\n    is\n    size\n    [type]\n"},
	}
	for _, test := range tests {
		var out strings.Builder
		(&Painter{Out: &out, Width: test.width, Color: test.color}).Paragraph("  ", pieces...)
		if got := ansi.Visible(out.String()); got != test.want {
			t.Errorf("width %d: got %q, want %q", test.width, got, test.want)
		}
	}
}

// FuzzWindow: whatever the line, the part of it takes no more columns than it may, and what is of interest stands in it
// where the caret will point to.
func FuzzWindow(f *testing.F) {
	f.Add(`  local s = "日本語🚀"; print(t.x)`, 20, 12)
	f.Add(strings.Repeat("ä", 90)+"x", 90, 40)
	f.Add(strings.Repeat("語", 90)+"x"+strings.Repeat("語", 90), 271, 41)
	f.Fuzz(func(t *testing.T, line string, from, width int) {
		line = visible(line)
		if width < 8 || width > 1000 || from < 0 || from >= len(line) {
			return
		}
		for from > 0 && line[from]&0xc0 == 0x80 {
			from--
		}
		at := Columns(line[:from])
		if Columns(line) != at+Columns(line[from:]) {
			return // within what is shown as one letter
		}
		part := windowOn(line, at, width)
		got := part.show(line)
		if Columns(got) > width {
			t.Errorf("%q in %d columns takes %d", got, width, Columns(got))
		}
		first := line[from:]
		if r := []rune(first); len(r) > 0 && r[0] > ' ' && r[0] < 0x7f && (len(r) == 1 || r[1] < 0x7f) && at-part.from < width-1 {
			if before, n := head(got, at-part.from); n != at-part.from || !strings.HasPrefix(got[len(before):], string(r[0])) {
				t.Errorf("%q of %q from %d: want %q at column %d", got, line, part.from, r[0], at-part.from)
			}
		}
	})
}
