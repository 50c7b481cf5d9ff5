package tape_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/smallfiles"
	"github.com/hookrun/hookrun/tape"
)

func TestAFullDiskCostsNoEarlierTape(t *testing.T) {
	long.Only(t)
	if !smallfiles.Alone(t) {
		return
	}
	for _, ending := range endings {
		t.Run(ending, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "calls"+ending)
			synctest.Test(t, func(t *testing.T) { fillDisk(t, path) })
		})
	}
}

// fillDisk records while files may not grow beyond some bytes, and goes on when they may again.
func fillDisk(t *testing.T, path string) {
	cfg, err := oneScript(`function pre.grow(call) log.info(crypto.hex(crypto.random(4000))) end`, "")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Record.Path, cfg.Record.Keep = path, 2
	earlier := strings.Replace(path, "calls.", "calls-20260101T000000.000000Z.", 1)
	if err := os.WriteFile(earlier, []byte(`{"dropped":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	eng, r := open(t, cfg, engine.Options{})
	const calls = 60
	made := int64(0)
	record := func() tape.Stats {
		for range calls {
			_, _ = engine.Call(t.Context(), eng, "grow", &args{}, grow)
			made++
		}
		time.Sleep(time.Minute) // of the test's own time, until all is written
		if got := r.Stats(); got.Written+got.Dropped != made {
			t.Fatalf("got %+v of %d calls", got, made)
		}
		return r.Stats()
	}
	before := record()
	smallfiles.Limit(t, 100_000)
	full := record()
	smallfiles.Limit(t, 0)
	after := record()
	if before.Dropped > 0 || full.Dropped == 0 || after.Written == full.Written {
		t.Errorf("got %+v, then %+v with a full disk, and %+v behind that", before, full, after)
	}
	if err := eng.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err == nil {
		t.Error("got no error of calls that are missing")
	}
	if got := files(t, cfg); len(got) != 2 || got[0] != earlier || got[1] != path {
		t.Errorf("got the files %q, want %s and %s", got, earlier, path)
	}
	written, dropped, headers := tally(t, []string{path})
	if int64(written) != after.Written || int64(dropped) != after.Dropped || headers == 0 {
		t.Errorf("the tape has %d calls, %d dropped and %d headers, want %+v", written, dropped, headers, after)
	}
}
