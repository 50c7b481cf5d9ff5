package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hookrun/hookrun/internal/suggest"
)

func newCompletion(std *streams) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes commands, flags and files in a shell",
		Long: "completion prints a script for bash, zsh, fish or powershell. Once the shell has\n" +
			"read it, the tab key completes commands, flags, services and files. That for bash\n" +
			"needs the package bash-completion.",
		Example: `  source <(hookrun completion bash)
  hookrun completion zsh > "${fpath[1]}/_hookrun"
  hookrun completion fish > ~/.config/fish/completions/hookrun.fish
  hookrun completion powershell | Out-String | Invoke-Expression`,
		ValidArgs:             shells,
		DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usagef(cmd, "want one shell (%s), got %d", strings.Join(shells, ", "), len(args))
			case !slices.Contains(shells, args[0]):
				return usagef(cmd, "want one of %s, got %q%s", strings.Join(shells, ", "), args[0], suggest.Hint(args[0], shells))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(std.out, true)
			case "zsh":
				return root.GenZshCompletion(std.out)
			case "fish":
				return root.GenFishCompletion(std.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(std.out)
			}
			return fmt.Errorf("no completion for %s", args[0])
		},
	}
}

// plainUsage removes the backquotes with which the texts of flags name their values in help: shells show the texts as
// they are.
func plainUsage(root *cobra.Command) {
	plain := func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") }
	for _, c := range root.Commands() {
		c.Flags().VisitAll(plain)
		c.PersistentFlags().VisitAll(plain)
		plainUsage(c)
	}
}

// filesEndingIn completes arguments with files of some kinds.
func filesEndingIn(ext ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return ext, cobra.ShellCompDirectiveFilterFileExt
	}
}

// completeFlags says how the values of flags are completed. cobra keeps that for the life of the process, and with it
// all commands, so it is told only where a shell asks.
func (s *streams) completeFlags(cmd *cobra.Command, complete map[string]cobra.CompletionFunc) {
	if !s.completing {
		return
	}
	for flag, f := range complete {
		if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
			panic(err) // the command has no such flag
		}
	}
}
