package share

import (
	"fmt"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Codes that drivers and services branch on. Hooks see them as err.code. A driver may use others.
const (
	CodeNotFound      = "not_found"
	CodeExists        = "exists"
	CodeInUse         = "in_use"
	CodeQuotaExceeded = "quota_exceeded"
	CodeInvalid       = "invalid"
	CodeUnsupported   = "unsupported"
	CodeNoSpace       = "no_space"     // the file system, or the driver's own quota on it, is full
	CodeOutOfOrder    = "out_of_order" // what the driver has recorded about the share cannot be read
)

// The errors that errors.Is finds in any [Error] of the same code.
var (
	ErrNotFound      error = &Error{code: CodeNotFound, err: plain("not found")}
	ErrExists        error = &Error{code: CodeExists, err: plain("exists already")}
	ErrInUse         error = &Error{code: CodeInUse, err: plain("in use")}
	ErrQuotaExceeded error = &Error{code: CodeQuotaExceeded, err: plain("quota exceeded")}
	ErrInvalid       error = &Error{code: CodeInvalid, err: plain("invalid")}
	ErrUnsupported   error = &Error{code: CodeUnsupported, err: plain("not supported")}
	ErrNoSpace       error = &Error{code: CodeNoSpace, err: plain("no space")}
	ErrOutOfOrder    error = &Error{code: CodeOutOfOrder, err: plain("out of order")}
)

// Error is a driver's error with a code for programs beside the message for people. Make one with [Errorf].
type Error struct {
	code string
	err  error
}

// Errorf returns an [*Error] with the code and a message formatted as by [fmt.Errorf], %w included.
func Errorf(code, format string, args ...any) error {
	return &Error{code: code, err: fmt.Errorf(format, args...)}
}

// Error returns the message on one line. What a terminal would obey, as names of files may hold it, is escaped.
func (e *Error) Error() string { return plaintext.Line(e.err.Error()) }

// Code returns the code. The engine finds it and shows it to hooks.
func (e *Error) Code() string { return e.code }

// Unwrap returns what the message was made from, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.err }

// Is reports whether target is the sentinel of e's code, such as [ErrNotFound].
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	if !ok {
		return false
	}
	_, sentinel := t.err.(plain)
	return sentinel && t.code == e.code
}

// plain is the text of a sentinel, and marks it as one.
type plain string

func (p plain) Error() string { return string(p) }
