//go:build !linux

package attack

import "time"

// maxProcess is the most memory that a process under attack may have. Where there is no Linux it is not measured.
const maxProcess = 3 << 30

func limitProcess() error       { return nil }
func residentOf(int) int64      { return 0 }
func resetPeak() (int64, error) { return 0, nil }
func peakMemory() int64         { return 0 }
func threadTime() time.Duration { return 0 }
