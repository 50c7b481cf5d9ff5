package answers

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// bytesMark is how a text of an answer begins that stands for bytes: JSON has texts in UTF-8 only. It is that of a data
// URL (RFC 2397) with base64.
const bytesMark = "data:application/octet-stream;base64,"

// noted is a text as an answer has it. One that begins like a text for bytes is written as such itself, so that each is
// told as it was.
func noted(text string) string {
	if utf8.ValidString(text) && !strings.HasPrefix(text, bytesMark) {
		return text
	}
	return bytesMark + base64.StdEncoding.EncodeToString([]byte(text))
}

// told is the text of which an answer has another: itself where that is no text for bytes, or a mask has changed it.
func told(text string) string {
	if bytes, ok := Bytes(text); ok {
		return bytes
	}
	return text
}

// InJSON is a text as it is after it was written as JSON: a replacement character stands for each byte that is no text.
func InJSON(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

// Bytes returns the bytes that a text of an answer stands for; false where it stands for itself.
func Bytes(text string) (bytes string, ok bool) {
	digits, ok := strings.CutPrefix(text, bytesMark)
	if !ok {
		return "", false
	}
	b, err := base64.StdEncoding.DecodeString(digits)
	return string(b), err == nil
}
