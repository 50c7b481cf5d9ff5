package sink

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// appends is a child process: it delivers one event after another to a file, and prints the id of each when it has done
// so, or the error. No file of the process may be longer than SINK_TEST_LIMIT bytes.
func appends() error {
	if limit, err := strconv.ParseUint(os.Getenv("SINK_TEST_LIMIT"), 10, 64); err == nil {
		if err := limitFiles(limit); err != nil {
			return err
		}
	}
	size := largeSize
	if n, err := strconv.Atoi(os.Getenv("SINK_TEST_SIZE")); err == nil {
		size = n
	}
	s, err := newFile(config.Sink{Path: os.Getenv("SINK_TEST_PATH"), MaxSize: 7 * int64(size)})
	if err != nil {
		return err
	}
	first, _ := strconv.Atoi(os.Getenv("SINK_TEST_FIRST"))
	for i := first; ; i++ {
		e := large(i, size)
		if err := s.Deliver(context.Background(), []effect.Event{e}); err != nil {
			fmt.Println("error:", err)
			return nil
		}
		fmt.Println(e.ID)
	}
}

const largeSize = 300_000 // bytes, whose line takes a while to be written

// large returns an event with data of the given size.
func large(i, size int) effect.Event {
	e := event(fmt.Sprintf("id-%05d", i), "share-1")
	e.Data = []byte(`"` + strings.Repeat("x", size) + `"`)
	return e
}

func TestAProcessIsKilledInTheMiddleOfALine(t *testing.T) {
	const size = 4 << 20 // of an event's data: long enough to be seen half written
	for range 50 {
		path := filepath.Join(t.TempDir(), "events.json")
		deliver(t, fileAt(t, path, 0), event("id-1", "share-1"))
		whole := fileSize(path)
		cmd := child(t, "appends", "SINK_TEST_PATH="+path, fmt.Sprintf("SINK_TEST_SIZE=%d", size))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for fileSize(path) == whole && len(ended) == 0 {
			runtime.Gosched()
		}
		_ = cmd.Process.Kill()
		<-ended
		if got := fileSize(path) - whole; got <= 0 || got >= size {
			continue
		}
		deliver(t, fileAt(t, path, 0), event("id-2", "share-1"))
		wantFile(t, path, lines(t, event("id-1", "share-1"), event("id-2", "share-1")))
		return
	}
	t.Skip("this file system shows no line half written")
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func TestAProcessIsKilledAtAnyMoment(t *testing.T) {
	long.Only(t)
	path := filepath.Join(t.TempDir(), "events.json")
	var delivered []string
	for range 5 {
		cmd := child(t, "appends", "SINK_TEST_PATH="+path, fmt.Sprintf("SINK_TEST_FIRST=%d", len(delivered)))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		printed, last := bufio.NewScanner(out), rand.IntN(6)
		for n := 0; printed.Scan(); n++ {
			if delivered = append(delivered, printed.Text()); n >= last {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
	}
	deliver(t, fileAt(t, path, 7*largeSize), large(len(delivered), largeSize))
	delivered = append(delivered, large(len(delivered), largeSize).ID)

	var got []string
	for _, file := range append(rotated(t, path), path) {
		for line := range strings.Lines(read(t, file)) {
			var e effect.Event
			if err := e.UnmarshalJSON([]byte(line)); err != nil {
				t.Fatalf("%s: %v: %.100q", filepath.Base(file), err, line)
			}
			got = append(got, e.ID)
		}
	}
	// What was written, but not told, came again.
	if got = slices.Compact(got); !slices.Equal(got, delivered) {
		t.Errorf("got %q, want %q", got, delivered)
	}
}
