//go:build race

package attack

const raceEnabled = true

// maxProcess is the most memory that a process under attack may have, in bytes: the detector notes some bytes of each.
const maxProcess = 8 << 30
