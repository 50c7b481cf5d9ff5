package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/editor"
	"github.com/hookrun/hookrun/internal/sandbox"
)

func newTypes(o Options, std *streams) *cobra.Command {
	hooks := selection{program: o}
	cmd := &cobra.Command{
		Use:   "types [DIR]",
		Short: "Write what editors need to complete and check scripts",
		Long: `types writes what editors need to know of the scripts of a config: the methods of
its services with their arguments and results, host objects, stubs and options,
and the library. DIR is the folder that the editor opens, by default the scripts
folder of the config.

  types/hookrun.lua, types/hookrun-plugin.lua   definitions for lua-language-server
  .luarc.json                                   its settings
  .luacheckrc                                   the settings of luacheck

Definitions are written anew each time; settings that are there already are left
as they are.

Exit status: 0 written, 2 wrong usage, or a config that cannot be read, or a
folder that cannot be written to.`,
		Example: `  hookrun types
  hookrun types -c /etc/shares/config.toml ~/hooks`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef(cmd, "want one folder at most, got %s", counted(len(args), "argument"))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(_ *cobra.Command, args []string) error {
			folder := ""
			if len(args) > 0 {
				folder = args[0]
			}
			return hooks.writeTypes(std, folder)
		},
	}
	hooks.addFlags(cmd, std)
	return cmd
}

// writeTypes writes the files into a folder; "" is the scripts folder of the config.
func (s *selection) writeTypes(std *streams, folder string) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	services, err := s.chosen(cfg)
	if err != nil {
		return err
	}
	api, err := s.api(cfg, services)
	if err != nil {
		return err
	}
	folder = cmp.Or(folder, cfg.Scripts, ".")
	var listed []typesFile
	for _, f := range []struct {
		name    string
		keeps   bool // what is there already
		content func(io.Writer) error
	}{
		{"types/hookrun.lua", false, func(w io.Writer) error { return editor.Write(w, api) }},
		{"types/hookrun-plugin.lua", false, func(w io.Writer) error { return editor.WritePlugin(w, api) }},
		{".luarc.json", true, func(w io.Writer) error { _, err := io.WriteString(w, editor.Settings); return err }},
		{".luacheckrc", true, func(w io.Writer) error { return writeLuacheck(w, api) }},
	} {
		path := filepath.Join(folder, filepath.FromSlash(f.name))
		wrote, err := writeTypesFile(path, f.keeps, f.content)
		if err != nil {
			return err
		}
		listed = append(listed, typesFile{path, wrote})
	}
	if s.json {
		return writeJSON(std, listed)
	}
	p := std.painter()
	for _, f := range listed {
		about := ""
		if !f.Written {
			about = ": left as it is"
		}
		p.Line(oneLine("%s", f.File), about)
	}
	return nil
}

// typesFile is a file as types lists it for other programs.
type typesFile struct {
	File    string `json:"file"`
	Written bool   `json:"written"` // false where it was there already, and is left as it is
}

func writeTypesFile(path string, keeps bool, content func(io.Writer) error) (wrote bool, err error) {
	if _, err := os.Lstat(path); keeps && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	var text bytes.Buffer
	if err := content(&text); err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, err
	}
	return true, os.WriteFile(path, text.Bytes(), 0o644)
}

// api is what the scripts of some services see.
func (s *selection) api(cfg *config.Config, services []string) (editor.API, error) {
	objects, problems := s.objects(cfg)
	api := editor.API{Share: s.program.Shares, Docs: editor.OurDocs(), Objects: objects, Options: map[string][]any{}}
	if err := cfg.Refuse(problems); err != nil {
		return api, err
	}
	for _, name := range services {
		for _, m := range s.methodsOf(cfg, name) {
			if !slices.ContainsFunc(api.Methods, func(known engine.Method) bool { return known.Name == m.Name }) {
				api.Methods = append(api.Methods, m)
			}
		}
		for _, h := range cfg.Services[name].Hooks {
			for option, value := range h.Options {
				api.Options[option] = append(api.Options[option], value)
			}
		}
	}
	return api, nil
}

// writeLuacheck writes the settings of luacheck, https://luacheck.readthedocs.io: the globals that scripts see and may
// set. What Lua has and hooks do not is no global for it.
func writeLuacheck(w io.Writer, api editor.API) error {
	globals, err := sandbox.Globals()
	if err != nil {
		return err
	}
	maps.Copy(globals, api.Objects)
	var b strings.Builder
	b.WriteString("-- What scripts see, for luacheck: written by hookrun types.\nstd = {\n  globals = { ")
	set := []string{"pre", "post", "failed", "finally", "periodic", "_G"}
	for _, name := range set {
		fmt.Fprintf(&b, "%q, ", name)
		delete(globals, name)
	}
	b.WriteString("},\n  read_globals = {\n")
	for _, name := range slices.Sorted(maps.Keys(globals)) {
		if len(globals[name]) == 0 {
			fmt.Fprintf(&b, "    %s = { other_fields = true },\n", name)
			continue
		}
		fmt.Fprintf(&b, "    %s = { fields = { ", name)
		for _, member := range slices.Sorted(slices.Values(globals[name])) {
			fmt.Fprintf(&b, "%q, ", member)
		}
		b.WriteString("} },\n")
	}
	b.WriteString("  },\n}\nfiles[\"**/*_test.lua\"] = { globals = { \"test\" } }\n")
	_, err = io.WriteString(w, b.String())
	return err
}
