//go:build linux || darwin || freebsd

package localdir_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

// TestMain also is the child process of the tests that need a second one.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		os.Exit(child(role))
	}
	goleak.VerifyTestMain(m)
}

// open opens a driver that the test closes in the end.
func open(t *testing.T, root string) *localdir.Driver {
	t.Helper()
	return openWith(t, root, quiet)
}

func openWith(t *testing.T, root string, log *slog.Logger) *localdir.Driver {
	t.Helper()
	d, err := localdir.Open(root, localdir.Options{Host: "nfs.example.org", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// closeNow closes a driver so that the next can open its root.
func closeNow(t *testing.T, d *localdir.Driver) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// realDir is a temporary folder whose path has no symbolic links, and in which tests may leave folders that forbid
// changes.
func realDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = filepath.WalkDir(dir, func(name string, entry os.DirEntry, _ error) error {
			if entry != nil && entry.IsDir() {
				_ = os.Chmod(name, 0o700)
			}
			return nil
		})
	})
	return dir
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// steps is a logger that hands over each step on the file system just before the driver takes it, as "rename shares/a".
func steps(do func(step string)) *slog.Logger { return slog.New(stepHandler(do)) }

type stepHandler func(step string)

func (stepHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h stepHandler) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h stepHandler) WithGroup(string) slog.Handler          { return h }

func (h stepHandler) Handle(_ context.Context, r slog.Record) error {
	op := strings.TrimPrefix(r.Message, "localdir: ")
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "path" {
			h(op + " " + a.Value.String())
		}
		return true
	})
	return nil
}

// must returns a function that ends the test on an error, for calls that return a result and an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func create(t *testing.T, d share.Driver, id string, gib int64) {
	t.Helper()
	must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{Share: share.Share{ID: id, Size: gib}}))
}

func snapshot(t *testing.T, d share.Driver, of, id string) {
	t.Helper()
	must[share.CreateSnapshotResult](t)(d.CreateSnapshot(t.Context(), share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: id, ShareID: of}}))
}

func createFrom(t *testing.T, d share.Driver, snapshot, id string) {
	t.Helper()
	must[share.CreateShareInstanceResult](t)(d.CreateShareInstance(t.Context(), share.CreateShareInstanceArgs{
		Share: share.Share{ID: id, Size: 1}, Snapshot: &share.Snapshot{ID: snapshot},
	}))
}

func allow(t *testing.T, d share.Driver, id string, rule share.Access) {
	t.Helper()
	must[share.AllowAccessResult](t)(d.AllowAccess(t.Context(), share.AllowAccessArgs{Share: share.Share{ID: id}, Access: rule}))
}

func list(t *testing.T, d share.Lister) []share.Share {
	t.Helper()
	return must[[]share.Share](t)(d.Shares(t.Context()))
}

// ids returns the ids of the driver's shares, space-separated.
func ids(t *testing.T, d share.Lister) string {
	t.Helper()
	var ids []string
	for _, s := range list(t, d) {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

func dataOf(root, id string) string { return filepath.Join(root, "shares", id, "data") }

func snapshotDataOf(root, of, id string) string {
	return filepath.Join(root, "shares", of, "snapshots", id, "data")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	return string(must[[]byte](t)(os.ReadFile(name)))
}

// empty fails the test if anything is left in the driver's staging.
func empty(t *testing.T, root string) {
	t.Helper()
	left := must[[]os.DirEntry](t)(os.ReadDir(filepath.Join(root, ".localdir", "staging")))
	if len(left) != 0 {
		t.Errorf("staging has %v, want nothing", left)
	}
}
