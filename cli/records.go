package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/tape"
)

// recordFile is a file of call records, compressed or not, while it is read.
type recordFile struct {
	name       string
	decoder    *record.Decoder
	read       int // values
	text, file io.Closer
}

// openRecords opens a file that an argument names, or the standard input for "-".
func openRecords(stdin io.Reader, path string) (*recordFile, error) {
	if path == "" {
		return nil, errors.New("want the path of a file with call records, or - for the standard input, got none")
	}
	file, err := openInput(stdin, path)
	if err != nil {
		return nil, err
	}
	name := path
	if path == "-" {
		name = "stdin"
	}
	text, err := tape.Decompress(name, file)
	if err != nil {
		return nil, cmp.Or(file.Close(), err)
	}
	return &recordFile{name: name, decoder: record.NewDecoder(name, text), text: text, file: file}, nil
}

// openInput opens a file that an argument names, or the standard input for "-".
func openInput(stdin io.Reader, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(path)
}

// Close closes the file.
func (f *recordFile) Close() error { return errors.Join(f.text.Close(), f.file.Close()) }

// next returns the next record, or io.EOF after the last one, of which there must be one. Where the context ends, it
// waits no longer for an input that may never come.
func (f *recordFile) next(ctx context.Context) (*record.Record, error) {
	type result struct {
		record *record.Record
		err    error
	}
	read := make(chan result, 1)
	go func() {
		r, err := f.decoder.Next()
		read <- result{r, err}
	}()
	select {
	case got := <-read:
		if f.decoder.OfTape() && record.IsIncomplete(got.err) { // a killed writer leaves half a line
			got.err = io.EOF
		}
		return got.record, f.counted(got.err)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// value returns the next value, which need be no record, or io.EOF as next does.
func (f *recordFile) value() (record.Raw, error) {
	line, err := f.decoder.Value()
	return line, f.counted(err)
}

// counted counts a value that was read, and returns the error if there was none.
func (f *recordFile) counted(err error) error {
	switch {
	case err == nil:
		f.read++
	case errors.Is(err, io.EOF) && f.read == 0:
		return fmt.Errorf("%s: %w", f.name, errNoRecord)
	}
	return err
}

var errNoRecord = errors.New("no call record in it")
