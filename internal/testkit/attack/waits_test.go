package attack

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// Every script that runs in a call attacks once more with waits for the host between its statements, while others run,
// two calls of it at a time. In a short test every second script attacks, once: with waits, or without.
func TestNoScriptHurtsTheProcessWhileItWaits(t *testing.T) {
	onDemand(t)
	attackAll(t, true, func(script int, where placement) bool {
		return where != topLevel && (!testing.Short() || script%8 == 6)
	})
}

// The scripts have statements enough to wait between.
func TestHostileScriptsWait(t *testing.T) {
	long.Only(t)
	const want = 1000
	waits := 0
	for _, path := range scriptFiles(t) {
		s, err := readScript(path)
		if err != nil {
			t.Fatal(err)
		}
		s.waits = true
		for _, where := range s.placements() {
			for _, p := range s.hooks() {
				waits += strings.Count(s.hookSource(p, where), waitCall)
			}
		}
	}
	if waits < want {
		t.Errorf("the scripts wait at %d places, want %d or more", waits, want)
	}
}

// waiter is the host object for which attacking scripts wait until others have run.
type waiter struct{ passed chan struct{} }

// Wait comes back when another call has.
func (w *waiter) Wait(ctx context.Context) {
	const long = 20 * time.Millisecond // where no others are at work
	select {
	case <-w.passed:
	case <-time.After(long):
	case <-ctx.Done():
	}
}

// pass tells those who wait that another call has run.
func (w *waiter) pass() {
	for range 2 {
		select {
		case w.passed <- struct{}{}:
		default:
			return
		}
	}
}

const waitCall = "waiter:Wait() "

// maxWaits is at how many places a script waits.
const maxWaits = 12

// withWaits puts calls of the waiter before statements of a script: of its main part, or of its hook functions where
// the script is a whole hook.
func withWaits(source string, where placement) string {
	chunk, err := parse.Parse(strings.NewReader(source), "script")
	if err != nil || where == topLevel {
		return source
	}
	lists := [][]ast.Stmt{chunk}
	if where == asHook {
		lists = hookFunctions(chunk)
	}
	lines := strings.Split(source, "\n")
	waits := 0
	for _, at := range firstLines(lists) {
		if at < 1 || at > len(lines) || waits == maxWaits || strings.HasPrefix(lines[at-1], waitCall) {
			continue
		}
		before := lines[at-1]
		lines[at-1] = waitCall + before
		if _, err := parse.Parse(strings.NewReader(strings.Join(lines, "\n")), "script"); err != nil {
			lines[at-1] = before // no statement begins there
		} else {
			waits++
		}
	}
	return strings.Join(lines, "\n")
}

// hookFunctions are the bodies of the functions that the engine calls.
func hookFunctions(chunk []ast.Stmt) (bodies [][]ast.Stmt) {
	add := func(target ast.Expr, fn ast.Expr) {
		if field, ok := target.(*ast.AttrGetExpr); ok {
			target = field.Object
		}
		name, ok := target.(*ast.IdentExpr)
		f, isFunction := fn.(*ast.FunctionExpr)
		if ok && isFunction && strings.Contains(" pre post failed finally periodic ", " "+name.Value+" ") {
			bodies = append(bodies, f.Stmts)
		}
	}
	for _, stmt := range chunk {
		switch s := stmt.(type) {
		case *ast.FuncDefStmt:
			add(s.Name.Func, s.Func)
		case *ast.AssignStmt:
			for i := range min(len(s.Lhs), len(s.Rhs)) {
				add(s.Lhs[i], s.Rhs[i])
			}
		}
	}
	return bodies
}

// firstLines are the lines on which statements begin.
func firstLines(lists [][]ast.Stmt) (lines []int) {
	for _, list := range lists {
		for _, s := range list {
			lines = append(lines, s.Line())
		}
	}
	return lines
}

// abreast is how many attacked calls are made at a time.
func (s *scene) abreast() int {
	if s.Waits {
		return 2
	}
	return 1
}

// besideAnother makes an attacked call while another is made, and returns what the hooks did in the other.
func (s *scene) besideAnother(ctx context.Context, args request) (result response, others []engine.Span, err error) {
	var other sync.WaitGroup
	var trace engine.Trace
	other.Go(func() {
		_, err := callAttack(engine.WithTrace(context.Background(), &trace), s.engine, newRequest(), s.script.driverFails)
		s.checkError(err)
	})
	result, err = callAttack(ctx, s.engine, args, s.script.driverFails)
	other.Wait()
	return result, trace.Spans, err
}

// withWaiter adds the waiter to host objects.
func (s *scene) withWaiter(objects map[string]engine.Object) map[string]engine.Object {
	if !s.Waits {
		return objects
	}
	all := map[string]engine.Object{"waiter": {Value: s.waiter, Methods: []string{"Wait"}}}
	for name, o := range objects {
		all[name] = o
	}
	return all
}
