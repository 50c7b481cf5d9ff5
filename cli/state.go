package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/store"
)

func newState(std *streams) *cobra.Command {
	f := &storeFile{std: std}
	cmd := &cobra.Command{
		Use:   "state COMMAND",
		Short: "Look after the state that hooks keep",
		Long: `state shows and changes the state in the store of the config. What a hook keeps
has the hook's name, or the one that its config gives it as "state". Values are
JSON. The service must be stopped: one process at a time has the file.

Exit status: 0 done, 1 no such key, 2 wrong usage, or a config or store that
cannot be read, or is in use.`,
		Example: `  hookrun state list
  hookrun state list nfs1 project_quota
  hookrun state set nfs1 project_quota gib/media 1024
  hookrun state export > state.jsonl`,
	}
	f.addFlags(cmd)
	var ttl time.Duration
	set := &cobra.Command{
		Use: "set SERVICE STATE KEY JSON", Short: "Set the value of a key", Args: wantArguments("a service", "a state", "a key", "a value in JSON"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ttl <= 0 && cmd.Flags().Changed("ttl") {
				return usagef(cmd, "--ttl: want more than 0, got %s", ttl)
			}
			e := store.StateEntry{Service: args[0], State: args[1], Key: args[2], Value: json.RawMessage(args[3])}
			if !json.Valid(e.Value) {
				return usagef(cmd, `want a value in JSON, got %q: texts are in quotes, as '"text"'`, args[3])
			}
			if ttl > 0 {
				e.Expires = time.Now().Add(ttl)
			}
			return f.change(func(s *store.Store) error {
				if err := s.SetState(cmd.Context(), e); err != nil {
					return err
				}
				return f.done("1 key set", map[string]int{"keys": 1})
			})
		},
	}
	set.Flags().DurationVar(&ttl, "ttl", 0, "let the key go after this `DURATION`")
	group(cmd,
		&cobra.Command{
			Use: "list [SERVICE STATE [PREFIX]]", Short: "List all states, or the keys of one", Args: stateOrNothing,
			RunE: func(cmd *cobra.Command, args []string) error {
				return f.read(func(s *store.Store) error { return f.listState(cmd, s, args) })
			},
		},
		&cobra.Command{
			Use: "get SERVICE STATE KEY", Short: "Print the value of a key", Args: wantArguments("a service", "a state", "a key"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return f.read(func(s *store.Store) error { return f.getState(cmd.Context(), s, args) })
			},
		},
		set,
		&cobra.Command{
			Use: "delete SERVICE STATE KEY", Short: "Delete a key", Args: wantArguments("a service", "a state", "a key"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return f.change(func(s *store.Store) error {
					found, err := s.DeleteState(cmd.Context(), args[0], args[1], args[2])
					if err != nil {
						return err
					}
					if !found {
						return f.noKey(args)
					}
					return f.done("1 key deleted", map[string]int{"keys": 1})
				})
			},
		},
		&cobra.Command{
			Use: "export", Short: "Write all state, each key as a line of JSON",
			Long: `export writes all state, each key as a line of JSON, so that import can set it
again. Secrets of the config that hooks have stored are in it as they are.`,
			Args: noArguments,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return f.read(func(s *store.Store) error { return f.exportState(cmd.Context(), s) })
			},
		},
		&cobra.Command{
			Use: "import FILE", Short: `Set what export has written; "-" is standard input`,
			Long: `import sets the keys that export has written, and leaves others alone; "-" is
standard input. All entries are looked at first: where one is wrong, none is set.
Where there is no store yet, it makes one: so a service can take its state to
another host before it starts there.`,
			Args:              wantArguments("a file, or -"),
			ValidArgsFunction: filesEndingIn("json", "jsonl"),
			RunE:              func(cmd *cobra.Command, args []string) error { return f.importState(cmd.Context(), args[0]) },
		},
	)
	return cmd
}

func (f *storeFile) listState(cmd *cobra.Command, s *store.Store, args []string) error {
	if len(args) == 0 {
		return f.listStates(cmd.Context(), s)
	}
	entries, err := s.State(cmd.Context(), args[0], args[1], append(args, "")[2])
	if err != nil {
		return err
	}
	entries = f.secrets.Value(append([]store.StateEntry{}, entries...)).([]store.StateEntry)
	if f.json {
		return writeJSON(f.std, entries)
	}
	p := f.painter()
	for _, e := range entries {
		until := ""
		if !e.Expires.IsZero() {
			until = ", until " + e.Expires.Local().Format(time.DateTime)
		}
		key := oneLine("%s = ", e.Key)
		p.Line(key, p.Fit(oneLine("%s", e.Value), report.Columns(key)+len(until)), p.Paint(report.Faint, until))
	}
	if len(entries) == 0 {
		p.Line("no keys")
	}
	tellCut(p)
	return nil
}

// stateOrNothing is for a command about one state, or about all.
func stateOrNothing(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0, 2, 3:
		return nil
	case 1:
		return usagef(cmd, "want a service and a state, or nothing, got %q alone", args[0])
	}
	return usagef(cmd, "want a service, a state and a prefix at most, got %s", counted(len(args), "argument"))
}

func (f *storeFile) listStates(ctx context.Context, s *store.Store) error {
	states, err := s.States(ctx)
	if err != nil {
		return err
	}
	states = f.secrets.Value(append([]store.StateInfo{}, states...)).([]store.StateInfo)
	if f.json {
		return writeJSON(f.std, states)
	}
	p := f.painter()
	for _, i := range states {
		p.Line(oneLine("%s %s: ", i.Service, i.State), counted(i.Keys, "key"), ", ", report.HumanBytes(int64(i.Bytes)))
	}
	if len(states) == 0 {
		p.Line("no state")
	}
	return nil
}

func (f *storeFile) getState(ctx context.Context, s *store.Store, args []string) error {
	entries, err := s.State(ctx, args[0], args[1], args[2])
	if err != nil {
		return err
	}
	if len(entries) == 0 || entries[0].Key != args[2] {
		return f.noKey(args)
	}
	return writeJSON(f.std, json.RawMessage(f.secrets.JSON(entries[0].Value)))
}

func (f *storeFile) noKey(args []string) error {
	return f.std.fail("%s %s has no key %q", args[0], args[1], args[2])
}

// exportState writes what the store's own ExportState does, without anything that a terminal would obey.
func (f *storeFile) exportState(ctx context.Context, s *store.Store) error {
	states, err := s.States(ctx)
	if err != nil {
		return err
	}
	for _, i := range states {
		entries, err := s.State(ctx, i.Service, i.State, "")
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := writeJSON(f.std, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// importState reads all of its input before it opens the store, so that an export of the same store can be piped into
// it. Where there is no store, as before a service starts for the first time, it makes one.
func (f *storeFile) importState(ctx context.Context, file string) error {
	in, err := openInput(f.std.in, file)
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	if err := tryImport(ctx, text); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	f.makes = true
	return f.change(func(s *store.Store) error {
		n, err := s.ImportState(ctx, bytes.NewReader(text))
		if err != nil && n > 0 {
			err = fmt.Errorf("%w; set before that: %s", err, counted(n, "key"))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		where := ""
		if f.made != "" {
			where = " in the new store " + oneLine("%s", f.made)
		}
		return f.done(counted(n, "key")+" set"+where, map[string]int{"keys": n})
	})
}

// tryImport sets entries in memory, or a store would have those before the first that is wrong.
func tryImport(ctx context.Context, text []byte) error {
	var w world
	n := 0
	for e, err := range store.StateEntries(bytes.NewReader(text)) {
		if err != nil {
			return err
		}
		n++
		if err := w.set(ctx, e); err != nil {
			return fmt.Errorf("entry %d: key %q: %w", n, e.Key, err)
		}
	}
	return nil
}
