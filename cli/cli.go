// Package cli is the command hookrun, for the main function of any program: it dry-runs, checks and lists the Lua hooks
// of the program's services, without a running service.
//
//	hookrun run calls/create_share.json    what each hook does to a call
//	hookrun replay calls.jsonl.zst         what comes of many calls, and what a change of the scripts does to them
//	hookrun check                          what is wrong with the config and its scripts
//	hookrun watch calls/create_share.json  the same at each save, and what that has changed
//	hookrun test                           the tests of the scripts
//	hookrun profile calls/create_share.json
//	                                       where the hooks spend instructions, time and memory
//	hookrun new guard                      a new hook, with a test and a call record
//	hookrun list                           which hooks run, in which order, with which limits
//	hookrun list create_share              what happens around a call of a method
//	hookrun types                          what editors need to complete and check scripts
//	hookrun outbox stats                   how the sinks do that get the hooks' events
//	hookrun state list                     what hooks remember
//	hookrun store calls                    which calls have to be undone or finished
//
// A program that has methods and host objects of its own describes them in [Options], and so has the command for them.
package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/report"
)

// Options are what a program provides. The zero value is for services whose methods have no types.
type Options struct {
	// Methods are the driver calls of the program's services, as in [engine.Options].
	Methods []engine.Method
	// Shares is the type of the shares in the list that periodic functions get; nil where it is free-form.
	Shares reflect.Type
	// Objects are host objects that dry runs may really call, by global name: those that change nothing outside. In
	// place of others, dry runs use the scripts in the config's stubs folder.
	Objects map[string]engine.Object
	// Sinks are the program's own sinks of events, by type, as in [engine.Options]. They get the events of live runs.
	Sinks map[string]effect.Sink
}

// Main is the main function of a program that is the hookrun command.
func Main(o Options) { os.Exit(Run(o, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The exit statuses.
const (
	statusOK     = 0
	statusFailed = 1
	statusUsage  = 2
)

// errFailed ends a command that has found something wrong, and has said so already.
var errFailed = errors.New("failed")

// Run runs a command by its arguments, without the program's name, and returns the exit status: 0 when all is well, 1
// when a hook or the driver refused or failed a call, or a check found something, and 2 for wrong usage and for a
// config, script or call record that cannot be read. A nil stdin is an empty one.
func Run(o Options, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if stdin == nil {
		stdin = strings.NewReader("")
	}
	out := bufio.NewWriter(stdout)
	std := &streams{in: stdin, out: out, stdout: stdout, err: stderr}
	std.completing = len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
	root := newRoot(o, args, std)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.Execute()
	if flushErr := out.Flush(); flushErr != nil && (err == nil || err == errFailed || err == errUnread) {
		err = fmt.Errorf("write output: %w", flushErr)
	}
	switch {
	case err == nil:
		return statusOK
	case err == errFailed:
		return statusFailed
	case err == errUnread:
		return statusUsage
	}
	text := bufio.NewWriter(stderr)
	explain(std.painterOn(text, stderr), err)
	_ = text.Flush() // there is nowhere else to report an error
	return statusUsage
}

// streams are the inputs and outputs of a command.
type streams struct {
	in     io.Reader
	out    *bufio.Writer
	stdout io.Writer // below out
	err    io.Writer
	color  colorMode

	reports *bytes.Buffer // gets reports of calls without what differs each time; nil where nobody compares them

	completing bool // a shell asks how the words of a command go on
}

// painter returns what writes text for people to the output.
func (s *streams) painter() *report.Painter { return s.painterOn(s.out, s.stdout) }

// painterOn returns what writes text for people to out, from where it goes to a stream.
func (s *streams) painterOn(out io.StringWriter, stream io.Writer) *report.Painter {
	p := report.NewPainter(out, stream)
	if s.color != "" {
		p.Color = s.color == "always"
	}
	return p
}

// colorMode says where text is coloured: always, never, or "" for on a terminal.
type colorMode string

// Set implements [pflag.Value].
func (m *colorMode) Set(text string) error {
	switch text {
	case "always", "never":
		*m = colorMode(text)
	case "auto":
		*m = ""
	default:
		return fmt.Errorf("want auto, always or never, got %q", text)
	}
	return nil
}

// String implements [pflag.Value].
func (m *colorMode) String() string { return cmp.Or(string(*m), "auto") }

// Type implements [pflag.Value].
func (m *colorMode) Type() string { return "WHEN" }

// fail says on the error stream what the command could not do or find, and returns the error that ends it.
func (s *streams) fail(format string, args ...any) error {
	fmt.Fprintln(s.err, "hookrun: "+oneLine(format, args...))
	return errFailed
}

func newRoot(o Options, args []string, std *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "hookrun",
		Short: "Dry-run, check and list the Lua hooks of share services",
		Long: "hookrun dry-runs, checks and lists the Lua hooks of share services, without a\n" +
			"service, and looks after what they keep: events, state, and calls that are open.",
		Example:       "  hookrun run calls/create_share.json\n  hookrun check -c /etc/shares/config.toml\n  hookrun list --json",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef(cmd, "which command? One of %s", strings.Join(commandNames(cmd), ", "))
		},
		PersistentPreRunE: noEmptyFlags,
	}
	root.SetVersionTemplate("hookrun {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if !cmd.HasParent() {
			if err := unknownCommand(cmd, firstWord(args)); err != nil {
				return err
			}
		}
		return wrongFlag(cmd, err)
	})
	root.PersistentFlags().Var(&std.color, "color", "colour the text: auto, which is on a terminal, always or never")
	std.completeFlags(root, map[string]cobra.CompletionFunc{
		"color": cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp),
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelp())
	root.AddCommand(newRun(o, std), newReplay(o, std), newCheck(o, std), newList(o, std), newTypes(o, std), newNew(o, std), newTest(o, std), newProfile(o, std), newWatch(o, std), newOutbox(std), newState(std), newStore(std), newCompletion(std))
	if std.completing {
		plainUsage(root)
	}
	return root
}

// version returns what the Go tool knows about this build.
func version() string {
	v, revision := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = ", " + s.Value[:12]
			}
		}
	}
	return fmt.Sprintf("%s (%s %s/%s%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH, revision)
}

// explain writes what a person reads on the error stream.
func explain(p *report.Painter, err error) {
	var usage *usageError
	var config *config.Error
	var mistakes record.Errors
	switch {
	case errors.As(err, &usage):
		p.Line(usage.command, ": ", plaintext.Line(usage.message))
		p.Line("usage: ", usage.line)
		p.Line("See '", usage.command, " --help'.")
	case errors.As(err, &config):
		p.Line("hookrun: ", counted(len(config.Problems), "problem"), " found; 'hookrun check' may find more")
		tellProblems(p, ofConfig(config.Problems))
	case errors.As(err, &mistakes) && len(mistakes) > 1:
		p.Line("hookrun: ", counted(len(mistakes), "mistake"), " found")
		for _, m := range mistakes {
			p.Line(m.Error())
		}
	default:
		p.Line("hookrun: ", plaintext.Line(err.Error()))
	}
}

// counted writes a number with its noun: "1 hook", "2 hooks".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
