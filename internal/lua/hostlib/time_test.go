package hostlib

import (
	"fmt"
	"go/build"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"pgregory.net/rapid"
)

func TestWhatFormatWritesParseReads(t *testing.T) {
	w := newWorld(t)
	layouts := []string{
		"", "%Y-%m-%d %H:%M:%S", "%FT%T%z", "%c", "%a %A %d %b %Y %I:%M:%S %p", "%j of %Y, %r", "%e. %B %Y, %T", "%d%m%Y%H%M%S",
		"%h %d%n%t%Y %R:%S %Z", "100%% %F %X",
	}
	rapid.Check(t, func(t *rapid.T) {
		layout := rapid.SampledFrom(layouts).Draw(t, "layout")
		want := float64(rapid.Int64Range(-62167219200, 253402300799).Draw(t, "seconds"))
		args := []any{want}
		if layout == "" {
			want = math.Round(want) + float64(rapid.IntRange(0, 3).Draw(t, "quarters"))/4
			args[0] = want
		} else {
			args = append(args, layout)
		}
		written, err := w.call("time.format", args...)
		if err != nil {
			t.Fatal(err)
		}
		args[0] = written[0].String()
		read, err := w.call("time.parse", args...)
		if err != nil {
			t.Fatal(err)
		}
		if read[0] != lua.LNumber(want) {
			t.Errorf("%.2f was written %q, and reads as %v", want, written[0], read)
		}
	})
}

func FuzzTimesByLayout(f *testing.F) {
	for _, layout := range []string{"%F %T", "%c", "%a %b %e %I:%M%p %y", "%j %Y", "%z %Z", "%%", "%", "%V", "%F%n"} {
		f.Add("Sat Feb  3 04:05:06 2001", layout)
	}
	f.Add("31.2.2001", "%d.%m.%Y")
	f.Add("+01:00", "%z")
	f.Fuzz(func(t *testing.T, text, layout string) {
		if len(layout) > maxLayout || checkLayout(layout, readable) != "" {
			return
		}
		at, ok := parseTime(text, layout)
		if year := at.Year(); ok && (year < 0 || year > 9999) {
			t.Errorf("parseTime(%q, %q): got the year %d", text, layout, year)
		}
	})
}

func FuzzTimesOfRFC3339AgreeWithGo(f *testing.F) {
	for _, text := range []string{
		"2001-02-03T04:05:06Z", "2001-02-03t04:05:06.5z", "2001-02-03 04:05:06", "2001-02-29T04:05:06+01:00", "2001-02-03T04:05:06,5Z",
		"0000-01-01T00:00:00-23:59", "9999-12-31T23:59:59.999999999Z", "2001-02-03T4:05:06.5Z", "0000-01-01  0:00:00",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseRFC3339(text)
		if !ok {
			return
		}
		goes := strings.Replace(strings.ToUpper(text), " ", "T", 1)
		if !strings.ContainsAny(goes[len("2006-01-02T15:04:05"):], "Z+-") {
			goes += "Z"
		}
		if want, err := time.Parse(time.RFC3339Nano, goes); err != nil || !got.Equal(want) {
			t.Errorf("parseRFC3339(%q): got %v, want %v (%v)", text, got, want, err)
		}
	})
}

func FuzzDurationsAgreeWithGo(f *testing.F) {
	for _, text := range []string{"1h30m", "-1.5s", "7d", "1d12h", "0.5d", "1h1d", "d", "-d", "1d-1h", "", "0", "1us"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseDuration(text)
		if math.IsNaN(got) || math.IsInf(got, 0) {
			t.Errorf("parseDuration(%q) = %v", text, got)
		}
		if want, err := time.ParseDuration(text); ok && !strings.Contains(text, "d") && (err != nil || got != want.Seconds()) {
			t.Errorf("parseDuration(%q): got %v, want %v (%v)", text, got, want, err)
		}
	})
}

func TestFewZonesAreKept(t *testing.T) {
	w := newWorld(t)
	for i := -12; i <= 14; i++ {
		name := fmt.Sprintf("Etc/GMT%+d", -i)
		if _, err := w.call("time.date", 0.0, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(w.lib.zones); n > maxZones {
			t.Fatalf("%d zones are kept, want %d at most", n, maxZones)
		}
	}
	kept := len(w.lib.zones)
	for _, name := range []string{"UTC", "nowhere"} {
		w.call("time.date", 0.0, name)
	}
	if len(w.lib.zones) != kept {
		t.Errorf("%d zones are kept, want %d: what needs no file, or is none, is not kept", len(w.lib.zones), kept)
	}
}

func TestOnlyNamesOfZonesReachTheFileSystem(t *testing.T) {
	for name, want := range map[string]bool{
		"Europe/Berlin": true, "America/Port-au-Prince": true, "Etc/GMT+12": true, "Local": true, "EST5EDT": true,
		"": false, "..": false, "../x": false, "tzdata.zi": false, "a b": false, "a\x00": false, `a\b`: false, "ä": false,
		strings.Repeat("a", 65): false,
	} {
		if got := isZoneName(name); got != want {
			t.Errorf("isZoneName(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestTimeZonesTravelInTheBinary(t *testing.T) {
	p, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(p.Imports, "time/tzdata") {
		t.Errorf("the package imports %v, want time/tzdata among them", p.Imports)
	}
}
