package hookrun_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPagesNameFilesThatExist: a page that sends its reader to a file or folder of the project names one that is there.
func TestPagesNameFilesThatExist(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	path := regexp.MustCompile("`((?:bench|bridge|cli|cmd|config|docs|engine|internal|scripts|share)/[\\w./-]*)`")
	named := 0
	for _, page := range append(pages, more...) {
		if page == "CHANGELOG.md" { // which tells of times gone by
			continue
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			for _, found := range path.FindAllStringSubmatch(line, -1) {
				named++
				if _, err := os.Stat(strings.TrimSuffix(found[1], "/")); err != nil {
					t.Errorf("%s:%d: no %s", page, i+1, found[1])
				}
			}
		}
	}
	if named < 20 {
		t.Errorf("found %d paths in %d pages; does the pattern still find them?", named, len(pages)+len(more))
	}
}
