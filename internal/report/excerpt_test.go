package report

import (
	"strings"
	"testing"
)

func TestCaretsStandUnderWhatTheErrorIsAbout(t *testing.T) {
	tests := map[string]struct{ message, want string }{
		"key":           {`attempt to index a nil value with key 'id'`, `  log({ id = call.args.[id] })`},
		"field":         {`attempt to index a nil value (field 'shaer')`, `  local x = call.[shaer].id`},
		"path":          {`result.size: want integer, got string`, `  result.[size] = "x"`},
		"path of item":  {`result.paths[1]: want string, got number`, `  t.[paths]{1} = 3`},
		"reject":        {`no id`, `  if x then [reject]("no id") end`},
		"error":         {`no`, `  [error]("no")`},
		"whole line":    {`attempt to perform arithmetic on nil`, `  [x = y + z * 1]  `},
		"arithmetic":    {`attempt to perform arithmetic on nil`, `  x = y [+] 1  `},
		"other names":   {`field 'id' of nil`, `  [x = identity]`},
		"unicode":       {`field 'x'`, `  s = "äöü" .. t.[x]`},
		"local":         {`attempt to index local 't' (a nil value)`, `  local s = "日本語🚀"; local t = nil; print([t].x)`},
		"called":        {`attempt to call global 'f' (a nil value)`, `  f = nil; [f]()`},
		"operand":       {`attempt to perform arithmetic on local 'n' (a nil value)`, `  local n, m = nil, 1; x = [n] + m`},
		"operator":      {`Lua has no "!=": write ~=`, `  if a [!=] b then reject("x") end`},
		"missing":       {`os.exit is not available in hooks: use reject`, `  if x then os.[exit](1) end error("x")`},
		"token":         {`syntax error near "then"`, `  while true [then] error("x") end`},
		"token twice":   {`syntax error near "="`, `  [local x = = 1]`},
		"no operand":    {`attempt to compare number with string`, `  if a [>=] b then reject("x") end`},
		"operators":     {`attempt to compare number with string`, `  [if a > b or a < b then reject("x") end]`},
		"joined":        {`attempt to concatenate a nil value`, `  error("x" [..] f())`},
		"bad token":     {`invalid token near "≥"`, `  if a [≥] b then reject("x") end`},
		"nothing there": {`m`, `[]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			line := strings.NewReplacer("[", "", "]", "").Replace(test.want)
			from, to := underline(line, test.message)
			if got := line[:from] + "[" + line[from:to] + "]" + line[to:]; got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func FuzzUnderline(f *testing.F) {
	f.Add("  result.size = 1", "result.size[1]: want 'x'")
	f.Fuzz(func(t *testing.T, line, message string) {
		line = visible(line)
		if from, to := underline(line, message); from < 0 || to < from || to > len(line) {
			t.Fatalf("underline(%q, %q) = %d, %d", line, message, from, to)
		}
	})
}
