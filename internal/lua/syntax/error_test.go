package syntax_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

func TestMistakesAreLocated(t *testing.T) {
	for source, want := range map[string]string{
		"x = = 1":                                `line 1: syntax error near "="`,
		"x = 1\n\nif y then\n  z()\n":            `line 5: syntax error at the end of the file: "if" of line 3 is not closed`,
		"f(\n1,\n":                               `line 3: syntax error at the end of the file: "(" of line 1 is not closed`,
		"x =":                                    `line 1: syntax error at the end of the file`,
		"x = 1\nlocal function a.b() end":        `line 2: syntax error near "."`,
		"a.b = 1 [==[]==]":                       `line 1: syntax error`,
		"x = 1\na.b = 1 ''":                      `line 2: syntax error`,
		"x = 1\nend\n":                           `line 2: syntax error near "end"`,
		"t = {1,\n,2}":                           `line 2: syntax error near ",": an item is missing`,
		"t = {a = 1;;}":                          `line 1: syntax error near ";": an item is missing`,
		"t = {f(), {1,;}}":                       `line 1: syntax error near ";": an item is missing`,
		"return 1 2":                             `line 1: syntax error near "2"`,
		"x = )\n" + rep("(", 300):                `line 1: syntax error near ")"`,
		"x = 1\ny = 'abc\nz = 2":                 `line 2: unterminated string near "'abc"`,
		"x = 1\ny = \"abc":                       `line 2: unterminated string near "\"abc"`,
		"--[[ open\n\n":                          `line 1: unfinished long comment`,
		"x = 1\ny = [==[ open ]]\n\n":            `line 2: unfinished long string`,
		"x = [=x":                                `line 1: invalid long string delimiter near "[="`,
		"x = 0b11":                               `line 1: malformed number near "0b11"`,
		"x = 0x1p4":                              `line 1: malformed number near "0x1p4"`,
		"x = 1_000":                              `line 1: malformed number near "1_000"`,
		"x = 3x":                                 `line 1: malformed number near "3x"`,
		"x = 1..2":                               `line 1: malformed number near "1..2"`,
		"x = 3e":                                 `line 1: malformed number near "3e"`,
		"x = 0x":                                 `line 1: malformed number near "0x"`,
		"x = '\\300'":                            `line 1: escape sequence too large near "\\300"`,
		"x = 1 ~ 2":                              `line 1: Lua has no "~": write ~= to compare, not to negate`,
		"x = 1 @ 2":                              `line 1: invalid token near "@"`,
		"x = \x80":                               `line 1: invalid token near "\x80"`,
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
		_, err := syntax.Compile("x.lua", source)
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
		if _, err := syntax.Compile("x.lua", source); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	}
}

func TestAByteOrderMarkIsPassedOver(t *testing.T) {
	for _, source := range []string{"\ufeffreturn 1", "\ufeff#!/usr/bin/lua\nreturn 1", "\ufeff"} {
		if _, err := syntax.Compile("a.lua", source); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	}
	_, err := syntax.Compile("a.lua", "\ufeff\nx = = 1")
	var at *syntax.Error
	if !errors.As(err, &at) || at.Line != 2 {
		t.Errorf("got %v, want an error in line 2", err)
	}
}

func TestWhatOtherLanguagesWriteIsExplained(t *testing.T) {
	for source, want := range map[string]string{
		"x = a != b":                           `Lua has no "!=": write ~=`,
		"x = a !== b":                          `Lua has no "!==": write ~=`,
		"x = a === b":                          `Lua has no "===": write ==`,
		"x = !a":                               `Lua has no "!": write not`,
		"x = a && b":                           `Lua has no "&&": write and`,
		"x = a || b":                           `Lua has no "||": write or`,
		"x = 7 // 2":                           `Lua has no "//": write -- before a comment, math.floor(a / b) for a whole quotient`,
		"x += 1":                               `Lua has no "+=": write x = x + y`,
		"x ..= 'a'":                            `Lua has no "..=": write x = x .. y`,
		"x++":                                  `Lua has no "++": write x = x + 1`,
		"x = a ? b : c":                        `Lua has no "?": write condition and this or that`,
		"x = a & b":                            `Lua has no "&": Lua 5.1 has no operators for bits`,
		"x = 1 << 2":                           `Lua has no "<<": Lua 5.1 has no operators for bits`,
		"f(x => x)":                            `Lua has no "=>": write >= to compare, function(x) ... end for a function`,
		"if a = b then f() end":                `"=" assigns, and cannot stand in a condition: write "=="`,
		"if x then elseif a = b then end":      `"=" assigns, and cannot stand in a condition: write "=="`,
		"while a = b do end":                   `"=" assigns, and cannot stand in a condition: write "=="`,
		"for i = 1, 2 do continue end":         `syntax error near "end": Lua has no "continue": use goto, with a label ::continue:: before the end of the loop`,
		"if x then f() elif y then g() end":    `syntax error near "y": Lua has no "elif": write elseif`,
		"var x = 1":                            `syntax error near "x": Lua has no "var": write local`,
		"function f(x) { return 1 }":           `syntax error near "{": blocks begin with then or do, those of functions with nothing, and all end with end`,
		"if x then f() else if y then g() end": `syntax error at the end of the file: "if" of line 1 is not closed; line 1 begins another if with "else if": write elseif`,
		"x = “text”":                           `invalid token near "“"`,
		"x = a\u00a0b":                         `invalid token near "\u00a0"`,
	} {
		_, err := syntax.Compile("x.lua", source)
		if err == nil {
			t.Errorf("%q: got no error, want %s", source, want)
		} else if diff := cmp.Diff("line 1: "+want, err.Error()); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", source, diff)
		}
	}
}

func TestWhatOnlyLooksForeignIsAccepted(t *testing.T) {
	for _, source := range []string{
		"x = a~=b", "x = a>=b and a<=b and a==b", "x = - -a", "x = a- -b", "x = '!= && // ++'", "-- x += 1 != 2", "x = [[a != b]]",
		"if f { a = 1 } then end", "if (function() x = 1 return x end)() then end", "while f(function() x = 1 end) do x = 2 end",
		"if x then y = 1 elseif y then y = 2 else y = 3 end", "for i = 1, 2 do if i then x = 1 end end", "if x then repeat x = 1 until y end",
		"continue = 1", "x = continue", "else_ = 1 if x then else if y then end end", "x = {a = 1}", "x = a..b", "f(...)", "::a:: goto a",
		"local var, let, const = 1, 2, 3", "x = var", "if x == {y = 1} then end",
	} {
		if _, err := syntax.Compile("x.lua", source); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	}
}
