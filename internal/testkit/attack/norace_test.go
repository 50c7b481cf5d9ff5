//go:build !race

package attack

const (
	raceEnabled = false
	raceSlows   = 1
)

// maxProcess is the most memory that a process under attack may have, in bytes: a bomb that goes off kills that process
// and not the machine. It is measured on Linux.
const maxProcess = 3 << 30
