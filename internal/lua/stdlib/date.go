package stdlib

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/format"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// os.date and os.time are rewritten here: gopher-lua's know only half of the conversions, get some of those wrong, and
// do not know the day of the year.

// date is Lua's os.date, in the C locale and the time zone of the process.
func (l *Library) date(L *lua.LState) int {
	format, t := "%c", l.Now(L)
	if L.Get(1) != lua.LNil {
		format = args.Text(L, 1)
	}
	if L.Get(2) != lua.LNil {
		t = time.Unix(boundedInt(L, "time", args.Number(L, 2), maxTime), 0)
	}
	if strings.HasPrefix(format, "!") {
		format, t = format[1:], t.In(gmt)
	}
	if format == "*t" {
		L.Push(DateTable(L, t))
	} else {
		L.Push(l.FormatDate(L, format, t))
	}
	return 1
}

// maxTime bounds a time in seconds: a hundred thousand years. maxField bounds a field of a date: more than anybody
// adds.
const (
	maxTime  = 1 << 42
	maxField = 1 << 31
)

func boundedInt(L *lua.LState, what string, n, bound float64) int64 {
	if !(math.Abs(n) <= bound) {
		machine.Raise(L, "%s is out of range: want at most %.0f, got %s", what, bound, format.FormatNumber(n))
	}
	return int64(n)
}

// DateTable returns the fields of a time, by the clock of its zone, as os.date("*t") does.
func DateTable(L *lua.LState, t time.Time) *lua.LTable {
	d := L.CreateTable(0, 9)
	for _, f := range []struct {
		name string
		n    int
	}{
		{"year", t.Year()}, {"month", int(t.Month())}, {"day", t.Day()}, {"hour", t.Hour()}, {"min", t.Minute()}, {"sec", t.Second()},
		{"wday", int(t.Weekday()) + 1}, {"yday", t.YearDay()},
	} {
		d.RawSetString(f.name, lua.LNumber(f.n))
	}
	d.RawSetString("isdst", lua.LBool(t.IsDST()))
	return d
}

const (
	maxConversion  = 64 // the most bytes that a conversion makes; a time zone's name may be the longest
	conversionCost = 4  // instructions that a conversion counts as, besides its text
)

// FormatDate formats a time, by the clock of its zone, as C99's strftime does in the C locale, without the conversions
// with E and O. What is not a conversion stays as it is. The work and the text are charged to the run.
func (l *Library) FormatDate(L *lua.LState, format string, t time.Time) lua.LString {
	b := l.newBuilder(L)
	b.writeDate(format, t)
	return b.finish()
}

// Composed returns the format that a conversion of strftime stands for, such as %H:%M for R; false if it stands for
// itself.
func Composed(conversion byte) (format string, ok bool) {
	format, ok = composed[conversion]
	return format, ok
}

// composed are the conversions that stand for others.
var composed = map[byte]string{
	'c': "%a %b %e %H:%M:%S %Y", 'D': "%m/%d/%y", 'F': "%Y-%m-%d", 'h': "%b", 'r': "%I:%M:%S %p", 'R': "%H:%M", 'T': "%H:%M:%S",
	'x': "%m/%d/%y", 'X': "%H:%M:%S", 'n': "\n", 't': "\t",
}

func (b *builder) writeDate(format string, t time.Time) {
	for {
		plain, rest, found := strings.Cut(format, "%")
		b.write(plain)
		switch {
		case !found:
			return
		case rest == "":
			b.write("%")
			return
		}
		c := rest[0]
		if others, ok := composed[c]; ok {
			b.l.Charge(b.L, 1)
			b.writeDate(others, t)
		} else {
			b.l.Charge(b.L, conversionCost)
			b.grow(maxConversion)
			b.text = appendConversion(b.text, c, t)
		}
		format = rest[1:]
	}
}

// gmt is UTC as C names it.
var gmt = time.FixedZone("GMT", 0)

// layouts are the conversions that Go has a layout for.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04",
	'p': "PM", 'S': "05", 'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST",
}

func appendConversion(text []byte, c byte, t time.Time) []byte {
	if layout, ok := layouts[c]; ok {
		return t.AppendFormat(text, layout)
	}
	isoYear, isoWeek := t.ISOWeek()
	sinceMonday := (int(t.Weekday()) + 6) % 7
	switch c {
	case '%':
		return append(text, '%')
	case 'C':
		return fmt.Appendf(text, "%02d", t.Year()/100)
	case 'g':
		return fmt.Appendf(text, "%02d", isoYear%100)
	case 'G':
		return strconv.AppendInt(text, int64(isoYear), 10)
	case 'u':
		return strconv.AppendInt(text, int64(sinceMonday)+1, 10)
	case 'U':
		return fmt.Appendf(text, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'V':
		return fmt.Appendf(text, "%02d", isoWeek)
	case 'w':
		return strconv.AppendInt(text, int64(t.Weekday()), 10)
	case 'W':
		return fmt.Appendf(text, "%02d", (t.YearDay()+6-sinceMonday)/7)
	}
	return append(text, '%', c)
}

// time is Lua's os.time: now, or the time of a table's fields, which may lie outside their ranges. As with glibc's
// mktime, seconds that do not fit into the minute pass, whereas minutes and hours are read off the clock, which may
// change.
func (l *Library) time(L *lua.LState) int {
	t := l.Now(L)
	if L.Get(1) != lua.LNil {
		args.Table(L, 1)
		second, minute, hour := dateField(L, "sec", 0), dateField(L, "min", 0), dateField(L, "hour", 12)
		day, month, year := dateField(L, "day", -1), dateField(L, "month", -1), dateField(L, "year", -1)
		shown := min(max(second, 0), 59)
		t = time.Date(year, time.Month(month), day, hour, minute, shown, 0, time.Local)
		if dst := machine.OrNil(L.GetField(L.Get(1), "isdst")); dst != lua.LNil {
			clock := time.Date(year, time.Month(month), day, hour, minute, shown, 0, time.UTC)
			t = clock.Add(-offsetNear(t, lua.LVAsBool(dst)))
		}
		t = t.Add(time.Duration(second-shown) * time.Second)
	}
	L.Push(lua.LNumber(boundedInt(L, "time", float64(t.Unix()), maxTime)))
	return 1
}

// offsetNear returns how far the clock of t's zone is ahead of UTC with daylight saving in force, or without it, as dst
// says: at t if t is such a time, or else at the nearest such time. A zone that has no such time is treated as if
// daylight saving were one hour, as glibc's mktime does.
func offsetNear(t time.Time, dst bool) time.Duration {
	early, before := seekSeason(t, dst, -1)
	late, after := seekSeason(t, dst, 1)
	switch {
	case before && (!after || t.Sub(early) <= late.Sub(t)):
		return offsetAt(early)
	case after:
		return offsetAt(late)
	case dst:
		return offsetAt(t) + time.Hour
	}
	return offsetAt(t) - time.Hour
}

// maxSeasons is how far away seekSeason looks for a time with daylight saving, or without: as far as glibc does.
const maxSeasons = 536_454_000 / 2 * time.Second

// seekSeason goes from one change of a zone's clock to the next, forwards or backwards, until it comes to a time with
// daylight saving, or without, as dst says.
func seekSeason(from time.Time, dst bool, direction int) (t time.Time, found bool) {
	for t = from; t.IsDST() != dst; {
		if t, found = pastSeason(t, direction); !found || t.Sub(from).Abs() > maxSeasons {
			return t, false
		}
	}
	return t, true
}

// pastSeason returns the first time after the season of t, or the last one before it. Found is false if there is none.
func pastSeason(t time.Time, direction int) (past time.Time, found bool) {
	start, end := t.ZoneBounds()
	switch {
	case direction < 0:
		return start.Add(-1), !start.IsZero()
	case !end.IsZero() && !end.After(t):
		// Where a zone goes by its rule, Go ends a season 365 days after the year began: too early by the last day of
		// a leap year.
		return t.Add(24 * time.Hour), true
	}
	return end, !end.IsZero()
}

func offsetAt(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// dateField reads a field of the table that is the first argument. If absent is negative, a missing field is an error.
func dateField(L *lua.LState, name string, absent int) int {
	if n, ok := machine.PlainNumber(L, L.GetField(L.Get(1), name)); ok {
		return int(boundedInt(L, "field '"+name+"'", n, maxField))
	}
	if absent < 0 {
		machine.Raise(L, "field '%s' missing in date table", name)
	}
	return absent
}

func (l *Library) clock(L *lua.LState) int {
	L.Push(lua.LNumber(l.Clock(L)))
	return 1
}

func diffTime(L *lua.LState) int {
	since := args.OptWhole(L, 2, 0) // checked first, as in Lua 5.1
	L.Push(machine.NumberValue(args.Whole(L, 1) - since + 0))
	return 1
}
