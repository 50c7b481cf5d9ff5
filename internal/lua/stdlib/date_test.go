package stdlib

import (
	"testing"
	"time"
	_ "time/tzdata"

	lua "github.com/yuin/gopher-lua"
)

// What lua5.1 with glibc returns.
func TestDaylightSavingOfADateIsHeeded(t *testing.T) {
	tests := []struct {
		zone        string
		clock       time.Time
		dst, winter int64 // what os.time returns with isdst = true and = false
	}{
		{"Europe/Berlin", at(2026, 10, 25, 2, 30), 1792888200, 1792891800}, // twice
		{"Europe/Berlin", at(2026, 3, 29, 2, 30), 1774744200, 1774747800},  // never
		{"Europe/Berlin", at(2026, 7, 1, 2, 0), 1782864000, 1782867600},
		{"Europe/Berlin", at(2026, 1, 1, 2, 0), 1767225600, 1767229200},
		{"Australia/Lord_Howe", at(2026, 4, 5, 1, 45), 1775313900, 1775315700}, // half an hour
		{"Europe/Moscow", at(2012, 7, 1, 2, 0), 1341093600, 1341093600},        // two changes of the zone away
		{"UTC", at(2026, 7, 1, 2, 0), 1782867600, 1782871200},                  // none
		{"Europe/Berlin", at(2056, 11, 15, 12, 0), 2741508000, 2741511600},     // by the zone's rule, late in a leap year
		{"America/New_York", at(2056, 12, 31, 12, 0), 2745504000, 2745507600},
		{"Australia/Sydney", at(2056, 12, 31, 12, 0), 2745450000, 2745453600},
		{"Europe/Berlin", at(2100, 12, 31, 12, 0), 4133930400, 4133934000}, // no leap year
		{"UTC", at(1, 1, 1, 0, 0), -62135600400, -62135596800},
	}
	for _, tt := range tests {
		zone := zoneOf(t, tt.zone)
		near := time.Date(tt.clock.Year(), tt.clock.Month(), tt.clock.Day(), tt.clock.Hour(), tt.clock.Minute(), 0, 0, zone)
		dst, winter := tt.clock.Add(-offsetNear(near, true)).Unix(), tt.clock.Add(-offsetNear(near, false)).Unix()
		if dst != tt.dst || winter != tt.winter {
			t.Errorf("%s, %s: got %d with daylight saving, %d without; want %d, %d", tt.zone, tt.clock, dst, winter, tt.dst, tt.winter)
		}
	}
}

// A zone that changes for another reason than daylight saving is told apart by nothing in a table of os.date, in C as
// well.
func TestADateReadBackIsTheSameTime(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"} {
		zone := zoneOf(t, name)
		for at := at(2026, 1, 1, 0, 0).In(zone); at.Year() < 2027; at = at.Add(15 * time.Minute) {
			_, ahead := at.Zone()
			clock := time.Unix(at.Unix()+int64(ahead), 0).UTC()
			near := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, zone)
			if got := clock.Add(-offsetNear(near, at.IsDST())); !got.Equal(at) {
				t.Fatalf("%s: got %s, want %s", name, got.In(zone), at)
			}
		}
	}
}

// What lua5.1 with glibc returns: seconds beyond the minute pass, where minutes and hours are read off the clock.
func TestSecondsBeyondTheMinutePassAcrossAChangeOfTheClock(t *testing.T) {
	local := time.Local
	time.Local = zoneOf(t, "Europe/Berlin")
	t.Cleanup(func() { time.Local = local })
	l, L := newLibrary(t)
	l.Now = func(*lua.LState) time.Time { return time.Unix(0, 0) }
	for _, tt := range []struct {
		month, day, hour, minute, second int
		dst                              lua.LValue
		want                             int64
	}{
		{3, 28, 12, 0, 86400, lua.LNil, 1774782000},
		{3, 29, 12, 0, -86400, lua.LNil, 1774692000},
		{10, 24, 12, 0, 86400, lua.LNil, 1792922400},
		{10, 25, 12, 0, -86400, lua.LNil, 1792839600},
		{3, 29, 1, 59, 60, lua.LNil, 1774746000},
		{3, 28, 12, 0, 86400, lua.LFalse, 1774782000},
		{3, 28, 12, 0, 86400, lua.LTrue, 1774778400},
		{7, 1, 12, 0, -1, lua.LNil, 1782899999},
		{7, 1, 12, 0, 61, lua.LNil, 1782900061},
		{3, 28, 12, 1440, 0, lua.LNil, 1774778400},
		{3, 28, 36, 0, 0, lua.LNil, 1774778400},
	} {
		date := L.NewTable()
		for name, n := range map[string]int{"year": 2026, "month": tt.month, "day": tt.day, "hour": tt.hour, "min": tt.minute, "sec": tt.second} {
			date.RawSetString(name, lua.LNumber(n))
		}
		date.RawSetString("isdst", tt.dst)
		if err := L.CallByParam(lua.P{Fn: L.NewFunction(l.time), NRet: 1, Protect: true}, date); err != nil {
			t.Fatal(err)
		}
		if got := L.Get(-1); got != lua.LNumber(tt.want) {
			t.Errorf("%+v: got %v", tt, got)
		}
		L.Pop(1)
	}
}

// Around the end of common and of leap years, while the changes of a zone are listed and when it goes by its rule.
func TestTheNearestSeasonIsFoundFromAnyDay(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Sydney", "Africa/Casablanca"} {
		zone := zoneOf(t, name)
		for _, year := range []int{2023, 2024, 2055, 2056} {
			for day := range 70 {
				near := time.Date(year, 11, 25+day, day%24, 0, 0, 0, zone)
				for _, dst := range []bool{true, false} {
					if got, want := offsetNear(near, dst), offsetByHours(near, dst); got != want {
						t.Fatalf("%s, daylight saving %t: got %s, want %s", near, dst, got, want)
					}
				}
			}
		}
	}
}

// offsetByHours is offsetNear for zones whose clock changes at whole hours.
func offsetByHours(t time.Time, dst bool) time.Duration {
	whole := t.Truncate(time.Hour)
	for away := time.Duration(0); away < 366*24*time.Hour; away += time.Hour {
		for _, at := range []time.Time{whole.Add(-away), whole.Add(away)} {
			if at.IsDST() == dst {
				return offsetAt(at)
			}
		}
	}
	return offsetAt(t)
}

func at(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
}

func zoneOf(t *testing.T, zone string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
