package glob_test

import (
	"path"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/glob"
)

func TestStarRunsOverSlashes(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"*", []string{"", "create_share", "/shares.v1.Shares/Create", "POST /orders", "ä"}, nil},
		{"create_*", []string{"create_", "create_share", "create_a/b"}, []string{"create", "recreate_share"}},
		{"/shares.v1.Shares/*", []string{"/shares.v1.Shares/Create"}, []string{"/shares.v2.Shares/Create", "shares.v1.Shares/Create"}},
		{"POST *", []string{"POST /orders/1"}, []string{"GET /orders/1"}},
		{"*Share*", []string{"a/Share", "Share", "a/Share/b"}, []string{"share"}},
		{"a?c", []string{"abc", "a/c", "aäc"}, []string{"ac", "abbc"}},
		{"[a-c/]x", []string{"bx", "/x"}, []string{"dx", "x"}},
		{"[^a-c]x", []string{"dx", "/x", "äx"}, []string{"bx", "x"}},
		{`\*[\]\-]`, []string{"*]", "*-"}, []string{"a]", "*a"}},
		{"a*b*c", []string{"abc", "a1b2c", "abbcc", "abcbc"}, []string{"acb", "abcd"}},
		{"", []string{""}, []string{"a"}},
	}
	for _, tt := range tests {
		if err := glob.Check(tt.pattern); err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
		}
		for _, name := range tt.yes {
			if !glob.Match(tt.pattern, name) {
				t.Errorf("%q does not match %q", tt.pattern, name)
			}
		}
		for _, name := range tt.no {
			if glob.Match(tt.pattern, name) {
				t.Errorf("%q matches %q", tt.pattern, name)
			}
		}
	}
}

func TestMalformedPatternMatchesNothing(t *testing.T) {
	for _, pattern := range []string{"[", "[]", "[]a]", "[a", "[a-", "[a-]", "[-a]", "[^", "[^]", `\`, `a\`, `[\`, "*[", "[\xff]"} {
		if err := glob.Check(pattern); err == nil {
			t.Errorf("%q: got no error", pattern)
		}
		for _, name := range []string{"", "a", "["} {
			if glob.Match(pattern, name) {
				t.Errorf("%q matches %q", pattern, name)
			}
		}
	}
}

// Both would take years if each star tried all places that the others leave.
func TestManyStarsEndSoon(t *testing.T) {
	if glob.Match(strings.Repeat("*a", 100)+"b", strings.Repeat("a", 1000)) {
		t.Error("matches")
	}
}

func FuzzMatchAgreesWithPathWithoutSlashes(f *testing.F) {
	for _, seed := range [][2]string{
		{"create_*", "create_share"}, {"a?[b-d]", "abc"}, {`\*[^\]]`, "*x"}, {"*a*b", "xaxb"}, {"[a-", "a"}, {"\xff?*", "\xff\xfe"}, {"[]", "x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if strings.Contains(pattern+name, "/") {
			return
		}
		want, wantErr := path.Match(pattern, name)
		if err := glob.Check(pattern); (err == nil) != (wantErr == nil) {
			t.Errorf("%q: got error %v, want %v", pattern, err, wantErr)
		}
		if got := glob.Match(pattern, name); got != (want && wantErr == nil) {
			t.Errorf("%q with %q: got %v, want %v", pattern, name, got, want)
		}
	})
}
