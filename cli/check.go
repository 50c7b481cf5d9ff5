package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/stubs"
)

// checking says what check is asked for.
type checking struct {
	*selection
	load  bool
	fix   bool
	sarif string // a file; "" for none
}

func newCheck(o Options, std *streams) *cobra.Command {
	c := checking{selection: &selection{program: o}}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find mistakes in the config and its scripts, all at once",
		Long: `check reads the config and looks through its scripts, without running them: unknown
keys, wrong values and missing files; syntax errors; undefined globals, methods
and fields that the driver does not have, functions that hooks do not have; code
that does nothing, or not what it seems to; and what does not fit the config:
options, changes that are dropped, hosts that http may not reach, events that no
sink takes. With --load it runs the scripts' top levels as well, as a service does
when it starts.

Each mistake is a line that begins with its file, its line and, where it is known,
its column. In a script it ends with its kind, and the line of the script is shown
below it. A comment silences a kind on its line or, where it stands alone, on the
next line of code: -- hookrun: ignore unused-local

Exit status: 0 all is well, 1 mistakes were found, 2 wrong usage, or a config or
script that cannot be read.`,
		Example: `  hookrun check
  hookrun check -c /etc/shares/config.toml --service nfs1 --load
  hookrun check --script quota_guard.lua --fix
  hookrun check --json --sarif findings.sarif`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return c.run(std) },
	}
	c.addFlags(cmd, std)
	flags := cmd.Flags()
	flags.BoolVar(&c.load, "load", false, "run the scripts' top levels as well")
	flags.BoolVar(&c.fix, "fix", false, "mend in the scripts what can be mended")
	flags.StringVar(&c.sarif, "sarif", "", "write the mistakes to `FILE` in SARIF as well")
	std.completeFlags(cmd, map[string]cobra.CompletionFunc{"sarif": filesEndingIn("sarif")})
	return cmd
}

func (c *checking) run(std *streams) error {
	in, err := c.inspect()
	if err == nil && c.fix {
		var mended int
		if mended, err = in.mend(); mended > 0 {
			c.tellMended(std, mended)
		}
		if err == nil && mended > 0 {
			in, err = c.inspect()
		}
	}
	if err != nil {
		return err
	}
	logs := in.logs.take()
	if c.json {
		tellLoadLogs(std.err, logs)
	} else if len(logs) > 0 {
		tellLoadLogs(std.out, logs)
		_, _ = std.out.WriteString("\n")
	}
	if c.sarif != "" {
		if err := os.WriteFile(c.sarif, newSARIF(in.found), 0o644); err != nil {
			return err
		}
	}
	if c.json {
		err = writeJSON(std, listed(in.found))
	} else {
		tellFound(std.painter(), in)
	}
	if err == nil && len(in.found) > 0 {
		return errFailed
	}
	return err
}

// inspect looks through the config and its scripts.
func (c *checking) inspect() (*inspection, error) {
	cfg, err := c.selection.load()
	var invalid *config.Error
	if err != nil && !errors.As(err, &invalid) {
		return nil, err
	}
	if err := c.checkObjects(); err != nil {
		return nil, err
	}
	in := &inspection{checking: c, cfg: cfg}
	if invalid != nil {
		in.config, in.found = invalid, ofConfig(invalid.Problems)
	}
	in.found = append(in.found, ofConfig(cfg.CheckSinks(slices.Sorted(maps.Keys(c.program.Sinks))))...)
	services, err := c.chosen(cfg)
	if err != nil {
		if invalid == nil {
			return nil, err
		}
		services = nil // a mistake of the config may hide the service
	}
	for _, name := range services {
		if err := in.service(name); err != nil {
			return nil, err
		}
	}
	if err := in.tests(services); err != nil {
		return nil, err
	}
	if err := in.others(services); err != nil {
		return nil, err
	}
	in.agree()
	in.found = sortFindings(in.found)
	return in, nil
}

// checkObjects returns what is wrong with the host objects of the program, which an engine without hooks tells.
func (c *checking) checkObjects() error {
	const service = "check"
	cfg := &config.Config{Services: map[string]config.Service{service: {}}}
	eng, err := engine.New(cfg, service, engine.Options{Objects: c.program.Objects})
	if err != nil {
		return err
	}
	return eng.Close()
}

// listing is a finding as check writes it for other programs.
type listing struct {
	File     string         `json:"file"`
	Line     int            `json:"line"`
	Column   int            `json:"column"`
	Code     check.Code     `json:"code"`
	Severity check.Severity `json:"severity"`
	Key      string         `json:"key"`
	Hook     string         `json:"hook"`
	Message  string         `json:"message"`
	Fix      string         `json:"fix"`
}

func listed(found []check.Finding) []listing {
	all := []listing{}
	for _, f := range found {
		l := listing{f.File, f.Line, f.Column, f.Code, f.Code.Severity(), f.Key, f.Hook, f.Message, ""}
		if f.Fix != nil {
			l.Fix = f.Fix.Title
		}
		all = append(all, l)
	}
	return all
}

func tellFound(p *report.Painter, in *inspection) {
	if len(in.found) == 0 {
		p.Line(counted(in.services, "service"), ", ", counted(in.hooks, "hook"), ": ", p.Paint(report.Green, "all well"))
		return
	}
	files, mendable := map[string]bool{}, 0
	for _, f := range in.found {
		if f.File != "" { // what the program brings is in none
			files[f.File] = true
		}
		if f.Fix != nil {
			mendable++
		}
	}
	tellProblems(p, in.found)
	p.Line()
	rest := ""
	if len(files) > 0 {
		rest = " in " + counted(len(files), "file")
	}
	if mendable > 0 {
		rest += fmt.Sprintf("; --fix mends %d", mendable)
	}
	p.Line(p.Paint(report.RedBold, counted(len(in.found), "problem")), rest)
}

// inspection collects what is wrong with a config and its scripts.
type inspection struct {
	*checking
	cfg    *config.Config
	config *config.Error // what is wrong with the config; nil for nothing
	found  []check.Finding

	services, hooks int // looked at
	logs            loadLogs
	modules         map[string]check.Module
	hosts           map[string][]string // see hostObjects
	brokenStubs     []check.Finding
	files           []*checkedFile
}

// service looks into one service: first at the sources of its scripts, then, where that is asked for, at what happens
// when they are loaded.
func (in *inspection) service(name string) error {
	in.services++
	in.hooks += len(in.cfg.Services[name].Hooks)
	if err := in.scripts(name); err != nil {
		return err
	}
	if in.load {
		return in.loaded(name)
	}
	in.found = append(in.found, in.brokenStubs...)
	in.found = append(in.found, ofConfig(in.cfg.Check(name, methodNames(in.program.Methods)))...)
	return nil
}

// tests looks at the files of tests in the scripts folder that stand beside no configured script, as the first of the
// services sees them. Of scripts without a config only those beside them are looked at.
func (in *inspection) tests(services []string) error {
	if in.cfg.Path == "" || len(services) == 0 {
		return nil
	}
	schema, _, err := in.schema(services[0])
	if err != nil {
		return err
	}
	beside := map[string]bool{}
	for _, service := range in.cfg.Services {
		for _, h := range service.Hooks {
			beside[testsOf(path.Clean(h.Script))] = true
		}
	}
	for _, file := range in.folder().Tests() {
		if !beside[file] {
			in.script(file, schema)
		}
	}
	return nil
}

// testsOf is the name of the file with the tests of a script.
func testsOf(script string) string { return strings.TrimSuffix(script, ".lua") + testEnding }

// others looks at what other services than those asked for say of the same files, and tells nothing else of them.
func (in *inspection) others(services []string) error {
	found, files := len(in.found), len(in.files)
	if files == 0 {
		return nil
	}
	for _, name := range serviceNames(in.cfg) {
		if slices.Contains(services, name) {
			continue
		}
		if err := in.scripts(name); err != nil {
			return err
		}
	}
	in.found, in.files = in.found[:found], in.files[:files]
	return nil
}

// scripts looks at the sources of a service's scripts and of their tests.
func (in *inspection) scripts(name string) error {
	hooks := in.cfg.Services[name].Hooks
	schema, objects, err := in.schema(name)
	if err != nil {
		return err
	}
	byScript := map[string][]check.Use{}
	var scripts []string
	for i, h := range hooks {
		script := path.Clean(h.Script)
		if _, known := byScript[script]; !known && filepath.IsLocal(filepath.FromSlash(script)) {
			scripts = append(scripts, script)
		}
		uses := byScript[script]
		if h.Enabled { // what is switched off need not be configured
			uses = append(uses, check.Use{Hook: h, Service: name, Problem: func(key, message string) config.Problem {
				return in.cfg.Problem(name, i, key, message)
			}})
		}
		byScript[script] = uses
	}
	for _, script := range scripts {
		uses := byScript[script]
		if schema.Waits = nil; slices.ContainsFunc(uses, func(u check.Use) bool { return u.Concurrent > 1 }) {
			schema.Waits = append([]string{"http"}, objects...)
		}
		if in.cfg.Path != "" { // else nobody has configured the script
			schema.Uses = uses
		}
		schema.UsesElsewhere, schema.MethodsElsewhere = in.elsewhere(name, script)
		in.script(script, schema)
		if tests := testsOf(script); !slices.Contains(scripts, tests) {
			in.script(tests, schema)
		}
	}
	return nil
}

// elsewhere returns the hooks of other services that run a script, and the methods of these services that the program
// does not declare.
func (in *inspection) elsewhere(service, script string) (uses []check.Use, methods []string) {
	for _, other := range serviceNames(in.cfg) {
		if other == service {
			continue
		}
		before, s := len(uses), in.cfg.Services[other]
		for _, h := range s.Hooks {
			if h.Enabled && path.Clean(h.Script) == script {
				uses = append(uses, check.Use{Hook: h, Service: other})
			}
		}
		if len(uses) > before {
			methods = append(methods, s.ExtraMethods...)
		}
	}
	return uses, methods
}

// script looks at the source of a script or of its tests. A script that is not there, or no file, is reported with the
// config.
func (in *inspection) script(file string, schema check.Schema) {
	at := in.folder().Path(file)
	source, err := in.folder().Read(file)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, luafiles.ErrNotPlain) {
			in.found = append(in.found, check.Finding{Problem: config.Problem{File: at, Message: err.Error()}, Code: check.Config})
		}
		return
	}
	schema.Module = in.cfg.Path == "" && !strings.HasSuffix(file, testEnding) && isBelowLib(at)
	found := check.Check(at, []byte(source), ofTests(file, schema))
	in.note(at, source, found)
	in.found = append(in.found, found...)
}

// ofTests returns the schema of a file: tests see test besides, and nobody has configured them.
func ofTests(file string, schema check.Schema) check.Schema {
	if !strings.HasSuffix(file, testEnding) {
		return schema
	}
	schema.Globals, schema.Uses, schema.Waits = maps.Clone(schema.Globals), nil, nil
	schema.Globals["test"] = nil
	return schema
}

// schema is what the scripts of a service may use, with the host objects that they may wait for.
func (in *inspection) schema(service string) (s check.Schema, objects []string, err error) {
	globals, err := sandbox.Globals()
	if err != nil {
		return s, nil, err
	}
	found := in.hostObjects()
	maps.Copy(globals, found)
	objects = slices.Collect(maps.Keys(found))
	s = check.Schema{
		Globals:   globals,
		Removed:   sandbox.Removed(),
		Libraries: sandbox.Libraries(),
		Methods:   in.methodsOf(in.cfg, service),
		Share:     in.program.Shares,
		Modules:   in.libModules(),
		Store:     in.cfg.Store.Path != "",
	}
	for _, sink := range in.cfg.Sinks {
		s.Sinks = append(s.Sinks, sink.Events...)
	}
	return s, objects, nil
}

// hostObjects returns the methods of the host objects that scripts see, by global name: nil where those of a stub
// cannot be seen in its source, which is not run unless that is asked for. It notes what is broken in stubs.
func (in *inspection) hostObjects() map[string][]string {
	if in.hosts != nil {
		return in.hosts
	}
	if in.load {
		in.hosts, _ = in.objects(in.cfg) // mistakes are reported when the service is loaded
		files, _ := stubs.Files(in.cfg)
		for _, f := range files {
			if _, loaded := in.hosts[f.Name]; !loaded {
				in.hosts[f.Name] = nil
			}
		}
		return in.hosts
	}
	in.hosts = map[string][]string{}
	files, problems := stubs.Files(in.cfg)
	in.brokenStubs = ofConfig(problems)
	for _, f := range files {
		m := check.Module{File: luafiles.In(in.cfg.FS, in.cfg.Stubs).Path(f.File), Source: []byte(f.Source), Err: f.Err}
		in.brokenStubs = append(in.brokenStubs, check.Broken(m)...)
		if methods, ok := check.Methods(m); ok {
			in.hosts[f.Name] = methods
		} else {
			in.hosts[f.Name] = nil // it is there all the same
		}
	}
	for name, o := range in.program.Objects {
		in.hosts[name] = o.Methods
	}
	return in.hosts
}

// loaded adds the problems that loading the service finds, except on lines of scripts that have one of a kind that
// loading finds, too: it would say the same in other words.
func (in *inspection) loaded(service string) error {
	eng, err := in.newEngine(in.cfg, service, &in.logs)
	var invalid *config.Error
	switch {
	case err == nil:
		if in.cfg.Path != "" { // scripts named on the command line may be modules
			in.found = append(in.found, ofConfig(eng.Warnings())...)
		}
		return eng.Close()
	case !errors.As(err, &invalid):
		return err
	case invalid == in.config:
		return nil // it is reported already
	}
	for _, p := range invalid.Problems {
		if p.File == in.cfg.Path || !in.knowsLine(p) {
			in.found = append(in.found, ofConfig([]config.Problem{p})...)
		}
	}
	return nil
}

func (in *inspection) knowsLine(p config.Problem) bool {
	return slices.ContainsFunc(in.found, func(known check.Finding) bool {
		ends := p.Line > 0 && known.Code.EndsLoading()
		return known.File == p.File && known.Line == p.Line && (ends || known.Message == p.Message)
	})
}

func (in *inspection) folder() luafiles.Folder { return luafiles.In(in.cfg.FS, in.cfg.Scripts) }

// libModules reads the modules that scripts may require, and notes what is broken in them. A service works without a
// broken module until a script requires it.
func (in *inspection) libModules() map[string]check.Module {
	if in.modules != nil {
		return in.modules
	}
	in.modules = map[string]check.Module{}
	found, _ := in.folder().Modules() // an unreadable lib is reported when the scripts are loaded
	for _, m := range found {
		file := in.folder().Path(m.File)
		in.modules[m.Name] = check.Module{File: file, Source: []byte(m.Source), Err: m.Err}
		in.found = append(in.found, check.Broken(in.modules[m.Name])...)
	}
	return in.modules
}
