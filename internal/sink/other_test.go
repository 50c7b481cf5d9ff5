//go:build !(linux || darwin || freebsd)

package sink

import "errors"

// limitFiles does nothing: tests of a limit are for other systems.
func limitFiles(uint64) error { return errors.ErrUnsupported }
