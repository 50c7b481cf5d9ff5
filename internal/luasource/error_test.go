package luasource_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/luasource"
)

func TestMistakesAreLocated(t *testing.T) {
	for source, want := range map[string]string{
		"x = = 1":                                `line 1: syntax error near "="`,
		"x = 1\n\nif y then\n  z()\n":            `line 5: syntax error at the end of the file: "if" of line 3 is not closed`,
		"f(\n1,\n":                               `line 3: syntax error at the end of the file: "(" of line 1 is not closed`,
		"x =":                                    `line 1: syntax error at the end of the file`,
		"x = 1\nend\n":                           `line 2: syntax error near "end"`,
		"return 1 2":                             `line 1: syntax error near "2"`,
		"x = )\n" + rep("(", 300):                `line 1: syntax error near ")"`,
		"x = 1\ny = 'abc\nz = 2":                 `line 2: unterminated string near "'abc"`,
		"x = 1\ny = \"abc":                       `line 2: unterminated string near "\"abc"`,
		"--[[ open\n\n":                          `line 1: unfinished long comment`,
		"x = 1\ny = [==[ open ]]\n\n":            `line 2: unfinished long string`,
		"x = [=x":                                `line 1: invalid long string delimiter near "[="`,
		"x = 0b11":                               `line 1: malformed number near "0b11"`,
		"x = 1_000":                              `line 1: malformed number near "1_000"`,
		"x = 3x":                                 `line 1: malformed number near "3x"`,
		"x = 1..2":                               `line 1: malformed number near "1..2"`,
		"x = 3e":                                 `line 1: malformed number near "3e"`,
		"x = 0x":                                 `line 1: malformed number near "0x"`,
		"x = '\\300'":                            `line 1: escape sequence too large near "\\300"`,
		"x = 1 ~ 2":                              `line 1: invalid token near "~"`,
		"x = 1 @ 2":                              `line 1: invalid token near "@"`,
		"x = \x80":                               `line 1: invalid token near "\u0080"`,
		"local a = f\n(g or h)()":                `line 2: ambiguous syntax (function call x new statement) near "("`,
		"f 'x'\n(g)()":                           `line 2: ambiguous syntax (function call x new statement) near "("`,
		"f()\n(g)()":                             `line 2: ambiguous syntax (function call x new statement) near "("`,
		"x = t[1]\n(g)()":                        `line 2: ambiguous syntax (function call x new statement) near "("`,
		"break":                                  `line 1: no loop to break`,
		"while x do f(function() break end) end": `line 1: no loop to break`,
		"local function f()\nreturn ...\nend":    `line 2: cannot use '...' outside a vararg function`,
		"goto x":                                 `line 1: no visible label 'x' for goto`,
		"\ndo ::x:: end\ngoto x":                 `line 3: no visible label 'x' for goto`,
		"::x::\n::x::":                           `line 2: label 'x' already defined on line 1`,
		"\ngoto x\nlocal y\n::x::\nf()":          `line 2: goto x jumps into the scope of local 'y'`,
		"repeat\ngoto x\nlocal y\n::x::\nuntil y": `line 2: goto x jumps into the scope of local 'y'`,
		"goto x\ndo ::x:: end":                    `line 1: no visible label 'x' for goto`,
	} {
		_, err := luasource.Compile("x.lua", source)
		if err == nil {
			t.Errorf("%q: got no error, want %s", source, want)
		} else if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", source, diff)
		}
	}
}

func TestWhatOnlyLooksAmbiguousIsAccepted(t *testing.T) {
	for _, source := range []string{
		"local x\n(f or g)()",
		"local x, y\n(f or g)()",
		"function f(a)\n(g or h)() end",
		"function t.a:f()\n(g or h)() end",
		"local function f()\n(g or h)() end",
		"return function(...)\n(g or h)() end",
		"x = function() end\n(f or g)()",
		"x = {}\n(f or g)()",
		"x = 'text'\n(f or g)()",
		"x = 1\n(f or g)()",
		"x = nil\n(f or g)()",
		"goto x\n(f or g)() ::x::",
		"x = {1,\n(f or g)(), [1] = 2,\n(f)}",
		"f(\n(g)())",
		"repeat until\n(f)()",
		"x = 1 +\n(f)()",
		"x = f [[\n]](\n1)",
	} {
		if _, err := luasource.Compile("x.lua", source); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	}
}

func TestAByteOrderMarkIsPassedOver(t *testing.T) {
	for _, source := range []string{"\ufeffreturn 1", "\ufeff#!/usr/bin/lua\nreturn 1", "\ufeff"} {
		if _, err := luasource.Compile("a.lua", source); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	}
	_, err := luasource.Compile("a.lua", "\ufeff\nx = = 1")
	var at *luasource.Error
	if !errors.As(err, &at) || at.Line != 2 {
		t.Errorf("got %v, want an error in line 2", err)
	}
}
