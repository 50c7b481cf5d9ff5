package cli

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hookrun/hookrun/internal/suggest"
)

// usageError is a command line that makes no sense.
type usageError struct {
	command string // such as "hookrun run"
	line    string // its usage line
	message string
}

func (e *usageError) Error() string { return e.message }

func usagef(cmd *cobra.Command, format string, args ...any) error {
	line := cmd.UseLine()
	if !cmd.HasParent() {
		line = "hookrun COMMAND [flags]"
	}
	return &usageError{cmd.CommandPath(), line, fmt.Sprintf(format, args...)}
}

// wrongFlag returns an error that says what is wrong with a flag, and which flag was probably meant.
func wrongFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &invalid):
		flag := invalid.GetFlag()
		want := map[string]string{"bool": "true or false", "duration": "a duration such as 1h30m"}[flag.Value.Type()]
		if want == "" {
			break
		}
		return usagef(cmd, "--%s: want %s, got %q", flag.Name, want, invalid.GetValue())
	case errors.As(err, &empty):
		name, _ := pflag.UnquoteUsage(empty.GetFlag())
		return usagef(cmd, "--%s: want %s, got nothing", empty.GetFlag().Name, name)
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		hint := ""
		if text := unknown.GetSpecifiedShortnames(); text[0] >= '0' && text[0] <= '9' {
			hint = ": for a number, put -- before it"
		}
		return usagef(cmd, "unknown flag -%s%s", unknown.GetSpecifiedName(), hint)
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		hint := ""
		if near := suggest.Nearest(name, known); near != "" {
			hint = fmt.Sprintf(" (did you mean --%s?)", near)
		}
		return usagef(cmd, "unknown flag --%s%s", name, hint)
	}
	return usagef(cmd, "%s", err)
}

// noEmptyFlags returns an error for a flag that is given without a text, such as by a variable of the shell that is not
// set: it would count as not given, and a check that it asks for would be none. It is run before each command. Of
// functions that are, cobra takes the one of the innermost command, which has to call it.
func noEmptyFlags(cmd *cobra.Command, _ []string) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		list, isList := f.Value.(pflag.SliceValue)
		if isList && (len(list.GetSlice()) == 0 || slices.Contains(list.GetSlice(), "")) || f.Value.Type() == "string" && f.Value.String() == "" {
			name, _ := pflag.UnquoteUsage(f)
			err = cmp.Or(err, usagef(cmd, "--%s: want %s, got nothing", f.Name, name))
		}
	})
	return err
}

func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 || args[0] == "help" || slices.Contains(commandNames(root), args[0]) {
		return nil
	}
	return unknownName(root, args[0])
}

// unknownName is the error of a command that has no command of this name.
func unknownName(cmd *cobra.Command, name string) error {
	return usagef(cmd, "unknown command %q%s", name, suggest.Hint(name, commandNames(cmd)))
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.Name() != "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// firstWord returns the first argument that is not a flag, as a list of one or none.
func firstWord(args []string) []string {
	for i, a := range args {
		if !strings.HasPrefix(a, "-") {
			return args[i : i+1]
		}
	}
	return nil
}

// flagFor returns the flag with which a file that is no call record must be given; empty for other arguments.
func flagFor(cmd *cobra.Command, file string) string {
	name := map[string]string{".lua": "script", ".toml": "config", ".db": "store"}[filepath.Ext(file)]
	if name == "" || cmd.Flag(name) == nil {
		return ""
	}
	return "--" + name + " " + file
}

// notARecord returns an error that says how to give a file that is no call record; nil for other arguments.
func notARecord(cmd *cobra.Command, file string) error {
	if hint := flagFor(cmd, file); hint != "" {
		return usagef(cmd, "%s is no call record: did you mean %s?", file, hint)
	}
	return nil
}

// noArguments is for commands that take flags only.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		if hint := flagFor(cmd, args[0]); hint != "" {
			return usagef(cmd, "takes no arguments, got %q: did you mean %s?", args[0], hint)
		}
		return usagef(cmd, "takes no arguments, got %q", args[0])
	}
	return nil
}
