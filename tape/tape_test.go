package tape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/tape"
)

var endings = []string{".jsonl", ".jsonl.zst", ".jsonl.gz"}

var at = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

func header() *tape.Header {
	return &tape.Header{
		Version: tape.Version, Service: "nfs1", Generation: 3, At: at, Zone: "UTC", Scripts: []tape.Script{{Path: "a.lua", SHA256: "00"}},
		Objects: map[string][]string{"cmdb": {"Lookup"}},
		Load:    []tape.Loaded{{Hook: "a", Answers: []effect.Answer{{Kind: effect.AnswerClock, Value: json.RawMessage(`"2026-11-29T10:00:00Z"`)}}}},
	}
}

func call(id int) *tape.Call {
	return &tape.Call{
		Service: "nfs1", Method: "extend_share", At: at, Context: map[string]any{"request_id": fmt.Sprint("req-", id), "n": json.Number("9007199254740993")},
		Args: json.RawMessage(`{"new_size":9007199254740993}`), Result: json.RawMessage(`{"ok":"<&>"}`), Error: &tape.DriverError{Message: "no", Code: "full"},
		Recorded: &tape.Recorded{
			Generation: 3, ID: "nfs1-1", Duration: 5, Outcome: tape.Failed, Driver: tape.Driver{Called: true, Error: &tape.Failure{Kind: "driver", Message: "no"}},
			Steps: []tape.Step{{
				Hook: "a", Script: "a.lua", Phase: "pre", Status: "ok", Duration: 7, Instructions: 12, Returned: map[string]any{"n": json.Number("1")},
				Changes: []patch.Op{{Op: "add", Path: "/a", Value: json.RawMessage("1")}}, Logs: []tape.LogLine{{Level: "info", Message: "m", Fields: map[string]any{}}},
				Effects: []engine.Effect{{Kind: "http", Method: "GET", URL: "https://example.org"}},
				Answers: []effect.Answer{{Kind: effect.AnswerHTTP, Ask: "GET https://example.org", Value: json.RawMessage(`{"status":200}`), Instructions: 3}},
			}},
			Args: []any{json.Number("1")}, Result: "x", Error: &tape.Failure{Kind: "driver", Message: "no"},
		},
	}
}

// write returns a tape with a header, some calls, and drops, each flushed.
func write(t *testing.T, name string, calls int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := tape.NewWriter(name, &out)
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(w.Header(header()))
	for i := range calls {
		check(w.Call(call(i)))
		check(w.Flush())
	}
	check(w.Dropped(12))
	check(w.Close())
	if w.Size() != int64(out.Len()) {
		t.Errorf("size: got %d, want %d", w.Size(), out.Len())
	}
	return out.Bytes()
}

// read returns what is on a tape, and the error that ends it.
func read(name string, r io.Reader) (lines []tape.Line, err error) {
	in, err := tape.NewReader(name, r)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	for {
		l, err := in.Next()
		if err == io.EOF {
			return lines, nil
		} else if err != nil {
			return lines, err
		}
		line := *l
		line.JSON = bytes.Clone(l.JSON)
		lines = append(lines, line)
	}
}

func TestATapeReadsAsItWasWritten(t *testing.T) {
	for _, ending := range endings {
		lines, err := read("t"+ending, bytes.NewReader(write(t, "t"+ending, 2)))
		if err != nil || len(lines) != 4 {
			t.Fatalf("%s: got %d lines, error %v; want 4", ending, len(lines), err)
		}
		if diff := cmp.Diff(header(), lines[0].Header); diff != "" {
			t.Errorf("%s: header (-want +got):\n%s", ending, diff)
		}
		if diff := cmp.Diff(call(1), lines[2].Call); diff != "" {
			t.Errorf("%s: call (-want +got):\n%s", ending, diff)
		}
		if got := lines[3]; got.Dropped != 12 || got.Place() != "t"+ending+":4" || string(got.JSON) != `{"dropped":12}` {
			t.Errorf("%s: got drops %+v", ending, got)
		}
	}
}

func TestATapeThatWasCutOffEndsWithItsLastWholeLine(t *testing.T) {
	for _, ending := range endings {
		whole := write(t, "t"+ending, 3)
		most := 0
		for n := 0; n < len(whole); n += 3 {
			lines, err := read("t"+ending, bytes.NewReader(whole[:n]))
			if err != nil {
				t.Fatalf("%s: cut after %d of %d bytes: %v", ending, n, len(whole), err)
			}
			if most = max(most, len(lines)); len(lines) < most {
				t.Fatalf("%s: cut after %d bytes: got %d lines, %d before", ending, n, len(lines), most)
			}
		}
		if most < 4 {
			t.Errorf("%s: got %d lines of the tape without its last byte, want 4 or more", ending, most)
		}
	}
}

func TestDamageIsAnErrorWithItsPlace(t *testing.T) {
	for _, ending := range []string{".jsonl.zst", ".jsonl.gz"} {
		whole := write(t, "t"+ending, 3)
		for n := 1; n < len(whole)/2; n += 3 {
			damaged := bytes.Clone(whole)
			damaged[n] ^= 0x10
			lines, err := read("t"+ending, bytes.NewReader(damaged))
			if err == nil && len(lines) < 5 {
				t.Errorf("%s: byte %d: got %d lines and no error", ending, n, len(lines))
			}
			if err != nil && !strings.HasPrefix(err.Error(), "t"+ending+":") {
				t.Errorf("%s: byte %d: got %v, want an error with its place", ending, n, err)
			}
		}
	}
}

func TestMistakesInATape(t *testing.T) {
	for text, want := range map[string]string{
		`{"tape":2,"service":7}`:   "t.jsonl:2: want format 1 of tapes, got 2, which another version of hookrun writes",
		`{"service":"a","tape":2}`: "t.jsonl:2: want format 1 of tapes, got 2, which another version of hookrun writes",
		`{"dropped":0}`:            "t.jsonl:2: dropped: want 1 or more, got 0",
		`{"service":"nfs1"}`:       `t.jsonl:2: want a call record, which has a "method", a header ("tape") or "dropped"`,
		`{"method":7}`:             "t.jsonl:2: method: want string, got number",
		`{"method":"a"} {}`:        `t.jsonl:2: want one object on the line, got more after it: "{}"`,
		`[]`:                       "t.jsonl:2: want an object, got array",
		`{"method":"a"`:            "t.jsonl:2: not JSON: the line ends in the middle of a value",
		`{"method":}`:              "t.jsonl:2: not JSON: at byte 11: invalid character '}' looking for beginning of value",
	} {
		lines, err := read("t.jsonl", strings.NewReader("{\"dropped\":1}\n"+text+"\n{\"dropped\":1}\n"))
		if err == nil || err.Error() != want || len(lines) != 1 {
			t.Errorf("%.60s: got %d lines, error %v; want one line, error %s", text, len(lines), err, want)
		}
	}
}

func TestALineThatIsTooLongIsAMistake(t *testing.T) {
	long.Only(t)
	lines, err := read("t.jsonl", io.MultiReader(strings.NewReader("{\"dropped\":1}\n"), io.LimitReader(blanks{}, tape.MaxLine+1)))
	if want := "t.jsonl:2: want a line of at most 67108864 bytes, got more"; fmt.Sprint(err) != want || len(lines) != 1 {
		t.Errorf("got %d lines, error %v; want one line, error %s", len(lines), err, want)
	}
}

// blanks is a text of blanks without end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestWhatIsNoMistakeInATape(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "\n\n": 0, "\ufeff{\"dropped\":1}": 1, "{\"dropped\":1}": 1, "{\"dropped\":1}\r\n \n{\"method\":\"a\",\"new\":{}}\n": 2, "{\"dropped\":1}\n{\"meth": 1,
	} {
		if lines, err := read("t.jsonl", strings.NewReader(text)); err != nil || len(lines) != want {
			t.Errorf("%q: got %d lines, error %v; want %d", text, len(lines), err, want)
		}
	}
}

func TestFilesAreReadInARow(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i, ending := range endings {
		path := filepath.Join(dir, "t"+ending)
		paths = append(paths, path)
		if err := os.WriteFile(path, write(t, path, i+1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for line, err := range tape.Files(append(paths, filepath.Join(dir, "none.jsonl"))...) {
		if err != nil {
			if !os.IsNotExist(err) {
				t.Error(err)
			}
			got = append(got, "error")
			continue
		}
		got = append(got, strings.TrimPrefix(line.Place(), dir+string(filepath.Separator)))
	}
	want := "t.jsonl:1 t.jsonl:2 t.jsonl:3 t.jsonl.zst:1 t.jsonl.zst:2 t.jsonl.zst:3 t.jsonl.zst:4 t.jsonl.gz:1 t.jsonl.gz:2 t.jsonl.gz:3 t.jsonl.gz:4 t.jsonl.gz:5 error"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	for range tape.Files(paths...) {
		break // and nothing is left open
	}
}

func FuzzReader(f *testing.F) {
	for i, ending := range endings {
		var out bytes.Buffer
		w, err := tape.NewWriter(ending, &out)
		if err != nil {
			f.Fatal(err)
		}
		_ = w.Header(header())
		_ = w.Call(call(1))
		_ = w.Close()
		f.Add(i, out.Bytes())
	}
	f.Fuzz(func(t *testing.T, how int, text []byte) {
		ending := endings[uint(how)%uint(len(endings))]
		lines, err := read("t"+ending, bytes.NewReader(text))
		if err != nil && !strings.HasPrefix(err.Error(), "t"+ending) {
			t.Errorf("got %v, want an error with its place", err)
		}
		for _, l := range lines {
			if !json.Valid(l.JSON) {
				t.Errorf("%s: %q is no JSON", l.Place(), l.JSON)
			}
		}
	})
}
