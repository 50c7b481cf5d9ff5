package peers

import (
	_ "embed"
	"encoding/binary"
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

//go:generate wat2wasm flat.wat
//go:embed flat.wasm
var flatModule []byte

// inFlatWasm is a module that was written by hand for what it does: it reads fields of shares where its host has put
// them in its memory, one after another. The host knows which fields these are, and sets what comes back.
func inFlatWasm(l peer.Limits) peer.Peer {
	open := func(tb testing.TB) *wasm { return newWasm(tb, l, flatModule) }
	return peer.Peer{
		Name: "wazero, by hand", Limits: l.Label("memory, time"), Several: true,
		PrePost: prePostInWasm(open), Compute: computeInWasm(open),
		Policy: func(tb testing.TB) func(*share.Share) bool {
			f := flat{wasm: open(tb)}
			return func(s *share.Share) bool { return f.call("policy", f.put(s)) == 1 }
		},
		Set: func(tb testing.TB) func(*share.Share) share.Share {
			f := flat{wasm: open(tb)}
			return func(s *share.Share) share.Share {
				own := *s
				f.set(&own)
				return own
			}
		},
		SetNested: func(tb testing.TB) func(*world.Managed) *world.Managed {
			f := flat{wasm: open(tb)}
			return func(m *world.Managed) *world.Managed {
				own := *m
				f.set(&own.Share)
				return &own
			}
		},
		Sum: func(tb testing.TB, list []share.Share) func() int64 {
			f := flat{wasm: open(tb)}
			return func() int64 { return int64(f.call("sum", f.putAll(list), uint64(len(list)))) }
		},
		Programs: map[peer.Task]string{peer.Sieve: "sieve", peer.Endless: "endless"},
	}
}

const (
	flatStart = 16 << 10 // what is before it belongs to the module
	flatSize  = 32       // of a share, as flat.wat says
	flatName  = 24       // where in it the place and the length of its name are
)

// flat is the module, and what is put into its memory.
type flat struct {
	*wasm
	data []byte
}

// put puts a share there, with the three fields that the module reads, and returns where.
func (f *flat) put(s *share.Share) uint64 {
	f.data = f.data[:0]
	f.record(s.Size, len(s.Status), len(s.Host), flatStart+flatSize)
	f.data = append(append(f.data, s.Status...), s.Host...)
	f.write(flatStart, f.data)
	return flatStart
}

// record appends a share whose texts lie at some place, one after another.
func (f *flat) record(size int64, status, host, texts int) {
	f.data = binary.LittleEndian.AppendUint64(f.data, uint64(size))
	for _, n := range []int{texts, status, texts + status, host, 0, 0} {
		f.data = binary.LittleEndian.AppendUint32(f.data, uint32(n))
	}
}

// putAll puts some shares there, with the two fields that the module adds up.
func (f *flat) putAll(list []share.Share) uint64 {
	f.data = f.data[:0]
	texts := flatStart + flatSize*len(list)
	for i := range list {
		f.record(list[i].Size, len(list[i].Status), 0, texts)
		texts += len(list[i].Status)
	}
	for i := range list {
		f.data = append(f.data, list[i].Status...)
	}
	f.write(flatStart, f.data)
	return flatStart
}

// set has the module name a share.
func (f *flat) set(s *share.Share) {
	at := f.put(s)
	f.call("set", at)
	name := f.read(uint32(at)+flatName, 8)
	if size := binary.LittleEndian.Uint32(name[4:]); size > 0 {
		s.Name = string(f.read(binary.LittleEndian.Uint32(name), size))
	}
}
