package lua51

import (
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAnswersComeBackFromAFile(t *testing.T) {
	want := []Answer{
		{Call{"f", []any{"a\"\\\x00\n\xff) --> , b", 1.0, -0.1, 1e300}}, `"x"`},
		{Call{"g", nil}, "nil, 1"},
		{Call{"h", []any{math.Inf(1), math.Inf(-1), "", "é"}}, `error "no"`},
	}
	path := filepath.Join(t.TempDir(), "answers")
	Write(t, path, want)
	if diff := cmp.Diff(want, Read(t, path)); diff != "" {
		t.Error(diff)
	}
}

func TestLinesThatAreNoAnswersAreRefused(t *testing.T) {
	for _, line := range []string{"", "f", "f(", "f(1", "f(1)", `f("`, `f("\999") --> 1`, "f(x) --> 1"} {
		if got, err := parse(line); err == nil {
			t.Errorf("parse(%q) = %v, want an error", line, got)
		}
	}
}

func TestBothSidesShowTheSame(t *testing.T) {
	values := []any{"plain", "\x00\n\r\"\\\x7f\x80\xffé", 1.0, -3.0, 0.1, 1e300, math.Inf(1), math.Inf(-1)}
	calls := []Call{{"tostring", []any{"a"}}, {"error", []any{"no"}}, {"select", append([]any{2.0}, values...)}, {"echo", nil}}
	answers := Ask(t, `function echo(...) return nil, ... end`, calls)
	want := []string{Show("a"), Show(errors.New("no")), Show(values[1:]...), Show(nil)}
	for i, a := range answers {
		if a.Want != want[i] {
			t.Errorf("%v: Lua shows %s, Show %s", a.Call, a.Want, want[i])
		}
	}
}
