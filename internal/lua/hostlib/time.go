package hostlib

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
	_ "time/tzdata" // a script that works on one machine works on all, see RATIONALE.md

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/format"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/stdlib"
)

// timeFunctions tell times, which are seconds since 1970-01-01T00:00:00Z, with fractions. A double holds the
// microseconds of these centuries.
func (l *Library) timeFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"now": l.now, "parse": l.parseTime, "format": l.formatTime, "date": l.date, "duration": l.duration,
	}
}

func (l *Library) now(L *lua.LState) int { return pushTime(L, l.Now(L)) }

func pushTime(L *lua.LState, t time.Time) int {
	L.Push(machine.NumberValue(float64(t.Unix()) + float64(t.Nanosecond())/1e9))
	return 1
}

const (
	timeCost = 64   // instructions that reading or writing a time counts as
	zoneCost = 8000 // instructions that reading a time zone counts as
	maxZones = 16   // that a VM keeps
	maxText  = 64   // bytes of the name of a zone, and of a duration
)

// parseTime reads a time in the form of RFC 3339, or in that of a layout. It returns nil and a message for any other
// text.
func (l *Library) parseTime(L *lua.LState) int {
	text := args.Text(L, 1)
	l.Charge(L, timeCost)
	if machine.OrNil(L.Get(2)) == lua.LNil {
		t, ok := parseRFC3339(text)
		if !ok {
			return failed(L, `want a time such as "2026-11-23T10:00:00Z", got %s`, quoted(text))
		}
		return pushTime(L, t)
	}
	layout := args.Text(L, 2)
	l.Charge(L, min(len(layout), maxLayout)*conversionCost)
	if len(layout) > maxLayout {
		args.Bad(L, 2, fmt.Sprintf("layout of at most %d bytes expected, got %d bytes", maxLayout, len(layout)))
	}
	if problem := checkLayout(layout, readable); problem != "" {
		args.Bad(L, 2, problem)
	}
	t, ok := parseTime(text, layout)
	if !ok {
		return failed(L, "want a time of the form %s, got %s", quoted(layout), quoted(text))
	}
	return pushTime(L, t)
}

// rfc3339 has the microseconds, where there are any.
const rfc3339 = "2006-01-02T15:04:05.999999Z07:00"

func (l *Library) formatTime(L *lua.LState) int {
	l.Charge(L, timeCost)
	t := l.timeIn(L, 1, l.zone(L, 3))
	if machine.OrNil(L.Get(2)) == lua.LNil {
		L.Push(lua.LString(t.Format(rfc3339)))
	} else {
		layout := args.Text(L, 2)
		l.Charge(L, len(layout)/machine.BytesPerInstruction)
		if problem := checkLayout(layout, writable); problem != "" {
			args.Bad(L, 2, problem)
		}
		L.Push(l.Std.FormatDate(L, layout, t))
	}
	return 1
}

func (l *Library) date(L *lua.LState) int {
	l.Charge(L, timeCost)
	L.Push(stdlib.DateTable(L, l.timeIn(L, 1, l.zone(L, 2))))
	return 1
}

// timeIn reads a time, to the microsecond. RFC 3339 has no years but those from 0 to 9999.
func (l *Library) timeIn(L *lua.LState, at int, zone *time.Location) time.Time {
	n := args.Number(L, at)
	if math.Abs(n) < 1<<38 {
		whole := math.Floor(n)
		t := time.Unix(int64(whole), int64(math.Round((n-whole)*1e6))*1000).In(zone)
		if year := t.Year(); year >= 0 && year <= 9999 {
			return t
		}
	}
	args.Bad(L, at, "time of the years 0 to 9999 expected, got "+format.FormatNumber(n))
	return time.Time{}
}

// zone reads the name of a time zone, UTC where there is none. The rules of a zone are those of the machine, or of Go
// where that has none.
func (l *Library) zone(L *lua.LState, at int) *time.Location {
	name := args.OptText(L, at, "UTC")
	if name == "UTC" {
		return time.UTC
	}
	if zone := l.zones[name]; zone != nil {
		return zone
	}
	l.Prepare(L, zoneCost)
	if isZoneName(name) {
		if zone, err := time.LoadLocation(name); err == nil {
			if len(l.zones) == maxZones || l.zones == nil {
				l.zones = map[string]*time.Location{}
			}
			l.zones[strings.Clone(name)] = zone
			return zone
		}
	}
	args.Bad(L, at, `time zone such as "Europe/Berlin", "UTC" or "Local" expected, got `+quoted(name))
	return nil
}

// isZoneName reports whether a name can be that of a zone: others must not reach the file system.
func isZoneName(name string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/"
	return name != "" && len(name) <= maxText && strings.Trim(name, letters) == ""
}

// duration reads a duration as Go does, such as 1h30m, and days of 24 hours. It returns nil and a message for any other
// text.
func (l *Library) duration(L *lua.LState) int {
	l.Charge(L, timeCost)
	text := args.Text(L, 1)
	seconds, ok := parseDuration(text)
	if !ok {
		return failed(L, `want a duration such as "1h30m" or "7d", got %s`, quoted(text))
	}
	L.Push(machine.NumberValue(seconds))
	return 1
}

func parseDuration(text string) (seconds float64, ok bool) {
	if len(text) > maxText {
		return 0, false
	}
	rest, negative := strings.CutPrefix(text, "-")
	if days, hours, found := strings.Cut(rest, "d"); found && isPlainNumber(days) {
		d, err := time.ParseDuration(days + "h")
		if err != nil {
			return 0, false
		}
		seconds, rest = 24*d.Seconds(), cmp.Or(hours, "0")
	}
	d, err := time.ParseDuration(rest)
	if seconds += d.Seconds(); negative {
		seconds = 0 - seconds
	}
	return seconds, err == nil && !strings.ContainsAny(rest, "+-")
}

// isPlainNumber reports whether a text has nothing but digits and points.
func isPlainNumber(text string) bool { return strings.Trim(text, "0123456789.") == "" }
