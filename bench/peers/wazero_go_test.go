package peers

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// inGoWasm is a module that Go makes of testdata/guest, a reactor for WASI. It gets JSON in its memory.
func inGoWasm(l peer.Limits) peer.Peer {
	open := func(tb testing.TB) *wasm {
		tb.Helper()
		code, err := guest()
		if err != nil {
			tb.Fatal(err)
		}
		return newWasm(tb, l, code)
	}
	return peer.Peer{
		Name: "wazero, Go", Limits: l.Label("memory, time"), Several: true,
		PrePost: prePostInWasm(open), Compute: computeInWasm(open),
		Policy: func(tb testing.TB) func(*share.Share) bool {
			w := open(tb)
			return func(s *share.Share) bool {
				w.putJSON(s)
				return w.call("policy") == 1
			}
		},
		Set: func(tb testing.TB) func(*share.Share) share.Share {
			w := open(tb)
			return func(s *share.Share) share.Share {
				own := *s
				w.setByJSON(&own)
				return own
			}
		},
		SetNested: func(tb testing.TB) func(*world.Managed) *world.Managed {
			w := open(tb)
			return func(m *world.Managed) *world.Managed {
				own := *m
				w.setByJSON(&own.Share)
				return &own
			}
		},
		Sum: func(tb testing.TB, list []share.Share) func() int64 {
			w := open(tb)
			return func() int64 {
				w.putJSON(list)
				return int64(w.call("sum"))
			}
		},
		Programs: map[peer.Task]string{peer.Sieve: "sieve", peer.Texts: "texts", peer.Sort: "sorted", peer.Endless: "endless"},
	}
}

// guest builds the module, once.
var guest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-o", path, "./testdata/guest")
	cmd.Env, cmd.Stderr = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm"), os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// putJSON puts a value into the module's memory, where that has made room for it, and returns where.
func (w *wasm) putJSON(v any) uint32 {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	at := uint32(w.call("reserve", uint64(len(text))))
	w.write(at, text)
	return at
}

// setByJSON has the module name a share.
func (w *wasm) setByJSON(s *share.Share) {
	at := w.putJSON(s)
	if size := w.call("set"); size > 0 {
		s.Name = string(w.read(at, uint32(size)))
	}
}
