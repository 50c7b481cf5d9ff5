//go:build js || plan9 || wasip1

package sealed

import (
	"errors"
	"fmt"
	"runtime"
)

// bbolt needs files that can be mapped and locked. On systems without these the package still compiles, for programs
// that can do without, and there are no open files.

var errNone = fmt.Errorf("a store on %s: %w", runtime.GOOS, errors.ErrUnsupported)

type (
	File   struct{}
	Tx     struct{}
	Bucket struct{}
)

func Create(string, []string, func(*Tx) error) error { return errNone }

func Open(string, []string, bool) (*File, error) { return nil, errNone }

func Compact(string, []string) error { return errNone }

func (*File) Reopen() error { return errNone }

func (*File) Close() error { return errNone }

func (*File) View(func(*Tx) error) error { return errNone }

func (*File) Update(func(*Tx) error) error { return errNone }

func (*Tx) Bucket(string) *Bucket { return nil }

func (*Bucket) Nested(string, bool) (*Bucket, error) { return nil, errNone }

func (b *Bucket) Appended() *Bucket { return b }

func (*Bucket) Get([]byte) ([]byte, error) { return nil, errNone }

func (*Bucket) Put(_, _ []byte) error { return errNone }

func (*Bucket) Delete([]byte) error { return errNone }

func (*Bucket) Ascend([]byte, func(key, value []byte) (bool, error)) error { return errNone }

func (*Bucket) Has([]byte) bool { return false }

func (*Bucket) Last() ([]byte, error) { return nil, errNone }
