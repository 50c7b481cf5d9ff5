package cli

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/suggest"
)

// runner runs call records. Records of one service share an engine, as the calls of a service do.
type runner struct {
	hooks   *selection
	cfg     *config.Config
	secrets *mask.Masker
	engines map[string]*engine.Engine
	logs    loadLogs // of the scripts loaded since the last report

	services sync.Mutex // held to look at the services of the config
}

func newRunner(hooks *selection, cfg *config.Config) *runner {
	return &runner{hooks: hooks, cfg: cfg, secrets: mask.New(cfg.Secrets), engines: map[string]*engine.Engine{}}
}

func (b *runner) close() {
	for _, eng := range b.engines {
		_ = eng.Close() // a dry run leaves nothing that an error could lose
	}
}

func (b *runner) engine(service string) (*engine.Engine, error) {
	if eng, ok := b.engines[service]; ok {
		return eng, nil
	}
	eng, err := b.hooks.newEngine(b.cfg, service, &b.logs)
	if err != nil {
		return nil, err
	}
	b.engines[service] = eng
	return eng, nil
}

// run takes one record through the hooks. The error is about the record or the config; how the call ended is in the
// report.
func (b *runner) run(ctx context.Context, r *record.Record) (*callReport, error) {
	e, err := b.prepare(r)
	if err != nil {
		return nil, err
	}
	eng, err := b.engine(e.service)
	if err != nil {
		return nil, err
	}
	b.execute(ctx, eng, e)
	rep, err := newCallReport(e)
	if err == nil {
		rep.Load = b.logs.take()
		rep.interrupted = ctx.Err() != nil // also of a call that an interrupt came too late for
	}
	return rep, err
}

// prepare reads what a record says of the call. It may be used by many goroutines.
func (b *runner) prepare(r *record.Record) (*outcome, error) {
	b.services.Lock()
	service, err := b.hooks.pick(b.cfg, r.Service)
	methods := b.hooks.methodsOf(b.cfg, service)
	b.services.Unlock()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Pos, err)
	}
	drv, err := newDriver(r, service, methods, b.hooks.program.Shares)
	return &outcome{service: service, record: r, secrets: b.secrets, driver: drv}, err
}

// execute makes the call, with a trace of it.
func (b *runner) execute(ctx context.Context, eng *engine.Engine, e *outcome) {
	e.generation = eng.Generation()
	b.call(engine.WithTrace(ctx, &e.trace), eng, e)
}

// call makes the call.
func (b *runner) call(ctx context.Context, eng *engine.Engine, e *outcome) {
	e.make(ctx, eng, e.record.At)
	b.hooks.world.memory.Deliver() // or events would fill the outbox of a long dry run
}

// newDriver makes a driver that ends the call as the record says.
func newDriver(r *record.Record, service string, methods []engine.Method, share reflect.Type) (*driver, error) {
	argsType, resultType := periodicArgs(share), reflect.Type(nil)
	if r.Method != record.Periodic {
		i := slices.IndexFunc(methods, func(m engine.Method) bool { return m.Name == r.Method })
		if i < 0 {
			return nil, unknownMethod(service, r, methods)
		}
		argsType, resultType = methods[i].Args, methods[i].Result
	}
	if argsType == nil && (r.Method == record.Periodic || r.Args.IsNull()) {
		argsType = reflect.TypeFor[map[string]any]() // so that absent ones are an empty table
	}
	d := &driver{}
	var err error
	if d.args, err = r.Args.Decode(argsType, "args"); err != nil {
		return nil, err
	}
	if d.result, err = r.Result.Decode(resultType, "result"); err != nil {
		return nil, err
	}
	if r.Error != nil {
		d.err = &driverError{*r.Error}
		if r.Result.IsNull() {
			d.result = nil // unless the record has one: a driver that failed may have a result all the same
		}
	}
	return d, nil
}

func unknownMethod(service string, r *record.Record, methods []engine.Method) error {
	return fmt.Errorf("%s: method: service %q has no method %q%s", r.Pos, service, r.Method,
		suggest.Hint(r.Method, append(methodNames(methods), record.Periodic)))
}

// periodicArgs is the type of the args of a periodic record; nil where its shares are free-form.
func periodicArgs(share reflect.Type) reflect.Type {
	if share == nil {
		return nil
	}
	return reflect.StructOf([]reflect.StructField{{Name: "Shares", Type: reflect.SliceOf(share), Tag: `json:"shares"`}})
}

// driver stands in for the storage driver: it does nothing, and ends as its record says.
type driver struct {
	args   any // of the record; then what the driver was called with
	result any
	err    error
	called bool
}

func (d *driver) call(_ context.Context, args any) (any, error) {
	d.called, d.args = true, args
	return d.result, d.err
}

func (d *driver) periodicData(context.Context) (any, error) {
	d.called = true
	if d.err != nil {
		return nil, d.err
	}
	if free, ok := d.args.(map[string]any); ok {
		return free["shares"], nil
	}
	return reflect.ValueOf(d.args).FieldByName("Shares").Interface(), nil
}

// driverError is the failure that a record reports of the driver.
type driverError struct{ failure record.Failure }

func (e *driverError) Error() string { return e.failure.Message }
func (e *driverError) Code() string  { return e.failure.Code }
