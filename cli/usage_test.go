package cli

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestNoCommandTakesAnEmptyFlag(t *testing.T) {
	t.Chdir(t.TempDir())
	var try func(of *cobra.Command)
	try = func(of *cobra.Command) {
		of.InheritedFlags() // which puts them among its own
		of.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "bool" {
				return
			}
			root := newRoot(ofShares, nil, &streams{in: strings.NewReader(""), out: bufio.NewWriter(io.Discard), stdout: io.Discard, err: io.Discard})
			words := strings.Fields(of.CommandPath())[1:]
			cmd, _, err := root.Find(words)
			if err != nil {
				t.Fatal(err)
			}
			cmd.Args, cmd.RunE = cobra.ArbitraryArgs, func(*cobra.Command, []string) error { return nil }
			root.SetArgs(append(words, "--"+f.Name, ""))
			var usage *usageError
			if err := root.Execute(); !errors.As(err, &usage) {
				t.Errorf("%s --%s '': got %v, want wrong usage", of.CommandPath(), f.Name, err)
			}
		})
		for _, c := range of.Commands() {
			try(c)
		}
	}
	try(newRoot(ofShares, nil, &streams{}))
}
