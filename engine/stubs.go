package engine

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/stubs"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/sandbox"
)

// addStubs lets the config's stubs stand in for host objects that this program does not bring. It is for dry runs: in a service a
// missing object is missing.
func (l *loader) addStubs(ctx context.Context, objects map[string]sandbox.Object) {
	if l.cfg.Stubs == "" {
		return
	}
	found, mistakes, err := stubs.Load(ctx, l.cfg.Stubs, l.cfg.Scripts)
	at := l.cfg.newFindings().root().key("stubs")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint := suggest.Hint(filepath.Base(l.cfg.Stubs), namesIn(filepath.Dir(l.cfg.Stubs)))
		l.problems = append(l.problems, at.problem(plaintext.Line("there is no folder \""+l.cfg.Stubs+"\""+hint)))
	case err != nil:
		l.problems = append(l.problems, at.problem(plaintext.Line("cannot read the folder \""+l.cfg.Stubs+"\": "+err.Error())))
	}
	for _, m := range mistakes {
		l.problems = append(l.problems, Problem{File: m.File, Line: m.Line, Message: plaintext.Line(m.Message)})
	}
	for _, s := range found {
		if _, real := objects[s.Name]; !real {
			objects[s.Name] = s.Object()
		}
	}
}
