//go:build race

package attack

// raceEnabled says whether the race detector is at work, and raceSlows how many times as long it makes steps that
// cannot be divided.
const (
	raceEnabled = true
	raceSlows   = 4
)

// maxProcess is the most memory that a process under attack may have, in bytes: the detector notes some bytes of each.
const maxProcess = 8 << 30
