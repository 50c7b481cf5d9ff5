package attack

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// limitProcess bounds the address space of this process. The race detector's own is far larger than that, so under it
// only the watch of the parent is left.
func limitProcess() error {
	if raceEnabled {
		return nil
	}
	return syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: maxProcess, Max: maxProcess})
}

// pageCost is how much longer it takes to get pages of memory than on a usual machine, where a GiB takes a second at
// most. In a virtual machine inside another it may take many times as long, and a run that fills a table has to wait.
func pageCost() float64 {
	const size, page, usual = 2 << 20, 4 << 10, time.Second / 512
	pages, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return 1
	}
	defer func() { _ = syscall.Munmap(pages) }()
	began := time.Now()
	for i := 0; i < len(pages); i += page {
		pages[i] = 1
	}
	return float64(time.Since(began)) / float64(usual)
}

// statusBytes reads a line such as VmHWM of /proc/PID/status, in bytes; 0 where there is none.
func statusBytes(pid, key string) int64 {
	data, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}

// residentOf is what a process has in memory, in bytes.
func residentOf(pid int) int64 { return statusBytes(strconv.Itoa(pid), "VmRSS") }

// resetPeak forgets the peak of this process's memory and returns what it has now.
func resetPeak() (int64, error) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return 0, fmt.Errorf("resetting the peak: %w", err)
	}
	return statusBytes("self", "VmRSS"), nil
}

// peakMemory is the most that this process had in memory since resetPeak, in bytes.
func peakMemory() int64 { return statusBytes("self", "VmHWM") }

// threadTime is the processor time of the calling thread.
func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
