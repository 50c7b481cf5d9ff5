package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLongValuesAreCutOnATerminalOnly(t *testing.T) {
	long := strings.Repeat("ä", 100)
	tests := map[string]struct {
		p    Painter
		used int
		want string
	}{
		"terminal":      {Painter{Width: 80}, 10, long[:2*69] + "…"},
		"wide enough":   {Painter{Width: 120}, 20, long},
		"no terminal":   {Painter{}, 10, long},
		"narrow":        {Painter{Width: 30}, 10, long[:2*19] + "…"},
		"hardly there":  {Painter{Width: 10}, 10, long[:2*7] + "…"},
		"asked in full": {Painter{Width: 80, Full: true}, 10, long},
	}
	for name, test := range tests {
		if got := test.p.Fit(long, test.used); got != test.want || test.p.WasCut != (got != long) {
			t.Errorf("%s: got %q, cut %v, want %q", name, got, test.p.WasCut, test.want)
		}
	}
}

func TestALongNumberDoesNotMoveTheRestOfItsBlock(t *testing.T) {
	events := Table{
		{{Text: "published"}, {Text: "type"}, {Text: "subject"}, {Text: "id"}},
		{{Text: "2026-11-23 10:00:00"}, {Text: "share.created"}, {Text: "-"}, {Text: "01234567-89ab-7cde-f012-3456789abcde"}},
	}
	var out strings.Builder
	events.Print(&Painter{Out: &out, Width: 50})
	want := "  2026-11-23 10:00:00  share.created\n        id 01234567-89ab-7cde-f012-3456789abcde\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTableBecomesBlocksOnANarrowTerminal(t *testing.T) {
	hooks := Table{
		{{Text: "#"}, {Text: "hook"}, {Text: "methods"}, {Text: "on"}, {Text: "flags"}},
		{{Text: "1"}, {Text: "guard"}, {Text: "a\nb"}, {Text: "yes"}, {Text: "-"}},
	}
	tests := map[int]string{
		31: "  #  hook   methods  on   flags\n  1  guard  a        yes  -\n            b\n",
		20: "  1  guard\n     methods a, b\n     on yes\n",
		14: "  1  guard\n     methods\n       a, b\n     on yes\n",
	}
	for width, want := range tests {
		var out strings.Builder
		hooks.Print(&Painter{Out: &out, Width: width})
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("width %d: -want +got:\n%s", width, diff)
		}
	}
}
