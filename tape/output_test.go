package tape

import (
	"os"
	"testing"

	"github.com/hookrun/hookrun/config"
)

func TestATapeStaysWhereItIsWhenTheProcessChangesItsFolder(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	cfg := config.DefaultRecord()
	cfg.Path, cfg.MaxSize, cfg.Keep = "calls.jsonl", 1, 1
	o, err := newOutput(cfg, func(waiting, bool) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for range 3 { // each begins a new file
		if err := o.line(encodeLine(drops{1}), waiting{}); err != nil {
			t.Fatal(err)
		}
		if err := o.flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir("."); len(left) > 0 || err != nil {
		t.Errorf("got %v, %v in the folder, want nothing", left, err)
	}
	if found, err := os.ReadDir(folder); len(found) != 2 || err != nil {
		t.Errorf("got %v, %v, want the tape that is written and an earlier one", found, err)
	}
}
