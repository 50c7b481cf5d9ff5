package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing/fstest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// service makes an engine with one script, which logs to the standard output.
func service(script string) *engine.Engine {
	eng, err := engine.New(configWith(script), "nfs1", engine.Options{Logger: plain})
	if err != nil {
		panic(err)
	}
	return eng
}

func configWith(script string) *config.Config {
	cfg, err := config.Parse(fstest.MapFS{
		"hooks.toml":  {Data: []byte("[[services.nfs1.hooks]]\nscript = \"example.lua\"\n")},
		"example.lua": {Data: []byte(script)},
	}, "hooks.toml")
	if err != nil {
		panic(err)
	}
	return cfg
}

// plain logs to the standard output, without times and levels.
var plain = slog.New(slog.NewTextHandler(stdout{}, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case "time", "level", "service", "hook", "method":
		return slog.Attr{}
	}
	return a
}}))

// stdout is what the standard output is while an example runs.
type stdout struct{}

func (stdout) Write(text []byte) (int, error) { return os.Stdout.Write(text) }

type volume struct {
	ID   string `json:"id"`
	Size int    `json:"size"`
}

func grow(_ context.Context, v volume) (volume, error) { return volume{v.ID, v.Size + 1}, nil }

func ExampleNew() {
	cfg := configWith("function pre.grow(call) log.info('growing', { size = call.args.size }) end")
	eng, err := engine.New(cfg, "nfs1", engine.Options{Logger: plain})
	if err != nil {
		fmt.Println(err) // every mistake of the config and its scripts, one a line
		return
	}
	defer eng.Close()
	v, err := engine.Call(context.Background(), eng, "grow", volume{"v-1", 1}, grow)
	fmt.Println(v.Size, err)
	// Output:
	// msg=growing phase=pre size=1
	// 2 <nil>
}

func ExampleRejectedError() {
	eng := service("function pre.grow(call) if call.args.size > 8 then reject('too large', 'quota') end end")
	defer eng.Close()
	_, err := engine.Call(context.Background(), eng, "grow", volume{"v-1", 9}, grow)
	var rejected *engine.RejectedError
	fmt.Println(errors.As(err, &rejected), rejected.Message, engine.ErrorCode(err))
	// Output: true too large quota
}

func ExampleHookError() {
	eng := service("\nfunction post.grow(call, result) result.size = result.label:len() end")
	defer eng.Close()
	v, err := engine.Call(context.Background(), eng, "grow", volume{"v-1", 1}, grow)
	var failed *engine.HookError
	if errors.As(err, &failed) {
		fmt.Println(failed.Phase, failed.Script, failed.Line, failed.Kind)
	}
	fmt.Println(v.Size) // the driver has done its work
	// Output:
	// post example.lua 2 script
	// 2
}

func ExampleEngine_Tick() {
	eng := service("function periodic(volumes, tick) log.info('tick', { number = tick, volumes = #volumes }) end")
	defer eng.Close()
	data := func(context.Context) (any, error) { return []volume{{"v-1", 1}, {"v-2", 2}}, nil }
	fmt.Println(eng.Tick(context.Background(), data))
	// Output:
	// msg=tick phase=periodic number=1 volumes=2
	// true <nil>
}

func ExampleEngine_Reload() {
	eng := service("function pre.grow() log.info('old') end")
	defer eng.Close()
	ctx := context.Background()
	if err := eng.Reload(ctx, configWith("function pre.grow( log.info('new') end")); err != nil {
		fmt.Println(err) // the old scripts stay
	}
	if err := eng.Reload(ctx, configWith("function pre.grow() log.info('new') end")); err != nil {
		fmt.Println(err)
	}
	_, _ = engine.Call(ctx, eng, "grow", volume{}, grow)
	fmt.Println("generation", eng.Generation())
	// Output:
	// example.lua:1: syntax error near "."
	// msg="hooks reloaded" generation=2 hooks=1
	// msg=new phase=pre
	// generation 2
}

func ExampleEngine_SetEnabled() {
	eng := service("function pre.grow() reject('not today') end")
	defer eng.Close()
	ctx := context.Background()
	if err := eng.SetEnabled("example", false); err != nil {
		fmt.Println(err)
	}
	v, err := engine.Call(ctx, eng, "grow", volume{"v-1", 1}, grow)
	fmt.Println(v.Size, err)
	// Output:
	// msg="hook switched" enabled=false
	// 2 <nil>
}

func ExampleEngine_Hooks() {
	eng := service("function pre.grow() end function periodic() end")
	defer eng.Close()
	_, _ = engine.Call(context.Background(), eng, "grow", volume{}, grow)
	for _, h := range eng.Hooks() {
		fmt.Println(h.Name, h.Phases, h.Enabled, h.Stats.Runs)
	}
	// Output: example [pre periodic] true 1
}

func ExampleEngine_Shutdown() {
	eng := service("function pre.grow() end")
	fmt.Println(eng.Shutdown(context.Background())) // waits for hooked calls under way
	_, err := engine.Call(context.Background(), eng, "grow", volume{}, grow)
	fmt.Println(errors.Is(err, engine.ErrClosed))
	// Output:
	// <nil>
	// true
}

func ExampleWithCallContext() {
	eng := service("function pre.grow(call) log.info('growing', { user = call.context.user_id }) end")
	defer eng.Close()
	ctx := engine.WithCallContext(context.Background(), map[string]any{"user_id": "ada"})
	_, _ = engine.Call(ctx, eng, "grow", volume{}, grow)
	// Output: msg=growing phase=pre user=ada
}

func ExampleWithTrace() {
	eng := service("function post.grow(call, result) result.size = result.size * 2 end")
	defer eng.Close()
	var trace engine.Trace
	_, _ = engine.Call(engine.WithTrace(context.Background(), &trace), eng, "grow", volume{"v-1", 1}, grow)
	for _, s := range trace.Spans {
		fmt.Println(s.Hook, s.Phase, s.Status, s.Before, s.After)
	}
	// Output: example post ok {v-1 2} {v-1 4}
}

func ExampleWithTime() {
	eng := service("function pre.grow(call) log.info(os.date('!%Y-%m-%d')) end")
	defer eng.Close()
	ctx := engine.WithTime(context.Background(), time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC))
	_, _ = engine.Call(ctx, eng, "grow", volume{}, grow)
	// Output: msg=2020-02-29 phase=pre
}
