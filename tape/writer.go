package tape

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/hookrun/hookrun/internal/patch"
)

// Writer writes a tape. Lines are readable when they were flushed; a Writer does so by itself when enough of them wait.
// It is used by one goroutine at a time.
type Writer struct {
	out     io.Writer
	how     compression
	zstd    *zstd.Encoder
	waiting bytes.Buffer // lines
	packed  bytes.Buffer
	written int64
}

// How many bytes of text are written, or compressed, at once.
const (
	enough        = 16 << 10
	enoughToPress = 256 << 10
)

// NewWriter returns a writer. The ending of the name says how the tape is compressed.
func NewWriter(name string, out io.Writer) (*Writer, error) {
	w := &Writer{out: out, how: compressionOf(name)}
	if w.how == zstandard {
		var err error
		if w.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Header writes a header. Its Version must be [Version]: readers refuse any other.
func (w *Writer) Header(h *Header) error { return w.write(h) }

// Call writes a call.
func (w *Writer) Call(c *Call) error { return w.write(c) }

// Dropped writes that n calls are missing: 1 or more.
func (w *Writer) Dropped(n int64) error { return w.write(drops{n}) }

// write writes a value as a line.
func (w *Writer) write(v any) error {
	line, err := patch.Encode(v)
	if err != nil {
		return err
	}
	return w.line(line)
}

// line writes a line of JSON.
func (w *Writer) line(line []byte) error {
	if len(line) >= MaxLine {
		return fmt.Errorf("want a line of less than %d bytes, got %d", MaxLine, len(line))
	}
	w.waiting.Write(line)
	w.waiting.WriteByte('\n')
	if n := w.waiting.Len(); n < enough || n < enoughToPress && w.how != plain {
		return nil
	}
	return w.Flush()
}

// Flush makes all lines readable: each time as a frame, or member, of its own, that can be read without what follows.
// After an error the lines that waited are lost.
func (w *Writer) Flush() error {
	if w.waiting.Len() == 0 {
		return nil
	}
	text := w.waiting.Bytes()
	switch w.how {
	case zstandard:
		w.packed.Reset()
		text = w.zstd.EncodeAll(text, w.packed.AvailableBuffer())
	case gzipped:
		w.packed.Reset()
		z := gzip.NewWriter(&w.packed)
		if _, err := z.Write(text); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		text = w.packed.Bytes()
	}
	w.waiting.Reset()
	n, err := w.out.Write(text)
	if err == nil {
		w.written += int64(n)
	}
	return err
}

// Size is how many bytes were written so far, without those of a write that failed.
func (w *Writer) Size() int64 { return w.written }

// Close flushes, and lets go of what the writer took. It does not close what the tape is written to.
func (w *Writer) Close() error {
	err := w.Flush()
	if w.zstd != nil {
		_ = w.zstd.Close() // which has nothing under way
	}
	return err
}
