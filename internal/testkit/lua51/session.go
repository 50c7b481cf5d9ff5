package lua51

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// Answer is a call and what it returns, as Show writes it.
type Answer struct {
	Call
	Want string
}

// loop answers calls, a line each. Its show is the Lua side of Show.
const loop = `
local function word(v)
  if type(v) == "string" then
    return '"' .. v:gsub('[%c"\\\127-\255]', function(c)
      if c == '"' or c == "\\" then return "\\" .. c end
      return ("\\%03d"):format(c:byte())
    end) .. '"'
  elseif type(v) == "number" then
    return v ~= v and "nan" or ("%.17g"):format(v)
  end
  return tostring(v)
end

local function show(ok, ...)
  if not ok then return io.write("error ", word((...)), "\n") end
  local words = {}
  for i = 1, select("#", ...) do words[i] = word((select(i, ...))) end
  io.write(table.concat(words, ", "), "\n")
end

for line in io.lines() do
  show(assert(loadstring("return " .. line))())
  io.flush()
end
`

// Session is a running lua5.1 that answers one call after the other.
type Session struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// Start starts lua5.1 with a prelude that defines functions to call. It skips the
// test where lua5.1 is not installed, and ends with the test.
func Start(t testing.TB, prelude string) *Session {
	t.Helper()
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		t.Skip("lua5.1 is not installed: nothing to compare with")
	}
	cmd := exec.Command(path, "-e", prelude+loop)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("lua5.1: %v", err)
		}
	})
	return &Session{in: in, out: bufio.NewReader(out)}
}

// Ask returns what a call returns or raises, as Show writes it.
func (s *Session) Ask(t testing.TB, call Call) string {
	t.Helper()
	// Called by pcall itself an error has no place in front of its message.
	protected := Call{Func: "pcall", Args: append([]any{name(call.Func)}, call.Args...)}
	if _, err := fmt.Fprintln(s.in, protected); err != nil {
		t.Fatalf("lua5.1: %v", err)
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		t.Fatalf("lua5.1 on %v: %v", call, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// Ask lets a new Session answer calls.
func Ask(t testing.TB, prelude string, calls []Call) []Answer {
	t.Helper()
	s := Start(t, prelude)
	answers := make([]Answer, len(calls))
	for i, call := range calls {
		answers[i] = Answer{Call: call, Want: s.Ask(t, call)}
	}
	return answers
}

// name is an argument that stands for itself.
type name string
