package record

import (
	"bytes"
	"errors"
	"io"
)

// byteOrderMark is what some programs put before a text.
var byteOrderMark = []byte("\ufeff")

// unmarked passes on what it reads, except for a byte order mark at the beginning.
type unmarked struct {
	in    io.Reader
	begun bool
	head  []byte // read to look for the mark, and not passed on yet
}

func (u *unmarked) Read(p []byte) (int, error) {
	if !u.begun {
		u.begun = true
		head := make([]byte, len(byteOrderMark))
		n, err := io.ReadFull(u.in, head)
		if u.head = head[:n]; bytes.Equal(u.head, byteOrderMark) {
			u.head = nil
		}
		if n == 0 || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return copy(p, u.head), err
		}
	}
	if len(u.head) > 0 {
		n := copy(p, u.head)
		u.head = u.head[n:]
		return n, nil
	}
	return u.in.Read(p)
}
