// Package luasuite reads the test files of Lua 5.1, and gopher-lua's own, for tests. They come with gopher-lua's module
// and are read where Go keeps that; the project has no copy of them.
//
// The folders are _lua5.1-tests and _glua-tests; a file's name begins with its folder.
package luasuite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// Deviation is a place of a file that expects what does not hold where the file is to run.
type Deviation struct {
	File    string // where it is
	Text    string // what stands there, once or several times
	Through string // where it ends: the next such text behind Text, which is a part of it; "" for Text alone
	Instead string // what to run in its place
	Why     string // one line
}

// Root is the folder of gopher-lua's module.
var Root = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/gopher-lua").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
})

// Read returns a file.
func Read(name string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	return string(text), err
}

// Of returns the deviations of one file.
func Of(file string, all []Deviation) []Deviation {
	var own []Deviation
	for _, d := range all {
		if d.File == file {
			own = append(own, d)
		}
	}
	return own
}

// Apply replaces in a file's text what deviates, one deviation after another. Lines keep their numbers.
func Apply(text string, deviations []Deviation) (string, error) {
	for _, d := range deviations {
		var err error
		if text, err = replace(text, d.Text, d.Through, func(string) string { return d.Instead }); err != nil {
			return "", fmt.Errorf("%s: %w", d.File, err)
		}
	}
	return text, nil
}

// Comment is a part of a file that gopher-lua's copy has commented out.
type Comment struct {
	File    string
	Text    string // how it begins
	Through string // where it ends
}

var commentMark = regexp.MustCompile(`(?m)^(\s*)--(\[\[|\]\])?`)

// Uncomment takes the marks of comments out of those of a file's parts.
func Uncomment(file, text string, comments []Comment) (string, error) {
	for _, c := range comments {
		if c.File != file {
			continue
		}
		var err error
		text, err = replace(text, c.Text, c.Through, func(part string) string { return commentMark.ReplaceAllString(part, "$1") })
		if err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
	}
	return text, nil
}

// replace changes each part that begins with a text and ends with the next other one, or is that text alone.
func replace(text, begin, end string, change func(part string) string) (string, error) {
	var out strings.Builder
	rest := text
	for {
		before, after, found := strings.Cut(rest, begin)
		if !found {
			break
		}
		part := begin
		if end != "" {
			within, behind, ends := strings.Cut(after, end)
			if !ends {
				return "", fmt.Errorf("no %q behind %q", end, begin)
			}
			part, after = begin+within+end, behind
		}
		changed := change(part)
		out.WriteString(before + changed + strings.Repeat("\n", max(strings.Count(part, "\n")-strings.Count(changed, "\n"), 0)))
		rest = after
	}
	if out.Len() == 0 {
		return "", fmt.Errorf("%q is not there", begin)
	}
	return out.String() + rest, nil
}
