package peers

import (
	"context"
	_ "embed"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// wasm is a module in wazero. It may have as much memory as it is given, and a context ends what runs for too long,
// with the module.
type wasm struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	limits   peer.Limits

	module api.Module
	stack  [2]uint64 // parameters and results of a call
}

// compilations are the modules that were compiled in this process: that of Go takes seconds.
var compilations = wazero.NewCompilationCache()

func newWasm(tb testing.TB, l peer.Limits, code []byte) *wasm {
	tb.Helper()
	config := wazero.NewRuntimeConfig().WithCompilationCache(compilations)
	if l != peer.Off {
		const page = 64 << 10
		config = config.WithCloseOnContextDone(true).WithMemoryLimitPages(uint32(l.Memory / page))
	}
	ctx := context.Background()
	w := &wasm{runtime: wazero.NewRuntimeWithConfig(ctx, config), limits: l}
	tb.Cleanup(func() { _ = w.runtime.Close(ctx) })
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, w.runtime); err != nil {
		tb.Fatal(err)
	}
	var err error
	if w.compiled, err = w.runtime.CompileModule(ctx, code); err != nil {
		tb.Fatal(err)
	}
	if err := w.start(); err != nil {
		tb.Fatal(err)
	}
	return w
}

// start makes an instance, in the place of one that was ended.
func (w *wasm) start() (err error) {
	w.module, err = w.runtime.InstantiateModule(context.Background(), w.compiled, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	return err
}

// call calls a function and returns its result, where it has one.
func (w *wasm) call(f string, args ...uint64) uint64 {
	ctx, cancel := within(w.limits.Timeout)
	defer cancel()
	copy(w.stack[:], args)
	if err := w.module.ExportedFunction(f).CallWithStack(ctx, w.stack[:]); err != nil {
		if w.module.IsClosed() {
			if err := w.start(); err != nil {
				panic(err)
			}
		}
		panic(err)
	}
	return w.stack[0]
}

func (w *wasm) write(at uint32, data []byte) {
	if !w.module.Memory().Write(at, data) {
		panic("outside of the module's memory")
	}
}

// read is a part of the module's memory, as long as nothing changes that.
func (w *wasm) read(at, size uint32) []byte {
	data, ok := w.module.Memory().Read(at, size)
	if !ok {
		panic("outside of the module's memory")
	}
	return data
}

// prePostInWasm has an instance for each hook.
func prePostInWasm(open func(testing.TB) *wasm) func(testing.TB, []peer.Bodies) side.Side {
	return func(tb testing.TB, hooks []peer.Bodies) side.Side {
		instances := make([]*wasm, len(hooks))
		for i := range hooks {
			instances[i] = open(tb)
		}
		args := share.ExtendShareArgs{Share: world.NewShare(1)}
		return func(n int) {
			for range n {
				for i, w := range instances {
					w.call(orEmpty(hooks[i].Pre))
				}
				_, _ = world.Extend(tb.Context(), args)
				for i, w := range instances {
					w.call(orEmpty(hooks[i].Post))
				}
			}
		}
	}
}

// orEmpty is the function of a body.
func orEmpty(body string) string {
	if body == "" {
		return "empty"
	}
	return "fail"
}

// computeInWasm calls functions: the programs of modules are their names.
func computeInWasm(open func(testing.TB) *wasm) func(testing.TB, string) func() int64 {
	return func(tb testing.TB, function string) func() int64 {
		w := open(tb)
		return func() int64 { return int64(w.call(function)) }
	}
}
