//go:build !(linux || darwin || freebsd)

package sink

import "errors"

// limitFiles returns an error: tests of a limit are for other systems.
func limitFiles(uint64) error { return errors.ErrUnsupported }
