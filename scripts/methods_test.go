package scripts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// ownMethod is a method that a service has beyond those of share. Its arguments are free-form.
const ownMethod = "create_share_group"

// call is what a service asks of a driver.
type call struct {
	method string
	args   any
	result any
}

// callOfEachMethod are calls that no example refuses.
func callOfEachMethod(t *testing.T) []call {
	t.Helper()
	const facts = `{
		"share": {"id": "s-1", "project_id": "media", "size": 60, "share_type": "default", "metadata": {"cost_center": "4711"}},
		"snapshot": {"id": "sn-1", "share_id": "s-1"}, "share_server": {"id": "srv-1"}, "security_services": [],
		"access": {"id": "a-1", "access_type": "ip", "access_to": "10.0.0.5"}, "new_size": 70}`
	calls := []call{{ownMethod, map[string]any{"group": "g-1"}, map[string]any{}}}
	for _, m := range share.Methods() {
		args := reflect.New(m.Args)
		if err := json.Unmarshal([]byte(facts), args.Interface()); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, call{m.Name, args.Elem().Interface(), reflect.Zero(m.Result).Interface()})
	}
	return calls
}

// behindAnother is a hook of an example, behind one that has an effect in each call, so that each is open in the store.
func behindAnother(script string) []config.Hook {
	example := hook(script)
	switch script {
	case "cleanup.lua": // it says so at its top
		example.Methods = []string{"create_share_instance", "create_snapshot"}
	case "inventory_lookup.lua":
		example = hook(script, "url", "https://cmdb.example.org/cost-centers/", "token", "t")
	}
	other := hook("audit_log.lua", "only_changes", false)
	other.Name = "another"
	return []config.Hook{other, example}
}

// errorsOf starts a process whose log has errors only, and returns the log.
func errorsOf(t *testing.T, path, script string) (*process, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	p := start(t, path, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})), behindAnother(script)...)
	return p, &log
}

// wantNothingLeft fails where a hook has failed or a call is open.
func (p *process) wantNothingLeft(t *testing.T, log *bytes.Buffer) {
	t.Helper()
	if log.Len() > 0 {
		t.Errorf("in the log:\n%s", log)
	}
	open, err := p.store.OpenCalls("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range open {
		t.Errorf("%s stays open: %s", c.Method, c.Problem)
	}
}

// Whatever a hook has functions for, calls of all other methods come by as well.
func TestNoExampleFailsWhateverIsCalledAndHoweverItEnds(t *testing.T) {
	scripts, err := filepath.Glob("examples/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	calls := callOfEachMethod(t)
	for _, path := range scripts {
		script := filepath.Base(path)
		if strings.HasSuffix(script, "_test.lua") {
			continue
		}
		t.Run(script, func(t *testing.T) {
			t.Parallel() // most of the time it waits for the disk
			p, log := errorsOf(t, filepath.Join(t.TempDir(), "before.db"), script)
			for _, c := range calls {
				for _, ends := range []error{nil, share.Errorf("no_space", "the driver fails")} {
					_, err := engine.Call(t.Context(), p.Engine, c.method, c.args, func(context.Context, any) (any, error) { return c.result, ends })
					if !errors.Is(err, ends) {
						t.Errorf("%s: got error %v, want %v", c.method, err, ends)
					}
				}
			}
			p.wantNothingLeft(t, log)

			after := filepath.Join(t.TempDir(), "after.db")
			err := p.within(t, calls, func() error {
				open, err := p.store.OpenCalls("")
				if len(open) != len(calls) {
					err = fmt.Errorf("%d calls are open, want %d: %w", len(open), len(calls), err)
				}
				return errors.Join(err, copyFile(p.path, after))
			})
			if err != nil {
				t.Fatal(err)
			}
			p, log = errorsOf(t, after, script)
			p.wantNothingLeft(t, log)
		})
	}
}

// within does something while a driver works on all of the calls.
func (p *process) within(t *testing.T, calls []call, do func() error) error {
	if len(calls) == 0 {
		return do()
	}
	c := calls[0]
	_, err := engine.Call(t.Context(), p.Engine, c.method, c.args, func(context.Context, any) (any, error) {
		return c.result, p.within(t, calls[1:], do)
	})
	return err
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
