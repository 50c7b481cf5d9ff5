package hostlib

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/lua/stdlib"
)

// parseTime reads a time by a layout of strftime, as POSIX's strptime does
// (https://pubs.opengroup.org/onlinepubs/9799919799/functions/strptime.html): numbers may lack their leading zeros,
// names may be short or long, in capitals or not, and white space in the layout stands for any, or none. Unlike it,
// parseTime knows time zones, and takes no day that a month does not have. What the layout leaves out is that of
// 1970-01-01T00:00:00Z.
func parseTime(text, layout string) (time.Time, bool) {
	if len(text) > maxTimeText {
		return time.Time{}, false
	}
	r := timeReader{rest: text, year: 1970, zone: time.UTC}
	if !r.read(layout) || r.rest != "" {
		return time.Time{}, false
	}
	return r.time()
}

// parseRFC3339 reads a time of RFC 3339, whose letters may be small, and what Manila writes, as call records do: a
// blank in place of the T, and UTC without a zone.
func parseRFC3339(text string) (time.Time, bool) {
	const day, clock = len("2006-01-02"), len("15:04:05")
	if len(text) < day+1+clock || len(text) > maxTimeText || !strings.ContainsRune("Tt ", rune(text[day])) {
		return time.Time{}, false
	}
	r := timeReader{rest: text[:day] + "T" + text[day+1:][:clock], zone: time.UTC}
	if !r.read("%Y-%m-%dT%H:%M:%S") || r.rest != "" { // which tells that all digits are there
		return time.Time{}, false
	}
	r.rest = text[day+1+clock:]
	if r.skip('.') && !r.fraction() {
		return time.Time{}, false
	}
	if n := len(r.rest); n > 0 && (n != len("Z") && n != len("+01:00") || !r.offset() || r.rest != "") {
		return time.Time{}, false
	}
	return r.time()
}

const (
	maxLayout      = 256 // bytes
	maxTimeText    = 256 // bytes
	conversionCost = 4   // instructions that a byte of a layout counts as
)

// checkLayout says what is wrong with a layout that may have some conversions of strftime; nothing when it is well.
func checkLayout(layout, conversions string) string {
	for {
		_, after, found := strings.Cut(layout, "%")
		if !found || after == "" {
			return ""
		}
		if strings.IndexByte(conversions, after[0]) < 0 {
			return fmt.Sprintf("conversion of %s expected, got %q", conversions, "%"+after[:1])
		}
		layout = after[1:]
	}
}

// The conversions of strftime that times are written and read by: all, and all but the century and the numbers of
// weeks.
const (
	writable = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"
	readable = "aAbBcdDeFhHIjmMnprRStTxXyYzZ%"
)

// timeReader reads the text of a time.
type timeReader struct {
	rest                 string // of the text
	year                 int
	month, day, yday     int // 0 where the text does not have it
	hour, minute, second int
	nanosecond           int
	twelve               bool // whether the hour is one of twelve
	half                 int  // of the day: 1 or 2; 0 where the text does not have it
	weekday              int  // which says nothing
	zone                 *time.Location
}

func (r *timeReader) read(layout string) bool {
	for layout != "" {
		c, ok := layout[0], true
		layout = layout[1:]
		switch {
		case isSpace(c):
			r.skipSpace()
		case c == '%' && layout != "":
			ok = r.conversion(layout[0])
			layout = layout[1:]
		default:
			ok = r.skip(c)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (r *timeReader) conversion(c byte) bool {
	if others, ok := stdlib.Composed(c); ok {
		return r.read(others)
	}
	switch c {
	case 'a', 'A':
		return r.name(&r.weekday, weekdays)
	case 'b', 'B':
		return r.name(&r.month, months)
	case 'd':
		return r.number(&r.day, 2, 1, 31)
	case 'e':
		r.skipSpace()
		return r.number(&r.day, 2, 1, 31)
	case 'H':
		r.twelve = false
		return r.number(&r.hour, 2, 0, 23)
	case 'I':
		r.twelve = true
		return r.number(&r.hour, 2, 1, 12)
	case 'j':
		return r.number(&r.yday, 3, 1, 366)
	case 'm':
		return r.number(&r.month, 2, 1, 12)
	case 'M':
		return r.number(&r.minute, 2, 0, 59)
	case 'p':
		return r.name(&r.half, []string{"AM", "PM"})
	case 'S':
		return r.number(&r.second, 2, 0, 59)
	case 'y':
		ok := r.number(&r.year, 2, 0, 99)
		if r.year += 1900; r.year < 1969 {
			r.year += 100
		}
		return ok
	case 'Y':
		return r.number(&r.year, 4, 0, 9999)
	case 'z':
		return r.offset()
	case 'Z':
		var which int
		return r.name(&which, []string{"UTC", "GMT"})
	}
	return r.skip(c)
}

// time returns what was read; false for a date that there is not.
func (r *timeReader) time() (time.Time, bool) {
	hour := r.hour
	if r.twelve {
		hour %= 12
		if r.half == 2 {
			hour += 12
		}
	}
	month, day := max(r.month, 1), max(r.day, 1)
	if r.yday > 0 && r.month == 0 && r.day == 0 {
		t := time.Date(r.year, 1, r.yday, hour, r.minute, r.second, r.nanosecond, r.zone)
		return t, t.Year() == r.year
	}
	t := time.Date(r.year, time.Month(month), day, hour, r.minute, r.second, r.nanosecond, r.zone)
	return t, t.Day() == day
}

// fraction reads the digits of a fraction of a second.
func (r *timeReader) fraction() bool {
	digits := r.rest[:len(r.rest)-len(strings.TrimLeft(r.rest, "0123456789"))]
	r.rest = r.rest[len(digits):]
	r.nanosecond, _ = strconv.Atoi((digits + "000000000")[:9])
	return digits != ""
}

// offset reads Z, +hh, +hhmm or +hh:mm.
func (r *timeReader) offset() bool {
	if r.skip('Z') || r.skip('z') {
		return true
	}
	sign := 1
	if r.skip('-') {
		sign = -1
	} else if !r.skip('+') {
		return false
	}
	var hours, minutes int
	if !r.twoDigits(&hours, 23) {
		return false
	}
	if colon := r.skip(':'); (colon || r.rest != "" && isDigit(r.rest[0])) && !r.twoDigits(&minutes, 59) {
		return false
	}
	r.zone = time.FixedZone("", sign*(hours*60+minutes)*60)
	return true
}

func (r *timeReader) twoDigits(n *int, high int) bool {
	before := len(r.rest)
	return r.number(n, 2, 0, high) && before-len(r.rest) == 2
}

// number reads a number of at most some digits.
func (r *timeReader) number(n *int, digits, low, high int) bool {
	*n = 0
	i := 0
	for ; i < min(digits, len(r.rest)) && isDigit(r.rest[i]); i++ {
		*n = *n*10 + int(r.rest[i]-'0')
	}
	r.rest = r.rest[i:]
	return i > 0 && *n >= low && *n <= high
}

// name reads one of some names, or its first three letters, and counts from 1.
func (r *timeReader) name(n *int, names []string) bool {
	for i, name := range names {
		for _, form := range []string{name, name[:min(3, len(name))]} {
			if len(r.rest) >= len(form) && strings.EqualFold(r.rest[:len(form)], form) {
				r.rest, *n = r.rest[len(form):], i+1
				return true
			}
		}
	}
	return false
}

var (
	months   = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// skip reads a byte.
func (r *timeReader) skip(c byte) bool {
	if r.rest == "" || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

func (r *timeReader) skipSpace() { r.rest = strings.TrimLeft(r.rest, spaces) }

const spaces = " \t\n\v\f\r"

func isSpace(c byte) bool { return strings.IndexByte(spaces, c) >= 0 }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
