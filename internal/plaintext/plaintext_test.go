package plaintext_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hookrun/hookrun/internal/plaintext"
)

func TestWhatATerminalObeysIsEscaped(t *testing.T) {
	tests := map[string]struct{ text, line string }{
		"plain":               {`a "b" \n c:\d`, `a "b" \n c:\d`},
		"empty":               {"", ""},
		"escape sequence":     {"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		"new lines":           {"a\r\nb\tc", `a\r\nb\tc`},
		"NUL, BEL, DEL":       {"\x00\a\x7f", `\x00\x07\x7f`},
		"C1":                  {"\u009b2J\u0085", `\u009b2J\u0085`},
		"line separators":     {"a\u2028b\u2029", `a\u2028b\u2029`},
		"bidirectional":       {"\u202e\u2066\u200e\u200f\u061c", `\u202e\u2066\u200e\u200f\u061c`},
		"invisible":           {"\ufeff\u200b\u00ad\u2060", `\ufeff\u200b\u00ad\u2060`},
		"fillers":             {"\u3164\u2800\u115f\uffa0\u034fx\ufe00\U000e0100", `\u3164\u2800\u115f\uffa0\u034fx\ufe00\U000e0100`},
		"tags":                {"\U000e0041", `\U000e0041`},
		"not UTF-8":           {"caf\xe9 \x9b", `caf\xe9 \x9b`},
		"cut within a letter": {"caf\xc3", `caf\xc3`},
		"a real U+FFFD":       {"\ufffd", "\ufffd"},
		"other scripts":       {"größe 名前 حجم می\u200cخواهم", "größe 名前 حجم می\u200cخواهم"},
		"emoji of several":    {"👩‍🚀 ❤️", "👩‍🚀 ❤️"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := plaintext.Line(test.text); got != test.line {
				t.Errorf("Line(%q) = %q, want %q", test.text, got, test.line)
			}
		})
	}
}

func TestJSONIsEscapedAndMeansTheSame(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"plain":         {"{\"a\":\n\t1.50}", "{\"a\":\n\t1.50}"},
		"DEL and C1":    {"\"\x7f\u009b\"", `"\u007f\u009b"`},
		"bidirectional": {"\"\u202e\"", `"\u202e"`},
		"tags":          {"\"\U000e0041\"", `"\udb40\udc41"`},
		"not UTF-8":     {"\"\xff\"", `"\ufffd"`},
		"letters":       {`"größe 名前 👩‍🚀"`, `"größe 名前 👩‍🚀"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := string(plaintext.JSON([]byte(test.text))); got != test.want {
				t.Errorf("JSON(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func FuzzNothingObeyedIsLeft(f *testing.F) {
	f.Add("\x1b[31m\r\nFORGED\u009b\u202e\xff\U000e0041")
	f.Add("plain")
	f.Fuzz(func(t *testing.T, text string) {
		line := plaintext.Line(text)
		wantShown(t, line)
		if plaintext.Line(line) != line {
			t.Errorf("Line changes its own output %q", line)
		}
		data, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		shown := plaintext.JSON(data)
		wantShown(t, string(shown))
		var want, got string
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(shown, &got); err != nil || got != want {
			t.Errorf("JSON(%q) reads as %q, %v, want %q", data, got, err, want)
		}
		if !bytes.Equal(plaintext.JSON(shown), shown) {
			t.Errorf("JSON changes its own output %q", shown)
		}
	})
}

func wantShown(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%q is not UTF-8", text)
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			t.Errorf("%q holds %U", text, r)
		}
	}
}

func TestClippedTextsAreWhole(t *testing.T) {
	tests := []struct {
		text          string
		most          int
		clip, midClip string
	}{
		{"short", 5, "short", "short"},
		{"longer text", 8, "longe...", "lo...ext"},
		{"ééééé", 8, "éé...", "é...é"},
		{strings.Repeat("é", 100), 11, "éééé...", "éé...éé"},
		{"longer text", 3, "...", "..."},
		{"longer text", 2, "..", ".."},
		{"longer text", 0, "", ""},
		{"longer text", -1, "", ""},
		{"\xff\xff\xff\xff\xff\xff", 5, "\xff\xff...", "\xff...\xff"},
	}
	for _, tt := range tests {
		if got := plaintext.Clip(tt.text, tt.most); got != tt.clip {
			t.Errorf("Clip(%.20q, %d) = %q, want %q", tt.text, tt.most, got, tt.clip)
		}
		if got := plaintext.ClipMiddle(tt.text, tt.most); got != tt.midClip {
			t.Errorf("ClipMiddle(%.20q, %d) = %q, want %q", tt.text, tt.most, got, tt.midClip)
		}
	}
}
