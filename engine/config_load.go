package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"github.com/hookrun/hookrun/internal/tomlpos"
)

// maxConfigBytes is far above any config that people write, and bounds what a
// file that is not one can cost.
const maxConfigBytes = 16 << 20

// LoadConfig reads a TOML file. It resolves the scripts folder against the
// folder of the file, and looks for the scripts without reading them.
//
// A file with mistakes gives a [*ConfigError] with all of them, and with it a
// Config that holds what could be read, for tools that want to look further;
// [New] refuses it, with the mistakes of its scripts besides. A file that cannot be read gives no Config, and an error
// that wraps the one of package os.
func LoadConfig(path string) (*Config, error) {
	src, err := readConfigFile(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return parseConfig(path, src)
}

func readConfigFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if target := danglingLink(path); err != nil && target != "" {
		return nil, fmt.Errorf("%s is a link to %q: %w", path, target, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return nil, err
	}
	if len(src) > maxConfigBytes {
		return nil, fmt.Errorf("%s: want at most %d bytes", path, maxConfigBytes)
	}
	return src, nil
}

// parseConfig is LoadConfig for a file that has been read.
func parseConfig(path string, src []byte) (*Config, error) {
	c := &Config{Path: path, Scripts: filepath.Dir(path)}
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
	c.nameHooks(f.problems)
	c.invalid = configErrorOf(f.problems)
	c.mistakes = c.byService(c.invalid)
	return c, c.invalidErr()
}

// readFrom fills in c from a decoded file.
func (c *Config) readFrom(table map[string]any, f *configFindings) {
	template := DefaultHook("")
	c.Scripts = ""
	f.root().readTable(inFile, table, configTarget{config: c, hook: &template})
	if c.Stubs != "" && !filepath.IsAbs(c.Stubs) {
		c.Stubs = filepath.Join(filepath.Dir(c.Path), filepath.FromSlash(c.Stubs))
	}
	if !filepath.IsAbs(c.Scripts) {
		c.Scripts = filepath.Join(filepath.Dir(c.Path), filepath.FromSlash(c.Scripts))
	}
}

// decodeTOML returns what src holds and where, or its first mistake.
func decodeTOML(src []byte) (map[string]any, map[tomlpos.Path]int, *Problem) {
	lines, err := tomlpos.Lines(src)
	var deep *tomlpos.DepthError
	var twice *tomlpos.TwiceError
	if errors.As(err, &deep) {
		return nil, lines, &Problem{
			Line:    deep.Line,
			Message: fmt.Sprintf("nested more than %d levels deep", tomlpos.MaxDepth),
		}
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

// syntaxProblem words an error of the TOML library as ours are. Its line is counted from its offset: at the end of a line the library has
// counted the next one already.
func syntaxProblem(src []byte, err error) *Problem {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return &Problem{Line: 1, Message: err.Error()}
	}
	message := strings.TrimSuffix(parse.Message, ".")
	message = strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(message)
	first, size := utf8.DecodeRuneInString(message)
	before := src[:min(max(parse.Position.Start, 0), len(src))]
	return &Problem{
		Line:    bytes.Count(before, []byte("\n")) + 1,
		Message: string(unicode.ToLower(first)) + message[size:] + unquoted(message),
	}
}

// bareText is how the TOML library tells of a text without quotes, or of one that begins as a number does.
var bareText = regexp.MustCompile(`^expected (?:value but found "[A-Za-z]|a top-level item to end with .* but got '[A-Za-z])`)

// unquoted says what such a text lacks, which is the commonest of all mistakes.
func unquoted(message string) string {
	if bareText.MatchString(message) {
		return `: write texts in quotes, such as "60s"; true and false without`
	}
	return ""
}
