package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/suggest"
)

// substituted copies a value of the file, with what ${env:NAME} and ${file:PATH} stand for in its texts. It reports
// those that stand for nothing, and leaves them as they are.
func (s place) substituted(v any) any {
	switch v := v.(type) {
	case string:
		return s.expanded(v)
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, element := range v {
			table[name] = s.key(name).substituted(element)
		}
		return table
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = s.index(i).substituted(element)
		}
		return list
	}
	return v
}

// expanded is substituted for a text. Before a brace, two dollar signs stand for one.
func (s place) expanded(text string) string {
	var b strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			b.WriteString(rest)
			return b.String()
		}
		plain := strings.TrimRight(before, "$")
		dollars := len(before) - len(plain) + 1
		b.WriteString(plain)
		b.WriteString(strings.Repeat("$", dollars/2))
		if rest = after; dollars%2 == 0 {
			b.WriteByte('{')
			continue
		}
		reference, after, closed := strings.Cut(after, "}")
		if !closed {
			s.problemf("want ${env:NAME} or ${file:PATH}, got %q, which no brace ends", plaintext.Clip("${"+reference, maxReference))
			return text
		}
		value, mistake := s.findings.config.resolve(reference)
		if mistake != "" {
			s.problemf("%s", mistake)
			return text
		}
		b.WriteString(value)
		rest = after
	}
}

// maxReference bounds what a message shows of a reference, in bytes.
const maxReference = 60

// resolve returns what a reference such as env:NAME stands for, which is a secret from then on, or what is wrong with
// it.
func (c *Config) resolve(reference string) (value, mistake string) {
	scheme, name, _ := strings.Cut(reference, ":")
	switch {
	case scheme != "env" && scheme != "file":
		return "", fmt.Sprintf("want ${env:NAME} or ${file:PATH}, got %q%s; for the text itself, write it with $$",
			plaintext.Clip("${"+reference+"}", maxReference), suggest.Hint(scheme, []string{"env", "file"}))
	case name == "":
		return "", fmt.Sprintf("want ${env:NAME} or ${file:PATH}, got %q without a name", "${"+reference+"}")
	case scheme == "env":
		value, mistake = fromEnvironment(name)
	default:
		value, mistake = c.fromFile(name)
	}
	if mistake == "" && !utf8.ValidString(value) {
		mistake = fmt.Sprintf("want text in UTF-8 in %q, got other bytes", "${"+reference+"}")
	}
	if mistake == "" {
		c.hide(value)
	}
	return value, mistake
}

// hide makes a text one of the secrets.
func (c *Config) hide(secret string) {
	if secret != "" && !slices.Contains(c.Secrets, secret) {
		c.Secrets = append(c.Secrets, secret)
	}
}

func fromEnvironment(name string) (value, mistake string) {
	value, ok := os.LookupEnv(name)
	if ok {
		return value, ""
	}
	var names []string
	for _, variable := range os.Environ() {
		other, _, _ := strings.Cut(variable, "=")
		names = append(names, other)
	}
	return "", fmt.Sprintf("there is no environment variable %q%s", name, suggest.Hint(name, names))
}

// maxSecret is how many bytes the file of a secret may have.
const maxSecret = 64 << 10

// fromFile returns what a file holds, without the line feed that editors put at its end.
func (c *Config) fromFile(name string) (text, mistake string) {
	found := c.resolved(name)
	open, stat := func() (fs.File, error) { return os.Open(found) }, os.Stat
	if c.FS != nil && !path.IsAbs(name) && !filepath.IsAbs(name) {
		open = func() (fs.File, error) { return c.FS.Open(found) }
		stat = func(name string) (fs.FileInfo, error) { return fs.Stat(c.FS, name) }
	}
	info, err := stat(found)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Sprintf("there is no file %q", found)
	case err == nil && !info.Mode().IsRegular(): // reading a pipe could wait without end
		return "", fmt.Sprintf("want a plain file, got %q, which is none", found)
	}
	var content []byte
	if err == nil {
		content, err = readUpTo(maxSecret, open)
	}
	switch {
	case err != nil:
		return "", fmt.Sprintf("cannot read the file %q: %v", found, withoutPath(err))
	case len(content) > maxSecret:
		return "", fmt.Sprintf("want at most 64 KiB in the file %q, got more", found)
	}
	text, ended := strings.CutSuffix(string(content), "\n")
	if ended {
		text = strings.TrimSuffix(text, "\r")
	}
	return text, ""
}

// readUpTo reads a file, of which it returns one byte more than most where it is longer.
func readUpTo(most int64, open func() (fs.File, error)) ([]byte, error) {
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

func withoutPath(err error) error {
	var withPath *fs.PathError
	if errors.As(err, &withPath) {
		return withPath.Err
	}
	return err
}
