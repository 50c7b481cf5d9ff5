package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/report"
)

// inputs reads the lines of files, one file after another.
type inputs struct {
	stdin io.Reader
	paths []string    // of the files that are not open yet
	open  *recordFile // nil before and after each file
	read  bool        // whether there was a line
	none  error       // of the first file that had none
}

func newInputs(stdin io.Reader, paths []string) *inputs { return &inputs{stdin: stdin, paths: paths} }

// next returns the next line, or io.EOF after the last one of all files, of which there must be one: a tape that has
// just been begun has none yet.
func (in *inputs) next() (*played, error) {
	for {
		if in.open == nil {
			switch {
			case len(in.paths) > 0:
			case !in.read && in.none != nil:
				return nil, in.none
			default:
				return nil, io.EOF
			}
			var err error
			if in.open, err = openRecords(in.stdin, in.paths[0]); err != nil {
				return nil, err
			}
			in.paths = in.paths[1:]
		}
		line, err := in.open.value()
		switch {
		case err == nil:
			in.read = true
			return &played{line: line}, nil
		case errors.Is(err, io.EOF), errors.Is(err, errNoRecord), record.IsIncomplete(err): // a killed writer leaves half a line
			if in.open.read == 0 && in.none == nil {
				in.none = err
			}
			if err := in.close(); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
}

func (in *inputs) close() error {
	if in.open == nil {
		return nil
	}
	file := in.open
	in.open = nil
	return file.Close()
}

// progress tells on a terminal how many calls have been replayed.
type progress struct {
	out   io.Writer
	calls int64
	told  time.Time
}

// often is how much time is between two numbers that somebody can read.
const often = 100 * time.Millisecond

func (p *progress) add() {
	if p.calls++; p.calls%64 != 0 || time.Since(p.told) < often || !report.IsTerminal(p.out) {
		return
	}
	p.told = time.Now()
	fmt.Fprintf(p.out, "\r%s calls ", report.Grouped(p.calls))
}

// end takes the number away.
func (p *progress) end() {
	if !p.told.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
