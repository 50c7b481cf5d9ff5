package format

// AppendString appends a string in the form of the spec, which must be one that takes a string.
func (s Spec) AppendString(dst []byte, v string) []byte {
	if s.Verb == 'q' {
		return appendQuoted(dst, v)
	}
	if s.precision >= 0 && s.precision < len(v) {
		v = v[:s.precision]
	}
	return s.pad(dst, v)
}

// pad appends text, and spaces up to the width.
func (s Spec) pad(dst []byte, text string) []byte {
	if !s.left {
		dst = repeat(dst, ' ', s.width-len(text))
	}
	dst = append(dst, text...)
	if s.left {
		dst = repeat(dst, ' ', s.width-len(text))
	}
	return dst
}

// appendQuoted appends v so that Lua reads it back.
func appendQuoted(dst []byte, v string) []byte {
	dst = append(dst, '"')
	copied := 0
	for i := range len(v) {
		escape := escapeOf(v[i])
		if escape != "" {
			dst = append(dst, v[copied:i]...)
			dst = append(dst, escape...)
			copied = i + 1
		}
	}
	dst = append(dst, v[copied:]...)
	return append(dst, '"')
}

// escapeOf returns what stands for c between quotes, or "" where c stands for itself.
func escapeOf(c byte) string {
	switch c {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\n':
		return "\\\n"
	case '\r':
		return `\r`
	case 0:
		return `\000`
	}
	return ""
}

// MaxLen returns the most bytes that the spec appends: for any number, or for a string of n bytes.
func (s Spec) MaxLen(n int) int {
	const (
		extra   = 8   // a sign, "0x", a point, an exponent or zeros behind the point
		octal   = 22  // digits of the largest whole number
		decimal = 309 // digits of the largest number, written out
	)
	precision := s.precision
	if precision < 0 {
		precision = defaultPrecision
	}
	switch s.Verb {
	case 'q':
		return 4*n + 2
	case 's':
		if s.precision >= 0 {
			n = min(n, s.precision)
		}
	case 'c':
		n = 1
	case 'f':
		n = decimal + precision + extra
	case 'e', 'E', 'g', 'G':
		n = precision + extra
	default:
		n = max(precision, octal) + extra
	}
	return max(n, s.width)
}
