//go:build unix

package luafiles_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/hookrun/hookrun/internal/luafiles"
)

// Whoever opens a pipe that nobody writes to waits for ever.
func TestPipesAreNeverOpened(t *testing.T) {
	dir := folder(t, map[string]string{"lib/a.lua": "a", "lib/link.lua": "-> pipe.lua"})
	for _, pipe := range []string{"lib/pipe.lua", "script.lua"} {
		if err := unix.Mkfifo(filepath.Join(dir, pipe), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"a lib/a.lua: a", "link lib/link.lua: want a plain file, got a pipe"}
	if diff := cmp.Diff(want, modules(t, dir)); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
	if _, err := luafiles.In(nil, dir).Read("script.lua"); !errors.Is(err, luafiles.ErrNotPlain) {
		t.Errorf("got %v, want that it is no file", err)
	}
}
