package tape

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/abspath"
)

// output is the files of a recorder: the one that is written, and earlier ones beside it, of which the oldest are
// deleted. An earlier one has the time at which it was put aside in its name: calls.jsonl.zst becomes
// calls-20261129T101500.000000Z.jsonl.zst, so that their names sort as they were written.
type output struct {
	cfg     config.Record
	folder  string   // of the files: the path of the one may be a link to somewhere else, which stays
	file    *os.File // nil while none can be made
	w       *Writer
	begun   time.Time
	settled func(w waiting, written bool) // is told what became of what waited
	waiting waiting                       // what is not written yet
	headers map[string][]byte             // the last one of each service
	lacking bool                          // whether the file has not got these, or they were lost with what waited
}

// waiting is what was handed to the writer and may still be lost.
type waiting struct{ calls, dropped int64 }

// asideTime is the layout of the time in the name of an earlier file.
const asideTime = "20060102T150405.000000Z"

func newOutput(cfg config.Record, settled func(w waiting, written bool)) (*output, error) {
	var err error
	if cfg.Path, err = abspath.Of(cfg.Path); err != nil { // the process may change its folder before the next file
		return nil, err
	}
	o := &output{cfg: cfg, settled: settled, headers: map[string][]byte{}}
	if err := o.begin(); err != nil {
		return nil, err
	}
	return o, nil
}

// begin puts aside what there is of the file, and begins it anew.
func (o *output) begin() error {
	there, err := filepath.EvalSymlinks(o.cfg.Path)
	if err != nil {
		there = o.cfg.Path // of which there is nothing yet
	}
	o.folder = filepath.Dir(there)
	switch info, err := os.Stat(there); {
	case err != nil: // which opening it tells
	case info.IsDir():
		return fmt.Errorf("%s: want a file, got a folder", o.cfg.Path)
	case info.Size() > 0:
		if err := os.Rename(there, o.aside(time.Now())); err != nil {
			return err
		}
		o.prune()
	}
	f, err := os.OpenFile(o.cfg.Path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	w, err := NewWriter(o.cfg.Path, f)
	if err != nil {
		_ = f.Close()
		return err
	}
	o.file, o.w, o.begun, o.lacking = f, w, time.Now(), true
	return nil
}

// again writes the headers of all services.
func (o *output) again() error {
	o.lacking = false
	for _, service := range slices.Sorted(maps.Keys(o.headers)) {
		if err := o.wrote(o.w.line(o.headers[service])); err != nil {
			return err
		}
	}
	return nil
}

// parts are the path without its endings, in the folder of the files, and its endings.
func (o *output) parts() (stem, ending string) {
	stem = filepath.Join(o.folder, filepath.Base(o.cfg.Path))
	for _, packed := range []string{".zst", ".gz"} {
		if rest, ok := strings.CutSuffix(stem, packed); ok {
			stem, ending = rest, packed
		}
	}
	own := filepath.Ext(stem)
	return strings.TrimSuffix(stem, own), own + ending
}

// aside is a name for the file when it is put aside: one that is later than those before, also where the clock was set
// back.
func (o *output) aside(at time.Time) string {
	stem, ending := o.parts()
	if _, last := o.earlier(); !at.After(last) {
		at = last.Add(time.Microsecond)
	}
	for ; ; at = at.Add(time.Microsecond) {
		path := stem + "-" + at.UTC().Format(asideTime) + ending
		if _, err := os.Lstat(path); err != nil {
			return path
		}
	}
}

// earlier returns the files that were put aside, the oldest first, and the time in the name of the last one.
func (o *output) earlier() (found []string, last time.Time) {
	stem, ending := o.parts()
	entries, _ := os.ReadDir(filepath.Dir(stem)) // in the order of their names; nil where it cannot be read
	for _, e := range entries {
		middle, ok := strings.CutPrefix(e.Name(), filepath.Base(stem)+"-")
		if middle, ok = cut(middle, ending, ok); !ok {
			continue
		}
		if at, err := time.Parse(asideTime, middle); err == nil && e.Type().IsRegular() {
			found, last = append(found, filepath.Join(filepath.Dir(stem), e.Name())), at
		}
	}
	return found, last
}

func cut(text, suffix string, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	return strings.CutSuffix(text, suffix)
}

// prune deletes the oldest of the earlier files.
func (o *output) prune() {
	found, _ := o.earlier()
	for len(found) > o.cfg.Keep {
		_ = os.Remove(found[0]) // or the next time
		found = found[1:]
	}
}

// header writes a header, and keeps it for the files that come.
func (o *output) header(service string, line encoded) error {
	err := o.line(line, waiting{})
	if line.refused() == nil {
		o.headers[service] = line.text
	}
	return err
}

// line writes a line. What it tells of is settled when it is written, or cannot be.
func (o *output) line(line encoded, of waiting) error {
	err := line.refused()
	if err == nil {
		err = o.ready()
	}
	if err != nil {
		o.settled(of, false)
		return err
	}
	o.waiting.calls += of.calls
	o.waiting.dropped += of.dropped
	return o.wrote(o.w.line(line.text))
}

// ready makes sure that there is a file to write to, which has its headers, and is neither too large nor too old.
func (o *output) ready() error {
	if o.w != nil && (o.w.Size() >= o.cfg.MaxSize || o.cfg.MaxAge > 0 && time.Since(o.begun) >= o.cfg.MaxAge && o.w.Size() > 0) {
		if err := o.close(); err != nil {
			return err
		}
	}
	if o.w == nil {
		if err := o.begin(); err != nil {
			return err
		}
	}
	if o.lacking {
		return o.again()
	}
	return nil
}

// wrote is told what came of a write. When nothing is left in the writer, what waited is settled. After an error it
// takes back what was written in part, since what follows half a line would be damage. The file goes on from there:
// each new one would take the place of an earlier tape, and a disk may be full for long.
func (o *output) wrote(err error) error {
	if err == nil {
		if o.w.waiting.Len() == 0 {
			o.settled(o.waiting, true)
			o.waiting = waiting{}
		}
		return nil
	}
	o.settled(o.waiting, false)
	o.waiting, o.lacking = waiting{}, true
	if o.file.Truncate(o.w.Size()) != nil {
		_ = o.file.Close()
		o.file, o.w = nil, nil
	}
	return fmt.Errorf("%s: %w", o.cfg.Path, err)
}

// idle is told that there is nothing to write for now. A file that is not compressed shows each line then.
func (o *output) idle() error {
	if o.w == nil || o.w.how != plain {
		return nil
	}
	return o.flush()
}

func (o *output) flush() error {
	if o.w == nil {
		return nil
	}
	return o.wrote(o.w.Flush())
}

// close ends the file.
func (o *output) close() error {
	if o.w == nil {
		return nil
	}
	err := o.wrote(o.w.Close())
	if o.file != nil {
		if e := o.file.Close(); err == nil {
			err = e
		}
	}
	o.file, o.w = nil, nil
	return err
}
