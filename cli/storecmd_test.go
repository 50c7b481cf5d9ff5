package cli

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/store"
)

func TestAnOpenCallSaysThatItsDriverIsUnknown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	s, err := store.Open(path, store.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := s.Commit(&effect.Commit{Open: &effect.OpenCall{
		Key: effect.NewID(time.Now()), Service: "nfs1", Method: "init_host", ID: "nfs1-1", At: time.Now(), Args: []byte("{}"),
		Error: &effect.Failure{Message: "the process ended", Source: "engine", Kind: "driver"},
	}})
	if err == nil {
		err = ticket.Wait(t.Context())
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if status := Run(ofShares, []string{"store", "calls", "--store", path}, strings.NewReader(""), &out, &errs); status != 0 {
		t.Fatalf("status %d: %s", status, &errs)
	}
	if want := "\n  driver   unknown: the process ended\n"; !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want %q in it", &out, want)
	}
}
