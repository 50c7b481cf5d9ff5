package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:               "help [COMMAND ...]",
		Short:             "Explain a command",
		Long:              "help explains a command, as its flag --help does.",
		ValidArgsFunction: completeCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, err := commandNamed(cmd.Root(), args)
			if err != nil {
				return err
			}
			about.InitDefaultHelpFlag() // as --help does
			return about.Help()
		},
	}
}

// commandNamed returns the command with a name, such as "outbox list".
func commandNamed(root *cobra.Command, name []string) (*cobra.Command, error) {
	at := root
	for _, word := range name {
		if !at.HasSubCommands() {
			return nil, usagef(at, "has no commands, got %q", word)
		}
		n := slices.IndexFunc(at.Commands(), func(c *cobra.Command) bool { return c.Name() == word })
		if n < 0 {
			return nil, unknownName(at, word)
		}
		at = at.Commands()[n]
	}
	return at, nil
}

func completeCommand(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	about, err := commandNamed(cmd.Root(), args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return commandNames(about), cobra.ShellCompDirectiveNoFileComp
}
