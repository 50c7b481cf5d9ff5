//go:build cgo && (lua51 || luajit)

package clua

/*
#cgo CFLAGS: -O2
#cgo lua51 pkg-config: lua5.1
#cgo luajit pkg-config: luajit
#cgo luajit CFLAGS: -DWITH_LUAJIT
#include "hooks.h"

// hooks_run_share calls a function with a share, or with a record that holds it.
static outcome hooks_run_share(hooks *h, int function, const char *argument, int64_t size, _GoString_ id, _GoString_ share_id,
	_GoString_ name, _GoString_ project_id, _GoString_ share_proto, _GoString_ share_type, _GoString_ status, _GoString_ host) {
	_GoString_ texts[TEXTS] = {id, share_id, name, project_id, share_proto, share_type, status, host};
	h->share.size = size;
	for (int i = 0; i < TEXTS; i++) h->share.texts[i] = (text){_GoStringPtr(texts[i]), _GoStringLen(texts[i])};
	return hooks_run(h, function, argument);
}

static outcome hooks_run_rows(hooks *h, int function, const row *rows, int count, const char *statuses) {
	h->rows = rows, h->count = count, h->statuses = statuses;
	return hooks_run(h, function, "the shares");
}

// hooks_renamed is the name that a script has set, or NULL.
static const char *hooks_renamed(const hooks *h, size_t *size) {
	*size = h->share.texts[NAME].size;
	return h->share.texts[NAME].at == h->renamed ? h->renamed : NULL;
}
*/
import "C"

import (
	"testing"
	"unsafe"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/share"
)

// What scripts are called with, by its name in the registry.
var (
	theShare  = C.CString("the share")
	theRecord = C.CString("the record")
)

// reference is a function that a script has defined.
type reference = C.int

// state is a state of Lua with what scripts see.
type state struct{ hooks *C.hooks }

func open(tb testing.TB, l peer.Limits) state {
	tb.Helper()
	h := C.hooks_open(C.int64_t(l.Steps), C.int64_t(l.Timeout))
	if h == nil {
		tb.Fatal("no memory for a state")
	}
	tb.Cleanup(func() { C.hooks_close(h) })
	return state{h}
}

// load runs a script and returns a reference to the function that it defines.
func (s state) load(tb testing.TB, script, function string) reference {
	tb.Helper()
	source, name := C.CString(script), C.CString(function)
	defer C.free(unsafe.Pointer(source))
	defer C.free(unsafe.Pointer(name))
	var message *C.char
	f := C.hooks_load(s.hooks, source, name, &message)
	if message != nil {
		tb.Fatal(C.GoString(message))
	}
	return f
}

// run calls a function with nothing.
func (s state) run(f reference) C.outcome { return right(C.hooks_run(s.hooks, f, nil)) }

// runAgain calls a function with the share of the run before.
func (s state) runAgain(f reference) { right(C.hooks_run(s.hooks, f, theShare)) }

// runShare calls a function with a share, or with a record that holds it.
func (s state) runShare(f reference, argument *C.char, v *share.Share) C.outcome {
	return right(C.hooks_run_share(s.hooks, f, argument, C.int64_t(v.Size),
		v.ID, v.ShareID, v.Name, v.ProjectID, v.ShareProto, v.ShareType, v.Status, v.Host))
}

// set calls a function with a share whose name it may set.
func (s state) set(f reference, argument *C.char, v *share.Share) {
	s.runShare(f, argument, v)
	var size C.size_t
	if name := C.hooks_renamed(s.hooks, &size); name != nil {
		v.Name = C.GoStringN(name, C.int(size))
	}
}

func right(o C.outcome) C.outcome {
	if o.error != nil {
		panic(C.GoString(o.error))
	}
	return o
}

// sum calls a function with some shares, of which it sees size and status.
func (s state) sum(f reference, list []share.Share) func() int64 {
	rows, statuses := make([]C.row, len(list)), make([]byte, 0, 16*len(list))
	return func() int64 {
		statuses = statuses[:0]
		for i := range list {
			rows[i] = C.row{C.int64_t(list[i].Size), C.uint32_t(len(statuses)), C.uint32_t(len(list[i].Status))}
			statuses = append(statuses, list[i].Status...)
		}
		return int64(right(C.hooks_run_rows(s.hooks, f, unsafe.SliceData(rows), C.int(len(rows)),
			(*C.char)(unsafe.Pointer(unsafe.SliceData(statuses))))).number)
	}
}
