package luasuite

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatDeviatesIsReplacedLineForLine(t *testing.T) {
	const text = "one\nbegin\n x\nend\ntwo\nbegin end\n"
	tests := []struct {
		name string
		d    Deviation
		want string
		err  string
	}{
		{name: "a text", d: Deviation{Text: "two", Instead: "2"}, want: "one\nbegin\n x\nend\n2\nbegin end\n"},
		{name: "parts, each time", d: Deviation{Text: "begin", Through: "end"}, want: "one\n\n\n\ntwo\n\n"},
		{name: "with something shorter", d: Deviation{Text: "begin\n", Through: "end", Instead: "a\nb"}, want: "one\na\nb\n\ntwo\nbegin end\n"},
		{name: "what is not there", d: Deviation{File: "f.lua", Text: "three"}, err: `f.lua: "three" is not there`},
		{name: "what does not end", d: Deviation{File: "f.lua", Text: "two", Through: "three"}, err: `f.lua: no "three" behind "two"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Apply(text, []Deviation{tt.d})
			if tt.err != "" || err != nil {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("got error %v, want %s", err, tt.err)
				}
				return
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCommentsBecomeCode(t *testing.T) {
	const text = "a\n -- b -- c\n--d\ne --[[\n--[[\nf\n--]]\n-- rest\n"
	got, err := Uncomment("x.lua", text, []Comment{{"x.lua", " -- b", "--]]"}, {"y.lua", "never", ""}})
	if want := "a\n  b -- c\nd\ne --[[\n\nf\n\n-- rest\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := Uncomment("x.lua", text, []Comment{{"x.lua", "gone", ""}}); err == nil {
		t.Error("a comment that is not there is no error")
	}
}

func TestTheFilesAreFound(t *testing.T) {
	text, err := Read("_lua5.1-tests/sort.lua")
	if err != nil || !strings.Contains(text, "table.sort") {
		t.Errorf("got %d bytes, %v", len(text), err)
	}
}
