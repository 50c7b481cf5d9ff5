//go:build !(linux || darwin || freebsd)

package sink

import (
	"context"
	"os"
)

// lock does nothing: the sink's own turn must do.
func lock(ctx context.Context, _ *os.File) error { return ctx.Err() }

// unlock does nothing.
func unlock(*os.File) {}

// unsyncable reports whether an error says that folders cannot be synced: any does.
func unsyncable(error) bool { return true }
