package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/secrets"
)

// planted are scripts that tell their secret, options.s, in every way that there is, each by another hook.
var planted = map[string]string{
	"load":     `log.warn("loaded with " .. options.s) function pre() end`,
	"logs":     `function pre() log.info("s: " .. options.s) print(options.s, 1) log.error(options.s, { k = options.s, [options.s] = { options.s } }) end`,
	"json":     `function pre() log.info(json.encode({ options.s, { [options.s] = options.s } })) log.info(("%q"):format(options.s)) end`,
	"pcall":    `function pre() log.info(tostring(select(2, pcall(error, "in " .. options.s)))) end`,
	"rejects":  `function pre() reject("no: " .. options.s, options.s) end`,
	"raises":   `function pre() error("failed: " .. options.s) end`,
	"table":    `function pre() error({ message = "failed: " .. options.s, code = options.s }) end`,
	"value":    `function pre() error(options.s) end`,
	"deep":     `local function f(n) if n > 0 then return (f(n - 1)) end error("deep " .. options.s) end function pre() f(5) end`,
	"thread":   `function pre() local ok, err = coroutine.resume(coroutine.create(function() error(options.s) end)) error(err) end`,
	"returns":  `function pre() return { s = options.s, [options.s] = { "x" .. options.s } } end`,
	"returned": `function pre() return { [options.s] = print } end`,
	"changes":  `function pre(call) call.args.share.name = options.s call.args.share.metadata = { [options.s] = { options.s } } end`,
	"drops":    `function post(call) call.args.share.name = options.s end`,
	"results":  `function post(call, result) result.name = "x" .. options.s end`,
	"typed":    `function post(call, result) result.metadata = { [options.s] = print } end`,
	"pre":      `function pre() error(options.s) end function finally(call, outcome) log.info(outcome.error.message) log.info(tostring(call.pre_error)) end`,
	"host":     `function pre() host.Fail(options.s) end`,
	"panics":   `function pre() host.Panic(options.s) end`,
	"effects":  `function pre() events.publish("x", { s = options.s, [options.s] = 1 }) state.set("k", { options.s }) state.set(options.s, 1) metrics.count("n", 1, { l = options.s }) end`,
	"subject":  `function pre() events.publish("x", 1, { subject = options.s }) end`,
	"type":     `function pre() events.publish(options.s, 1) end`,
	"late":     `function finally(call, outcome) error("late " .. options.s) end`,
}

// leaky is a host object that tells what it is given.
type leaky struct{}

func (leaky) Fail(s string) error { return errors.New("host: " + s) }
func (leaky) Panic(s string)      { panic("host: " + s) }

func TestNoSecretLeavesTheEngine(t *testing.T) {
	for name, source := range planted {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			for i, secret := range secrets.Planted {
				cfg := configOf(t, t.TempDir(), hook("h", source, func(h *config.Hook) {
					h.ChangeArgs, h.SuppressPreErrors = true, i%2 == 1
					h.Options = map[string]any{"s": secret}
				}))
				cfg.Secrets = secrets.Planted
				handlers := slog.NewMultiHandler(slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil))
				e, err := engine.New(cfg, "nfs1", engine.Options{
					Logger: slog.New(handlers), Objects: map[string]engine.Object{"host": {Value: leaky{}, Methods: []string{"Fail", "Panic"}}},
					Store: &effect.Memory{}, Observer: overheard{&log},
				})
				if err != nil {
					t.Fatal(err)
				}
				var trace engine.Trace
				_, err = engine.Call(engine.WithTrace(t.Context(), &trace), e, "create_snapshot", args{share{ID: "s-1"}}, echo)
				if err := e.Close(); err != nil {
					t.Error(err)
				}
				fmt.Fprintf(&log, "\nerror %v %+v %q\n", err, err, err)
				var he *engine.HookError
				var re *engine.RejectedError
				if errors.As(err, &he) {
					fmt.Fprintf(&log, "%s %s %s\n", he.Message, he.Code, he.Traceback)
				} else if errors.As(err, &re) {
					fmt.Fprintf(&log, "%s %s\n", re.Message, re.Code)
				}
				text, err := json.Marshal(trace)
				fmt.Fprintf(&log, "%s %v\n", text, err)
				for _, s := range trace.Spans {
					fmt.Fprintf(&log, "%+v %#v %v %v\n", s, s.Returned, s.Err, s.Dropped)
				}
			}
			secrets.WantNone(t, log.String())
			if !strings.Contains(log.String(), "***") {
				t.Errorf("nothing is masked: does the script tell anything?\n%.2000s", log.String())
			}
		})
	}
}

// overheard is an observer that writes down what it is told.
type overheard struct{ log *strings.Builder }

func (o overheard) RunEnded(_ context.Context, s engine.Span)         { fmt.Fprintf(o.log, "%+v\n", s) }
func (o overheard) Measured(_ context.Context, m effect.Metric)       { fmt.Fprintf(o.log, "%+v\n", m) }
func (o overheard) CallEnded(_ context.Context, s engine.CallSummary) { fmt.Fprintf(o.log, "%+v\n", s) }

// configured is a store that notes which secrets it is told of.
type configured struct {
	effect.Memory
	secrets []string
}

func (c *configured) Configure(_ config.Store, _ map[string]config.Sink, _ map[string]effect.Sink, secrets ...string) error {
	c.secrets = secrets
	return nil
}

func TestAStoreIsToldWhatItMustNotShow(t *testing.T) {
	cfg := configOf(t, t.TempDir(), hook("h", `function pre() end`, func(*config.Hook) {}))
	cfg.Secrets = []string{"tok-1234"}
	var store configured
	e := must(engine.New(cfg, "nfs1", engine.Options{Logger: discard, Store: &store}))
	defer e.Close()
	if len(store.secrets) != 1 || store.secrets[0] != "tok-1234" {
		t.Errorf("got %q, want the secrets of the config", store.secrets)
	}
}

func TestNoSecretIsInTheMistakesOfScripts(t *testing.T) {
	for _, source := range []string{`error("no: " .. options.s)`, `error({ message = options.s })`, `reject(options.s)`} {
		for _, secret := range secrets.Planted {
			cfg := configOf(t, t.TempDir(), hook("h", source, func(h *config.Hook) { h.Options = map[string]any{"s": secret} }))
			cfg.Secrets = secrets.Planted
			_, err := engine.New(cfg, "nfs1", engine.Options{Logger: discard})
			if err == nil {
				t.Fatal("got no error")
			}
			secrets.WantNone(t, err.Error())
		}
	}
}

func TestACallKeepsTheSecretsOfItsGeneration(t *testing.T) {
	source := `function finally() log.info("with " .. options.s) end`
	with := func(secret string) *config.Config {
		cfg := configOf(t, t.TempDir(), hook("h", source, func(h *config.Hook) { h.Options = map[string]any{"s": secret} }))
		cfg.Secrets = []string{secret}
		return cfg
	}
	var log strings.Builder
	e := must(engine.New(with("old-secret"), "nfs1", engine.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}))
	defer e.Close()
	_, err := engine.Call(t.Context(), e, "create_snapshot", args{}, func(ctx context.Context, a args) (share, error) {
		if err := e.Reload(ctx, with("new-secret")); err != nil {
			t.Error(err)
		}
		must(engine.Call(ctx, e, "create_snapshot", a, echo))
		return a.Share, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := log.String(); strings.Contains(got, "secret") || strings.Count(got, "with ***") != 2 {
		t.Errorf("got the log\n%s", got)
	}
}

func TestASecretThatIsCutIsMasked(t *testing.T) {
	for _, source := range []string{
		`function pre() error(("x"):rep(4080) .. options.s) end`,
		`function pre() reject(("x"):rep(4080) .. options.s) end`,
		`function pre() log.info(("x"):rep(2^20 - 2^13 - 14) .. options.s) end`,
		`function post(call, result) result.metadata = { [("x"):rep(105) .. options.s] = print } end`,
	} {
		var log strings.Builder
		cfg := configOf(t, t.TempDir(), hook("h", source, func(h *config.Hook) { h.Options = map[string]any{"s": "tok-0123456789abcdefghij"} }))
		cfg.Secrets = []string{"tok-0123456789abcdefghij"}
		e := must(engine.New(cfg, "nfs1", engine.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}))
		_, err := engine.Call(t.Context(), e, "create_snapshot", args{}, echo)
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		text := log.String()
		var he *engine.HookError
		var re *engine.RejectedError
		if errors.As(err, &he) {
			text += he.Message
		} else if errors.As(err, &re) {
			text += re.Message
		}
		if strings.Contains(text, "tok-") || !strings.Contains(text, "***...") {
			t.Errorf("%s: the secret is shown in part, or nothing was cut", source)
		}
	}
}

func TestTheCallerGetsWhatHooksMadeOfSecrets(t *testing.T) {
	cfg := configOf(t, t.TempDir(), hook("h", planted["results"], func(h *config.Hook) { h.Options = map[string]any{"s": "tok-1234"} }))
	cfg.Secrets = []string{"tok-1234"}
	e := must(engine.New(cfg, "nfs1", engine.Options{Logger: discard}))
	defer e.Close()
	var trace engine.Trace
	got := must(engine.Call(engine.WithTrace(t.Context(), &trace), e, "create_snapshot", args{}, echo))
	if shown := trace.Spans[0].After.(share); got.Name != "xtok-1234" || shown.Name != "x***" {
		t.Errorf("the caller got %q and the trace shows %q, want the secret and its mask", got.Name, shown.Name)
	}
}
