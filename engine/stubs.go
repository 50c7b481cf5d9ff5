package engine

import (
	"context"

	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/stubs"
)

// addStubs lets the config's stubs stand in for host objects that this program does not provide. It is for dry runs: in
// a service a missing object stays missing.
func (l *loader) addStubs(ctx context.Context, objects map[string]sandbox.Object) {
	found, problems := stubs.Load(ctx, l.cfg)
	l.problems = append(l.problems, problems...)
	for _, s := range found {
		if _, real := objects[s.Name]; !real {
			objects[s.Name] = s.Object()
		}
	}
}
