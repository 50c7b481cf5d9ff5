package hookrun_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// The documentation is run. In README.md and docs/*.md, in the order of a page:
//
//   - a block with file=NAME is written to the page's own folder, which is a Go module that uses this one,
//   - a console block runs the commands behind "$ " there; where output stands below a command, it must be that, with
//     "[exit N]" for a status other than 0. Times, instructions and random ids do not count, and spaces as one,
//   - HOOKRUN in the environment of commands is the folder of the repository,
//   - commands that begin with "go run ./cmd/hookrun" run where the repository is, as a reader would run them.
//
// A page that builds a program takes long.
func TestDocumentationRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the command, and a program for each that is shown")
	}
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	bin := buildCommand(t)
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "README.md") {
		t.Run(page, func(t *testing.T) {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			if building.Match(text) {
				long.Only(t)
			}
			p := &pageRun{dir: newModule(t), bin: bin, root: root}
			for _, b := range blocks(string(text)) {
				p.run(t, b)
			}
		})
	}
}

var building = regexp.MustCompile(`(?m)^\$ go (run|build) (-o \w+ )?\.(/\w+)?( |$)`)

// block is a fenced block of a page.
type block struct {
	line           int
	language, file string
	text           string
}

var fence = regexp.MustCompile("(?ms)^```([a-z]+)(?: file=(\\S+))?\n(.*?)^```$")

func blocks(page string) []block {
	var found []block
	for _, m := range fence.FindAllStringSubmatchIndex(page, -1) {
		b := block{line: 1 + strings.Count(page[:m[0]], "\n"), language: page[m[2]:m[3]], text: page[m[6]:m[7]]}
		if m[4] >= 0 {
			b.file = page[m[4]:m[5]]
		}
		found = append(found, b)
	}
	return found
}

// pageRun is the folder in which a page's blocks run.
type pageRun struct{ dir, bin, root string }

func (p *pageRun) run(t *testing.T, b block) {
	t.Helper()
	switch {
	case b.file != "":
		file := filepath.Join(p.dir, b.file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.text), 0o644); err != nil {
			t.Fatal(err)
		}
	case b.language == "console":
		for _, command := range strings.Split(b.text, "$ ")[1:] {
			line, want, _ := strings.Cut(command, "\n")
			p.command(t, b.line, line, want)
		}
	case b.language == "go" || b.language == "toml" || b.language == "lua" || b.language == "json":
		t.Errorf("line %d: a %s block that nothing runs: give it a file=NAME", b.line, b.language)
	}
}

func (p *pageRun) command(t *testing.T, line int, command, want string) {
	t.Helper()
	if command == "go test ./..." {
		return // it is what runs this test
	}
	dir := p.dir
	if rest, ok := strings.CutPrefix(command, "go run ./cmd/hookrun"); ok {
		dir, command = ".", "hookrun"+rest
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(p.bin)+string(os.PathListSeparator)+os.Getenv("PATH"), "GOFLAGS=-mod=mod -ldflags=-w", "GOWORK=off", "NO_COLOR=1", "HOOKRUN="+p.root)
	out, err := cmd.CombinedOutput()
	got := string(out)
	if err != nil {
		got += fmt.Sprintf("[exit %d]\n", cmd.ProcessState.ExitCode())
	}
	if want == "" && err == nil {
		return
	}
	if plain(got) != plain(want) {
		t.Errorf("block at line %d: $ %s\ngot:\n%s\nwant:\n%s", line, command, got, want)
	}
}

var (
	varying = regexp.MustCompile(`[\d_]+ instructions|\b\d+(\.\d+)?(ns|µs|ms|s)\b|"duration_ns":\d+|"seconds":[\d.e-]+|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}`)
	spaces  = regexp.MustCompile(`[ \t]+`)
)

func plain(output string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(varying.ReplaceAllString(output, "SOME"), " "))
}

func buildCommand(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "hookrun")
	if out, err := exec.Command("go", "build", "-pgo=off", "-ldflags=-w", "-o", bin, "./cmd/hookrun").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// newModule makes a folder that is a Go module with this one as a dependency.
func newModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(mod), "module github.com/hookrun/hookrun\n", "module example.org/service\n", 1)
	own += fmt.Sprintf("\nrequire github.com/hookrun/hookrun v0.0.0\nreplace github.com/hookrun/hookrun => %s\n", root)
	for name, text := range map[string]string{"go.mod": own, "go.sum": string(sum)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
