package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"github.com/hookrun/hookrun/internal/tomlpos"
)

// maxBytes is far above any config that people write, and bounds the cost of a file that is no config.
const maxBytes = 16 << 20

// Load reads a TOML file. It resolves the scripts folder against the folder of the file, and looks for the scripts
// without reading them.
//
// For a file with mistakes Load returns an [*Error] with all of them, and with it a Config that holds what could be
// read, for tools that want to look further; no engine takes that Config. For a file that cannot be read it returns no
// Config, and an error that wraps the one of package os.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if target := danglingLink(path); err != nil && target != "" {
		return nil, fmt.Errorf("config: %s is a link to %q: %w", path, target, fs.ErrNotExist)
	}
	return parse(nil, path, f, err)
}

// Parse is [Load] for a file in any file system; the folders that the file names, and the files of ${file:PATH}, are in
// that file system, too, save for files whose PATH is absolute. Paths have slashes. What is written is on this machine:
// the paths of the store and of sinks are relative to the working directory.
func Parse(fsys fs.FS, path string) (*Config, error) {
	f, err := fsys.Open(path)
	return parse(fsys, path, f, err)
}

// parse reads an opened file; err is the error of opening it.
func parse(fsys fs.FS, path string, f fs.File, err error) (*Config, error) {
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if len(src) > maxBytes {
		return nil, fmt.Errorf("config: %s: want at most %d bytes", path, maxBytes)
	}
	return decode(fsys, path, src)
}

// decode makes a Config from what a file holds.
func decode(fsys fs.FS, path string, src []byte) (*Config, error) {
	c := &Config{Path: path, FS: fsys}
	c.Scripts = c.resolved("")
	table, lines, problem := decodeTOML(src)
	c.lines = lines
	f := c.newFindings()
	if problem != nil {
		problem.File = f.file
		f.add(*problem)
	} else {
		c.readFrom(table, f)
		f.addOthers(c.validate())
	}
	c.invalid = c.newError(f.problems)
	c.mistakes = c.byService(c.invalid)
	return c, c.Err()
}

// readFrom fills in c from a decoded file.
func (c *Config) readFrom(table map[string]any, f *findings) {
	template := DefaultHook("")
	c.Scripts, c.Store, c.Record = "", DefaultStore(), DefaultRecord()
	f.root().readTable(inFile, table, target{config: c, hook: &template})
	if c.Stubs != "" {
		c.Stubs = c.resolved(c.Stubs)
	}
	c.Scripts = c.resolved(c.Scripts)
}

// resolved returns the path by which the program finds a folder that the file names relative to itself.
func (c *Config) resolved(folder string) string {
	switch {
	case c.FS != nil && !path.IsAbs(folder):
		return path.Join(path.Dir(c.Path), folder)
	case c.FS == nil && !filepath.IsAbs(folder):
		return filepath.Join(filepath.Dir(c.Path), filepath.FromSlash(folder))
	}
	return folder
}

// written returns the path by which the program finds a file that it writes and that the config names.
func (c *Config) written(file string) string {
	if c.FS != nil {
		return filepath.FromSlash(file)
	}
	return c.resolved(file)
}

// decodeTOML returns what src holds and on which lines, or its first mistake.
func decodeTOML(src []byte) (map[string]any, map[tomlpos.Path]int, *Problem) {
	lines, err := tomlpos.Lines(src)
	var deep *tomlpos.DepthError
	var large *tomlpos.SizeError
	var twice *tomlpos.TwiceError
	if errors.As(err, &deep) {
		return nil, lines, &Problem{
			Line:    deep.Line,
			Message: fmt.Sprintf("nested more than %d levels deep", tomlpos.MaxDepth),
		}
	}
	if errors.As(err, &large) {
		return nil, lines, &Problem{Line: large.Line, Message: "too many values, or too long keys"}
	}
	var table map[string]any
	if _, err := toml.Decode(string(src), &table); err != nil {
		return nil, lines, syntaxProblem(src, err)
	}
	if errors.As(err, &twice) {
		return nil, lines, &Problem{Line: twice.Line, Key: string(twice.Path), Message: fmt.Sprintf("defined on line %d already", twice.First)}
	}
	return table, lines, nil
}

// syntaxProblem words an error of the TOML library as other problems are worded. It counts the line up to the offset of
// the error: at the end of a line the library has already counted the next one.
func syntaxProblem(src []byte, err error) *Problem {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return &Problem{Line: 1, Message: err.Error()}
	}
	message := strings.TrimSuffix(parse.Message, ".")
	message = strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(message)
	before := src[:min(max(parse.Position.Start, 0), len(src))]
	return &Problem{
		Line:    bytes.Count(before, []byte("\n")) + 1,
		Message: lowered(message) + unquoted(message),
	}
}

// lowered returns a message with a small first letter, unless its first word is a name such as TOML.
func lowered(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	if second, _ := utf8.DecodeRuneInString(message[size:]); unicode.IsUpper(second) {
		return message
	}
	return string(unicode.ToLower(first)) + message[size:]
}

// bareText matches what the TOML library says of a string without quotes, or of one that begins as a number does.
var bareText = regexp.MustCompile(`^expected (?:value but found "[A-Za-z]|a top-level item to end with .* but got '[A-Za-z])`)

// unquoted says what such a string lacks. This is the commonest of all mistakes.
func unquoted(message string) string {
	if bareText.MatchString(message) {
		return `: write texts in quotes, such as "60s"; true and false without`
	}
	return ""
}
