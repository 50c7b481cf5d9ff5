package config

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// The functions of this file check values of their types. Each reports at s what is wrong with v, and returns whether v
// will do.

func anyValue[T any](place, T) bool { return true }

func notEmpty(s place, v string) bool {
	return v != "" || s.problemf(`want string that is not empty, got ""`)
}

func positive[T int | int64 | time.Duration](kind string) func(place, T) bool {
	return func(s place, v T) bool {
		return v > 0 || s.problemf("want %s above 0, got %v", kind, v)
	}
}

func upTo(most int) func(place, int) bool {
	return func(s place, v int) bool {
		return 1 <= v && v <= most || s.problemf("want integer from 1 to %d, got %d", most, v)
	}
}

func notNegative[T int | time.Duration](kind string) func(place, T) bool {
	return func(s place, v T) bool {
		return v >= 0 || s.problemf("want %s of 0 or more, got %v", kind, v)
	}
}

// tickLength lets a Config built in Go leave the tick to its default.
func tickLength(s place, v time.Duration) bool {
	if v == 0 && s.findings.lines == nil {
		return true
	}
	return positive[time.Duration]("duration")(s, v)
}

// plainName keeps names fit for logs, metrics and command lines.
func plainName(s place, v string) bool {
	isOther := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
	}
	if v == "" {
		return s.problemf("want a name, got none")
	}
	if strings.ContainsFunc(v, isOther) {
		return s.problemf(`want a name of letters, digits, "_", "-" and ".", got %q`, v)
	}
	return true
}

func scriptPath(s place, v string) bool {
	if v == "" {
		return s.problemf("want the path of a Lua file, got none")
	}
	if path.IsAbs(v) || !filepath.IsLocal(filepath.FromSlash(v)) {
		return s.problemf("want a path within the scripts folder, got %q", v)
	}
	return true
}

func globs(s place, v []string) bool { return eachGlob(s, v, `method names such as "create_*"`) }

func eachGlob(s place, v []string, of string) bool {
	ok := true
	for i, pattern := range v {
		if glob.Check(pattern) != nil || pattern == "" {
			ok = s.index(i).problemf("want glob of %s, got %q", of, pattern)
		}
	}
	return ok
}

func methodNames(s place, v []string) bool {
	ok := true
	for i, name := range v {
		if mistake := methodNameMistake(name, v[:i]); mistake != "" {
			ok = s.index(i).problemf("%s", mistake)
		}
	}
	return ok
}

// MaxMethodName is the length in bytes of the longest name that a declared method may have.
const MaxMethodName = 200

// methodNameMistake says what is wrong with a name for a method that is declared beside others; "" for nothing.
func methodNameMistake(name string, others []string) string {
	switch {
	case name == "", strings.TrimSpace(name) != name, plaintext.Line(name) != name:
		return fmt.Sprintf(`want method name such as "create_share_group", got %q`, name)
	case len(name) > MaxMethodName:
		return fmt.Sprintf("want method name of at most %d bytes, got %d", MaxMethodName, len(name))
	case name == "periodic":
		return fmt.Sprintf("want method name, got %q, which is a phase", name)
	case slices.Contains(others, name):
		return fmt.Sprintf("want each method once, got %q again", name)
	}
	return ""
}
