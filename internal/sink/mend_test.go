package sink

import (
	"os"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestWhatAnEarlierProcessLeftOfALine(t *testing.T) {
	long.Only(t)
	line := lines(t, event("id-1", "share-1"))
	whole := strings.TrimSuffix(line, "\n")
	large := event("id-1", "share-1")
	large.Data = []byte(`"` + strings.Repeat("x", 100_000) + `"`)
	tests := map[string]struct{ before, kept string }{
		"nothing":                    {"", ""},
		"a line":                     {line, line},
		"a byte of an event":         {line + "{", line},
		"the beginning of an event":  {line + whole[:len(lineStart)], line},
		"half an event":              {line + whole[:len(whole)/2], line},
		"all but a byte":             {line + whole[:len(whole)-1], line},
		"half a large event":         {line + lines(t, large)[:90_000], line},
		"half an event, by itself":   {whole[:len(whole)/2], ""},
		"half an event and no bytes": {line + whole[:40] + strings.Repeat("\x00", 4000), line},
		"a whole event":              {line + whole, line + line},
		"a large whole event":        {strings.TrimSuffix(lines(t, large), "\n"), lines(t, large)},
		"a note":                     {line + "rotate me", line + "rotate me\n"},
		"another object":             {line + `{"spec":`, line + `{"spec":` + "\n"},
		"a bit of whatever":          {"\x00\x01", "\x00\x01\n"},
		"a large bit of whatever":    {strings.Repeat("x", maxTail+5), strings.Repeat("x", maxTail+5) + "\n"},
		"an empty line":              {line + "\n", line + "\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, path := appending(t, 0)
			if err := os.WriteFile(path, []byte(test.before), 0o600); err != nil {
				t.Fatal(err)
			}
			deliver(t, s, event("id-2", ""))
			if got, want := read(t, path), test.kept+lines(t, event("id-2", "")); got != want {
				t.Errorf("got %.300q, want %.300q", got, want)
			}
		})
	}
}
