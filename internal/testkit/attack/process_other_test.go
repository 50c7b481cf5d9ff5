//go:build !linux

package attack

import "time"

func limitProcess() error       { return nil }
func residentOf(int) int64      { return 0 }
func resetPeak() (int64, error) { return 0, nil }
func peakMemory() int64         { return 0 }
func pageCost() float64         { return 1 }

func threadTime() time.Duration { return 0 }
