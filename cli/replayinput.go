package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/tape"
)

// inputs reads the lines of files, one file after another.
type inputs struct {
	stdin io.Reader
	paths []string // of the files that are not open yet

	name  string // of the file that is open
	lines *record.Decoder
	read  int // values of it
	file  io.Closer
	text  io.Closer
}

func newInputs(stdin io.Reader, paths []string) *inputs { return &inputs{stdin: stdin, paths: paths} }

// next returns the next line, or io.EOF behind the last one of all files.
func (in *inputs) next() (*played, error) {
	for {
		if in.lines == nil {
			if len(in.paths) == 0 {
				return nil, io.EOF
			}
			if err := in.open(in.paths[0]); err != nil {
				return nil, err
			}
			in.paths = in.paths[1:]
		}
		line, err := in.lines.Value()
		switch {
		case err == nil:
			in.read++
			return &played{line: line}, nil
		case in.read == 0 && errors.Is(err, io.EOF):
			return nil, fmt.Errorf("%s: no call record in it", in.name)
		case errors.Is(err, io.EOF), in.read > 0 && record.IsIncomplete(err): // a killed writer leaves half a line
			if err := in.close(); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
}

func (in *inputs) open(path string) error {
	if path == "" {
		return errors.New("want the path of a tape, or - for the standard input, got none")
	}
	file, err := openInput(in.stdin, path)
	if err != nil {
		return err
	}
	in.name = path
	if path == "-" {
		in.name = "stdin"
	}
	text, err := tape.Decompress(in.name, file)
	if err != nil {
		return cmp.Or(file.Close(), err)
	}
	in.file, in.text, in.read, in.lines = file, text, 0, record.NewDecoder(in.name, text)
	return nil
}

func (in *inputs) close() error {
	if in.lines == nil {
		return nil
	}
	in.lines = nil
	return errors.Join(in.text.Close(), in.file.Close())
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
