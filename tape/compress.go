package tape

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compression is how a file is compressed.
type compression int

const (
	plain compression = iota
	zstandard
	gzipped
)

func compressionOf(name string) compression {
	switch {
	case strings.HasSuffix(name, ".zst"):
		return zstandard
	case strings.HasSuffix(name, ".gz"):
		return gzipped
	}
	return plain
}

// maxWindow bounds the memory that a file can make its reader take.
const maxWindow = 128 << 20

// Decompress returns a reader of the text of a file, by the ending of the file's name: .zst, .gz, or none of these for
// a text as it is. The reader must be closed, which does not close r. Where the file was cut off, as a killed writer
// leaves it, the text ends where that shows. Any other damage is an error.
func Decompress(name string, r io.Reader) (io.ReadCloser, error) {
	switch compressionOf(name) {
	case zstandard:
		source := &source{in: bufio.NewReader(r), magic: []byte{0x28, 0xb5, 0x2f, 0xfd}}
		d, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(1<<62))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return &text{name: name, in: d, source: source, close: d.Close}, nil
	case gzipped:
		// The first bytes of a member as [Writer] writes it: without a name or a time.
		source := &source{in: bufio.NewReader(r), magic: []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}}
		return &text{name: name, in: &members{source: source}, source: source, close: func() {}}, nil
	}
	return io.NopCloser(r), nil
}

// text is what a compressed file holds.
type text struct {
	name   string
	in     io.Reader
	source *source
	close  func()
}

// Read implements [io.Reader].
func (t *text) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	switch {
	case err == nil || err == io.EOF:
	case errors.Is(err, io.ErrUnexpectedEOF) && t.source.cutOff():
		err = io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("damaged: not what the compressor wrote")
	default:
		err = fmt.Errorf("damaged: %w", err)
	}
	return n, err
}

func (t *text) Close() error {
	t.close()
	return nil
}

// source is a compressed file, which is made of parts that begin with the same bytes. It tells a file that was cut off
// from one that is damaged, where the decompressor says the same of both: the one ends within its last part.
type source struct {
	in     *bufio.Reader
	magic  []byte
	begun  int    // parts that the decompressor has begun
	seen   int    // beginnings of parts in what was read
	last   []byte // the end of what was read, which a beginning may have begun in
	single bool   // whether the first byte of a beginning was read last, alone
	ended  bool   // whether more was asked for than there is
}

// Read fills p as far as it can.
func (s *source) Read(p []byte) (int, error) {
	n, err := io.ReadFull(s.in, p)
	if err == io.ErrUnexpectedEOF {
		err = nil // the next call says so
	}
	if err != nil {
		s.ended = true
	}
	if n == len(s.magic)-1 && s.single && bytes.Equal(p[:n], s.magic[1:]) {
		s.begun++ // zstd reads the first byte of a frame by itself, to see whether there is one
	}
	s.single = n == 1 && p[0] == s.magic[0]
	s.note(p[:n])
	return n, err
}

// ReadByte implements [io.ByteReader], without which a decompressor would read ahead.
func (s *source) ReadByte() (byte, error) {
	b, err := s.in.ReadByte()
	if err != nil {
		s.ended = true
		return 0, err
	}
	s.note([]byte{b})
	return b, nil
}

// note counts the beginnings of parts in what was read.
func (s *source) note(read []byte) {
	border := len(s.magic) - 1
	joint := append(s.last, read[:min(len(read), border)]...)
	s.seen += bytes.Count(joint, s.magic)
	if len(read) > border {
		s.seen += bytes.Count(read, s.magic)
		joint = append(joint[:0], read[len(read)-border:]...)
	}
	s.last = append(s.last[:0], joint[max(len(joint)-border, 0):]...)
}

// cutOff reports whether the file has ended within its last part.
func (s *source) cutOff() bool { return s.ended && s.seen <= s.begun }

// members reads the members of a gzip file.
type members struct {
	*source
	now *gzip.Reader // nil between two
}

// Read implements [io.Reader].
func (m *members) Read(p []byte) (int, error) {
	if m.now == nil {
		head, err := m.in.Peek(len(m.magic))
		if len(head) == 0 {
			return 0, err
		}
		if bytes.Equal(head, m.magic) {
			m.begun++
		}
		now, err := gzip.NewReader(m.source)
		if err != nil {
			return 0, noEOF(err)
		}
		now.Multistream(false)
		m.now = now
	}
	n, err := m.now.Read(p)
	if err == io.EOF {
		m.now, err = nil, nil
	}
	return n, err
}

// noEOF is an error in the middle of something: a header that was cut off is not a good end.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
