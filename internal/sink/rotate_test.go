package sink

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestAllFilesTogetherHoldWhatWasDelivered(t *testing.T) {
	long.Only(t)
	top := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		folder, err := os.MkdirTemp(top, "")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "events.json")
		maxSize := rapid.Int64Range(1, 3000).Draw(t, "max size")
		clock := time.Date(2026, 11, 29, 10, 11, 12, 0, time.UTC)
		var want strings.Builder
		for n := range rapid.IntRange(1, 5).Draw(t, "deliveries") {
			clock = clock.Add(time.Duration(rapid.Int64Range(-2, 2).Draw(t, "seconds")) * time.Second)
			s, err := newFile(config.Sink{Path: path, MaxSize: maxSize})
			if err != nil {
				t.Fatal(err)
			}
			s.now = func() time.Time { return clock }
			var events []effect.Event
			for i, size := range rapid.SliceOfN(rapid.IntRange(0, 1000), 1, 4).Draw(t, "sizes") {
				e := event(fmt.Sprintf("id-%d-%d", n, i), "share-1")
				e.Data = []byte(`"` + strings.Repeat("x", size) + `"`)
				events = append(events, e)
			}
			if err := s.Deliver(context.Background(), events); err != nil {
				t.Fatal(err)
			}
			written, _ := encoded(events)
			want.Write(bytes.Join(written, nil))
		}
		got := concatenation(t, path, maxSize)
		if diff := cmp.Diff(want.String(), got); diff != "" {
			t.Fatalf("all files (-want +got):\n%s", diff)
		}
	})
}

// concatenation returns what all files of a path hold, the current one last. It demands that each holds whole lines,
// and no more than it may, or a single one.
func concatenation(t *rapid.T, path string, maxSize int64) string {
	files, err := filepath.Glob(strings.TrimSuffix(path, ".json") + ".*.json")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range append(files, path) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(text, []byte("\n"))
		if !bytes.HasSuffix(text, []byte("\n")) || lines > 1 && int64(len(text)) > maxSize {
			t.Fatalf("%s has %d bytes in %d lines, want whole ones of at most %d bytes", filepath.Base(file), len(text), lines, maxSize)
		}
		all.Write(text)
	}
	return all.String()
}

func TestFilesEndBeforeTheyAreTooLarge(t *testing.T) {
	one := int64(len(lines(t, event("id-1", "share-1"))))
	tests := map[string]struct {
		maxSize int64
		events  int
		sizes   []int64 // of the files, the current one last
	}{
		"exactly two":    {2 * one, 4, []int64{2 * one, 2 * one}},
		"not quite two":  {2*one - 1, 3, []int64{one, one, one}},
		"less than one":  {1, 3, []int64{one, one, one}},
		"room for other": {10 * one, 4, []int64{4 * one}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, path := appending(t, test.maxSize)
			deliver(t, s, slices.Repeat([]effect.Event{event("id-1", "share-1")}, test.events)...)
			var got []int64
			for _, file := range append(rotated(t, path), path) {
				got = append(got, int64(len(read(t, file))))
			}
			if diff := cmp.Diff(test.sizes, got); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoFileIsOverwritten(t *testing.T) {
	s, path := appending(t, 1)
	s.now = func() time.Time { return time.Date(2026, 11, 29, 10, 11, 12, 0, time.UTC) }
	beside := strings.TrimSuffix(path, "json")
	others := map[string]string{
		beside + "20261129T101112.000000Z.json":  "one of the same time",
		beside + "20261129T101112.000002Z.json":  "a later one",
		beside + "99991231T235959.999999Z.json":  "one of the end of time",
		beside + "100000101T000000.000000Z.json": "one behind it",
		beside + "20270101T000000.000000Z.txt":   "another kind",
		beside + "old.json":                      "another name",
	}
	for file, text := range others {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	deliver(t, s, events(4)...)
	for file, text := range others {
		wantFile(t, file, text)
	}
	if got := len(rotated(t, path)); got != 5+3 {
		t.Errorf("got %d files beside the current one, want 5 and 3 more", got)
	}
}

func TestTheModeOfAFileGoesToItsSuccessor(t *testing.T) {
	s, path := appending(t, 1)
	deliver(t, s, event("id-1", ""))
	if err := os.Chmod(path, 0o664); err != nil { // more than most umasks leave
		t.Fatal(err)
	}
	deliver(t, s, event("id-2", ""))
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o664 || len(rotated(t, path)) != 1 {
		t.Errorf("got mode %v, %v, want that of the file before", info.Mode(), err)
	}
}

func TestALinkIsFollowed(t *testing.T) {
	s, path := appending(t, 1)
	elsewhere := filepath.Join(t.TempDir(), "data.json")
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, events(3)...)
	wantFile(t, elsewhere, lines(t, events(3)[2]))
	if got := rotated(t, elsewhere); len(got) != 2 || len(rotated(t, path)) != 0 {
		t.Errorf("got files %q beside the target, want 2", got)
	}
}
