package sink

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
)

const (
	lineStart = `{"specversion":` // of every line
	maxTail   = 16 << 20          // bytes; a longer last line without an end is not an event's
)

// mend makes a file of the given size end with a whole line, and returns its size then.
//
// Where the last line has no end, a process was killed while it wrote an event, which was not delivered and comes
// again: what there is of it goes. But a text that is not the beginning of an event is not ours to take, and neither is
// a whole event that an editor left without a line feed, as it may have been delivered. These get their line feed.
func mend(f *os.File, size int64) (int64, error) {
	tail, err := lastLine(f, size)
	switch {
	case err != nil || len(tail) == 0:
		return size, err
	case isTorn(tail):
		size -= int64(len(tail))
		return size, f.Truncate(size)
	}
	_, err = f.Write([]byte{'\n'})
	return size + 1, err
}

// isTorn reports whether a text is the beginning of an event's line.
func isTorn(tail []byte) bool {
	if len(tail) < len(lineStart) {
		return strings.HasPrefix(lineStart, string(tail))
	}
	return bytes.HasPrefix(tail, []byte(lineStart)) && !json.Valid(tail)
}

// lastLine returns what stands after the last line feed; of a long text only the end.
func lastLine(f *os.File, size int64) (line []byte, err error) {
	for length := int64(1); ; length *= 16 {
		length = min(length, size, maxTail)
		line = make([]byte, length)
		if _, err := f.ReadAt(line, size-length); err != nil && err != io.EOF {
			return nil, err
		}
		if end := bytes.LastIndexByte(line, '\n'); end >= 0 {
			return line[end+1:], nil
		}
		if length == size || length == maxTail {
			return line, nil
		}
	}
}
