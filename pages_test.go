package hookrun_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// pages are all pages of the project, by their paths, as lists of lines.
func pages(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[path] = strings.Split(string(text), "\n")
		}
	}
	return all
}

// TestPagesNameFilesThatExist: a page that sends its reader to a file or folder of the project names one that is there.
func TestPagesNameFilesThatExist(t *testing.T) {
	path := regexp.MustCompile("`((?:bench|bridge|cli|cmd|config|docs|engine|internal|scripts|share)/[\\w./-]*)`")
	named := 0
	for page, lines := range pages(t) {
		if page == "CHANGELOG.md" { // which tells of times gone by
			continue
		}
		for i, line := range lines {
			for _, found := range path.FindAllStringSubmatch(line, -1) {
				named++
				if _, err := os.Stat(strings.TrimSuffix(found[1], "/")); err != nil {
					t.Errorf("%s:%d: no %s", page, i+1, found[1])
				}
			}
		}
	}
	if named < 20 {
		t.Errorf("found %d paths; does the pattern still find them?", named)
	}
}

// TestLinksLeadSomewhere: a link within the project leads to a file that is there, and to a heading that it has.
func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	link := regexp.MustCompile(`\]\(([^()\s:]+)\)`) // without a scheme
	followed := 0
	for page, lines := range all {
		code := false
		for i, line := range lines {
			if code = code != strings.HasPrefix(line, "```"); code {
				continue
			}
			for _, found := range link.FindAllStringSubmatch(line, -1) {
				followed++
				file, anchor, _ := strings.Cut(found[1], "#")
				to := page
				if file != "" {
					to = filepath.Join(filepath.Dir(page), file)
				}
				if _, err := os.Stat(to); err != nil {
					t.Errorf("%s:%d: the link to %s leads to no file", page, i+1, found[1])
				} else if anchor != "" && !hasHeading(all[to], anchor) {
					t.Errorf("%s:%d: %s has no heading #%s", page, i+1, to, anchor)
				}
			}
		}
	}
	if followed < 100 {
		t.Errorf("found %d links; does the pattern still find them?", followed)
	}
}

// hasHeading reports whether a heading of a page has an anchor: its text in lower case, with hyphens for blanks, and
// without punctuation.
func hasHeading(lines []string, anchor string) bool {
	for _, line := range lines {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		made := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimLeft(line, "# "))
		if made == anchor {
			return true
		}
	}
	return false
}

// TestLinesOfTheLogAreSaid: what docs/operations.md quotes of the log is a message of the code, and it quotes every
// message, some without their end. The first word of a message may be the name of a phase, which the code puts in front
// of it.
func TestLinesOfTheLogAreSaid(t *testing.T) {
	var code strings.Builder
	for _, folder := range []string{"engine", "store", "tape"} {
		err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(filepath.Join(folder, path))
			code.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	var told []string
	within := false
	for _, line := range pages(t)["docs/operations.md"] {
		if strings.HasPrefix(line, "#") {
			within = line == "## Lines of the log"
		}
		cells := strings.Split(line, "|")
		if !within || len(cells) < 3 {
			continue
		}
		for _, found := range quoted.FindAllStringSubmatch(cells[1], -1) {
			told = append(told, found[1])
			_, rest, _ := strings.Cut(found[1], " ")
			if !strings.Contains(code.String(), `"`+found[1]) && !strings.Contains(code.String(), `" `+rest+`"`) {
				t.Errorf("nothing says %q", found[1])
			}
		}
	}
	message := regexp.MustCompile(`(?:[(,] ?slog\.Level(?:Info|Warn|Error), |\.log\.(?:Info|Warn|Error)\(|Panicked = |telling\(ctx, )"([^"]+)"`)
	messages := message.FindAllStringSubmatch(code.String(), -1)
	for _, m := range messages {
		if !slices.ContainsFunc(told, func(quoted string) bool { return strings.HasPrefix(m[1], quoted) }) {
			t.Errorf("%q is not in docs/operations.md", m[1])
		}
	}
	if len(told) < 15 || len(messages) < 15 {
		t.Errorf("found %d lines of the log and %d messages; is the heading there?", len(told), len(messages))
	}
}
