package sink

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

// appending returns a file sink with its path, in a folder of its own.
func appending(t *testing.T, maxSize int64) (*fileSink, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.json")
	return fileAt(t, path, maxSize), path
}

func fileAt(t *testing.T, path string, maxSize int64) *fileSink {
	t.Helper()
	return mustNew(t, config.Sink{Type: "file", Path: path, MaxSize: maxSize}, Options{}).(*fileSink)
}

func deliver(t *testing.T, s effect.Sink, events ...effect.Event) {
	t.Helper()
	if err := s.Deliver(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

// lines returns what a file holds when these events were delivered.
func lines(t *testing.T, events ...effect.Event) string {
	t.Helper()
	all, err := encoded(events)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.Join(all, nil))
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if diff := cmp.Diff(want, read(t, path)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}

// rotated returns the paths of the files that were moved away, in the order of their names.
func rotated(t *testing.T, path string) []string {
	t.Helper()
	found, err := filepath.Glob(strings.TrimSuffix(path, ".json") + ".*.json")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEventsAreLinesOfAPrivateFile(t *testing.T) {
	s, path := appending(t, 0)
	deliver(t, s, events(2)...)
	deliver(t, s, event("id-9", ""))
	wantFile(t, path, lines(t, append(events(2), event("id-9", ""))...))
	if info, err := os.Stat(path); err != nil || info.Mode() != privateFile {
		t.Errorf("got mode %v, %v, want %v", info.Mode(), err, fs.FileMode(privateFile))
	}
}

func TestAFileThatWasMovedAwayIsLeft(t *testing.T) {
	s, path := appending(t, 0)
	deliver(t, s, event("id-1", ""))
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, event("id-2", ""))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, event("id-3", ""))
	wantFile(t, path+".1", lines(t, event("id-1", "")))
	wantFile(t, path, lines(t, event("id-3", "")))
}

func TestWhatCannotBeAFileIsAnError(t *testing.T) {
	folder := t.TempDir()
	unlisted, long := filepath.Join(folder, "none", "events.json"), filepath.Join(folder, "no\nne", strings.Repeat("long/", 200))
	for path, want := range map[string]string{
		folder:   folder + ": want a regular file, got one of mode d",
		unlisted: "open " + unlisted + ": no such file or directory",
		long:     "open " + folder + `/no\nne/long/`,
	} {
		got := problem(t, fileAt(t, path, 0).Deliver(t.Context(), events(2)))
		if !strings.HasPrefix(got.Error(), want) || got.Taken != 0 || got.Pause {
			t.Errorf("got %+v, want an error that begins with %q", got, want)
		}
		if text := got.Error(); len(text) > maxError || !strings.HasSuffix(text, "directory") && path != folder {
			t.Errorf("got error %q, want a short one that says why", text)
		}
	}
}

func TestEventsThatAreNoJSONStopADelivery(t *testing.T) {
	s, path := appending(t, 0)
	broken := events(3)
	broken[1].Data = []byte(`{`)
	if got := problem(t, s.Deliver(t.Context(), broken)); got.Taken != 1 {
		t.Errorf("got %+v, want 1 taken", got)
	}
	wantFile(t, path, lines(t, broken[0]))
}

// TestSeveralMayWrite has two sinks with one path, as there are while a config is replaced.
func TestSeveralMayWrite(t *testing.T) {
	const subjects, each = 4, 20
	a, path := appending(t, 2000)
	b := fileAt(t, path, 2000)
	var writing sync.WaitGroup
	for i := range subjects {
		writing.Go(func() {
			for n := range each {
				s := []*fileSink{a, b}[(i+n)%2]
				if err := s.Deliver(t.Context(), []effect.Event{event(fmt.Sprintf("id-%02d", n), fmt.Sprintf("share-%d", i))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	got := map[string][]string{}
	for _, file := range append(rotated(t, path), path) {
		text := read(t, file)
		if len(text) > 2000 {
			t.Errorf("%s has %d bytes, want at most 2000", filepath.Base(file), len(text))
		}
		for line := range strings.Lines(text) {
			var e effect.Event
			if err := e.UnmarshalJSON([]byte(line)); err != nil {
				t.Fatalf("%s: %v: %q", filepath.Base(file), err, line)
			}
			got[e.Subject] = append(got[e.Subject], e.ID)
		}
	}
	for subject, ids := range got {
		if len(ids) != each || !slices.IsSorted(ids) {
			t.Errorf("%s: got %q, want %d in order", subject, ids, each)
		}
	}
	if len(got) != subjects {
		t.Errorf("got %d subjects, want %d", len(got), subjects)
	}
}

func TestAFileStaysWhereItIsWhenTheProcessChangesItsFolder(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	s := fileAt(t, "events.json", 100) // each event begins a new file
	deliver(t, s, event("id-1", "share-1"))
	t.Chdir(t.TempDir())
	deliver(t, s, event("id-2", "share-1"))
	if left, err := os.ReadDir("."); len(left) > 0 || err != nil {
		t.Errorf("got %v, %v in the folder, want nothing", left, err)
	}
	if found, err := os.ReadDir(folder); len(found) != 2 || err != nil {
		t.Errorf("got %v, %v, want two files", found, err)
	}
	wantFile(t, filepath.Join(folder, "events.json"), lines(t, event("id-2", "share-1")))
}
