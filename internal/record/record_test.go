package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const snapshot = `{"service":"nfs1","method":"create_snapshot","at":"2026-11-23T10:00:00Z",
 "context":{"request_id":"req-1","attempt":9007199254740993},
 "args":{"snapshot":{"id":"s-1"},"share_server":null},
 "result":{"provider_location":"/snap/s-1"},
 "error":null}`

func TestRecordKeepsWhatItWasGiven(t *testing.T) {
	got := decodeAll(t, snapshot)
	want := []*record.Record{{
		Service: "nfs1",
		Method:  "create_snapshot",
		At:      time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Context: map[string]any{"request_id": "req-1", "attempt": json.Number("9007199254740993")},
		Args:    record.Raw{JSON: json.RawMessage(`{"snapshot":{"id":"s-1"},"share_server":null}`)},
		Result:  record.Raw{JSON: json.RawMessage(`{"provider_location":"/snap/s-1"}`)},
		Pos:     record.Position{File: "calls.json", Line: 1, Column: 1},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(record.Raw{})); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

func TestRecordsFollowEachOther(t *testing.T) {
	a, b := `{"method":"a"}`, `{"method":"b"}`
	tests := map[string]struct {
		input string
		want  []string
	}{
		"nothing":        {"", nil},
		"only space":     {" \n\t\n", nil},
		"one":            {a, []string{"1:1 a"}},
		"joined":         {a + b, []string{"1:1 a", "1:15 b"}},
		"lines":          {a + "\n" + b + "\n", []string{"1:1 a", "2:1 b"}},
		"empty lines":    {"\r\n\n" + a + "\n\n\n  " + b, []string{"3:1 a", "6:3 b"}},
		"over lines":     {"{\n\"method\":\n\"a\"}\n " + b, []string{"1:1 a", "4:2 b"}},
		"a line of nine": {strings.Repeat(a+"\n", 9), []string{"1:1 a", "2:1 a", "3:1 a", "4:1 a", "5:1 a", "6:1 a", "7:1 a", "8:1 a", "9:1 a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range decodeAll(t, test.input) {
				got = append(got, strings.TrimPrefix(r.Pos.String(), "calls.json:")+" "+r.Method)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error("-want +got:\n", diff)
			}
		})
	}
}

func TestRecordIsThereBeforeItsInputEnds(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		_, _ = w.Write([]byte(`{"method":"a"}`))
		// The pipe stays open: only a decoder that waits for more would hang here.
	}()
	got, err := record.NewDecoder("stdin", r).Next()
	if err != nil || got.Method != "a" {
		t.Errorf("Next() = %v, %v, want the record of method a", got, err)
	}
	w.Close()
}

func TestMistakesSayWhereTheyStand(t *testing.T) {
	tests := map[string]struct{ input, want string }{
		"misspelt key": {
			"{\n  \"method\": \"a\",\n  \"srevice\": \"nfs1\"\n}",
			`calls.json:3:3: srevice: unknown field (did you mean "service"?)`},
		"letter case": {`{"Method":"a"}`, `calls.json:1:2: Method: unknown field (did you mean "method"?)`},
		"twice":       {`{"method":"a","method":"b"}`, `calls.json:1:15: method: given twice`},
		"wrong type":  {`{"method":7}`, `calls.json:1:11: method: want string, got number`},
		"no method":   {"\n {}", `calls.json:2:2: method: missing: want the name of the driver's method`},
		"all at once": {
			"{\"methd\":\"a\",\n\"tick\":1.5,\n\"error\":[]}",
			`calls.json:1:2: methd: unknown field (did you mean "method"?)
calls.json:2:8: tick: want integer, got 1.5
calls.json:3:9: error: want object, got list`},
		"a list":           {`[1]`, `calls.json:1:1: want a call record, which is an object, got list`},
		"time":             {`{"method":"a","at":"noon"}`, `calls.json:1:20: at: want a time such as "2026-11-23T10:00:00Z", got "noon"`},
		"time is a number": {`{"method":"a","at":1}`, `calls.json:1:20: at: want string, got number`},
		"expect":           {`{"method":"a","expect":"completed"}`, `calls.json:1:24: expect: want object, got string`},
		"expect, twice":    {`{"method":"a","expect":{"a":{"b":1,"b":2}}}`, `calls.json:1:36: expect.a.b: given twice`},
		"result of a tick": {`{"method":"periodic","result":{}}`, `calls.json:1:1: result: a "periodic" record has none: its shares are args.shares`},
		"too deep":         {strings.Repeat("[", 10_001), `calls.json:1:10001: nested deeper than 10 000 objects and lists`},
		"tick of a call":   {`{"method":"a","tick":2}`, `calls.json:1:1: tick: only a "periodic" record has a tick, this one is "a"`},
		"silent error":     {`{"method":"a","error":{}}`, `calls.json:1:1: error.message: missing: want what the driver said`},
		"context":          {`{"method":"a","context":{"a":{"b":1,"b":2}}}`, `calls.json:1:37: context.a.b: given twice`},
		"not JSON":         {"{\"method\":\n  a}", `calls.json:2:3: not JSON: invalid character 'a' looking for beginning of value`},
		"not JSON, second": {"{\"method\":\"a\"}\n}", `calls.json:2:1: not JSON: invalid character '}' looking for beginning of value`},
		"cut off":          {"{\"method\":\n\"a\"", `calls.json:2:4: the record is not complete: unexpected end of input`},
		"not UTF-8":        {"{\"method\":\n\"caf\xe9\"}", `calls.json:2:5: want UTF-8 text, got another encoding`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := record.NewDecoder("calls.json", strings.NewReader(test.input))
			var err error
			for err == nil {
				_, err = d.Next()
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error("-want +got:\n", diff)
			}
		})
	}
}

func TestWhatADriverOrACallerMayGiveIsRead(t *testing.T) {
	for text, want := range map[string]record.Record{
		`{"method":"a","error":{"message":""}}`: {Method: "a", Error: &record.Failure{}},
		`{"method":"periodic","tick":-2}`:       {Method: "periodic", Tick: -2},
		`{"method":"periodic","tick":0}`:        {Method: "periodic"},
	} {
		got := *decodeAll(t, text)[0]
		got.Pos = record.Position{}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(record.Raw{})); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
}

func TestTimesAreReadAsManilaWritesThem(t *testing.T) {
	type snapshot struct {
		Created time.Time  `json:"created_at"`
		Updated *time.Time `json:"updated_at"`
	}
	second := time.Date(2015, 9, 18, 10, 25, 24, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`"2015-09-18T10:25:24Z"`:             second,
		`"2015-09-18T10:25:24.533287Z"`:      second.Add(533287 * time.Microsecond),
		`"2015-09-18T12:25:24+02:00"`:        second,
		`"2015-09-18T10:25:24.000000"`:       second,
		`"2015-09-18T10:25:24.533287"`:       second.Add(533287 * time.Microsecond),
		`"2015-09-18T10:25:24"`:              second,
		`"2015-09-18 10:25:24"`:              second,
		`"2015-09-18 10:25:24.533287"`:       second.Add(533287 * time.Microsecond),
		`"2015-09-18 10:25:24.533287+00:00"`: second.Add(533287 * time.Microsecond),
		`null`:                               {},
	} {
		r := decodeAll(t, `{"method":"a","at":`+text+`,"args":{"created_at":`+text+`,"updated_at":`+text+`}}`)[0]
		v, err := r.Args.Decode(reflect.TypeFor[snapshot](), "args")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := v.(snapshot)
		if !got.Created.Equal(want) || !r.At.Equal(want) || text != "null" && !got.Updated.Equal(want) || text == "null" && got.Updated != nil {
			t.Errorf("%s reads as %v, %v and at %v, want %v", text, got.Created, got.Updated, r.At, want)
		}
	}
	for _, text := range []string{`"noon"`, `"2015-09-18"`, `"10:25:24"`, `"2015-09-18T10:25:24 UTC"`, `"2015-13-18T10:25:24"`, `""`} {
		if _, err := record.NewDecoder("calls.json", strings.NewReader(`{"method":"a","at":`+text+`}`)).Next(); err == nil {
			t.Errorf("%s is read as a time", text)
		}
	}
}

func TestRequestIDIsThatOfTheContext(t *testing.T) {
	for text, want := range map[string]string{
		`{"method":"a","context":{"request_id":"req-1"}}`:            "req-1",
		`{"method":"a","context":{"request_id":9007199254740993}}`:   "9007199254740993",
		`{"method":"a","context":{"request_id":null,"user_id":"u"}}`: "",
		`{"method":"a"}`: "",
	} {
		if got := decodeAll(t, text)[0].RequestID(); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestRecordAfterAMistakenOneIsRead(t *testing.T) {
	d := record.NewDecoder("calls.json", strings.NewReader("{\"metod\":\"a\"}\n{\"method\":\"b\"}"))
	if _, err := d.Next(); err == nil {
		t.Fatal("the first record has no error")
	}
	r, err := d.Next()
	if err != nil || r.Method != "b" || r.Pos.Line != 2 {
		t.Errorf("Next() = %+v, %v, want the record on line 2", r, err)
	}
}

func TestReadErrorNamesTheInput(t *testing.T) {
	_, err := record.NewDecoder("calls.json", failing{}).Next()
	if want := "read calls.json: disk gone"; err == nil || err.Error() != want || !errors.Is(err, errGone) {
		t.Errorf("got %v, want %v", err, want)
	}
}

var errGone = errors.New("disk gone")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errGone }

type location struct {
	Path      string `json:"path"`
	Preferred bool   `json:"preferred"`
}

type common struct {
	ID   string         `json:"id"`
	Meta map[string]any `json:"metadata"`
}

type share struct {
	common
	*Extra
	Size      int64      `json:"size"`
	Small     int8       `json:"small"`
	Count     uint       `json:"count"`
	Ratio     float64    `json:"ratio"`
	Locations []location `json:"export_locations"`
	Created   time.Time  `json:"created_at"`
	Parent    *share     `json:"parent"`
	Any       any        `json:"any"`
	Number    json.Number
	Key       []byte            `json:"key"`
	Labels    map[string]string `json:"labels"`
	Hidden    string            `json:"-"`
	Pair      [2]location       `json:"pair" lua:"both"`
	Address   net.IP            `json:"address"`
}

type Extra struct {
	Note string `json:"note"`
}

func TestDecodeReadsTypedValues(t *testing.T) {
	text := ` {"id":"s-1", "note":"n", "metadata":{"n":9007199254740993,"l":[],"m":{},"z":null,"t":[true,"x"]},
	 "size":9007199254740993, "small":-128, "count":18446744073709551615, "ratio":1.5e3,
	 "export_locations":[{"path":"/a","preferred":true},{}], "created_at":"2026-11-23T10:00:00Z",
	 "parent":{"id":"p"}, "any":1.10, "Number":12345678901234567890, "key":"aGk=", "labels":{"k":"é\n"}} `
	got, err := record.Raw{JSON: json.RawMessage(text)}.Decode(reflect.TypeFor[share](), "args")
	if err != nil {
		t.Fatal(err)
	}
	want := share{
		common: common{ID: "s-1", Meta: map[string]any{
			"n": json.Number("9007199254740993"), "l": []any{}, "m": map[string]any{}, "z": nil, "t": []any{true, "x"},
		}},
		Extra: &Extra{Note: "n"},
		Size:  9007199254740993, Small: -128, Count: 18446744073709551615, Ratio: 1500,
		Locations: []location{{Path: "/a", Preferred: true}, {}},
		Created:   time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Parent:    &share{common: common{ID: "p"}},
		Any:       json.Number("1.10"), Number: "12345678901234567890", Key: []byte("hi"), Labels: map[string]string{"k": "é\n"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(share{})); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

// quoting has fields that encoding/json writes as strings by their tags, and one that writes itself as a text.
type quoting struct {
	Size   int64         `json:"size,string"`
	Ratio  float64       `json:",omitempty,string"`
	On     bool          `json:"on,string"`
	Text   string        `json:"text,string"`
	Number json.Number   `json:"number,string"`
	Parent *int          `json:"parent,string"`
	None   *string       `json:"none,string"`
	Took   time.Duration `json:"took,string"`
	Level  level         `json:"level,string"`
}

// level is written as "12!".
type level int

func (l level) MarshalText() ([]byte, error) { return []byte(strconv.Itoa(int(l)) + "!"), nil }

func (l *level) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(strings.TrimSuffix(string(text), "!"))
	*l = level(n)
	return err
}

func TestValuesInQuotesAreReadAsTheStandardLibraryWritesThem(t *testing.T) {
	seven := 7
	want := quoting{20, 1.5, true, `a "text"`, "12", &seven, nil, time.Second, 3}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		string(text),
		`{"size":20,"Ratio":1.5,"on":true,"text":"a \"text\"","number":12,"parent":7,"none":null,"took":1000000000,"level":"3!"}`,
	} {
		got, err := record.Raw{JSON: json.RawMessage(text)}.Decode(reflect.TypeFor[quoting](), "args")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
	r := decodeAll(t, `{"method":"grow","args":{"size":"1.5","on":"yes","Ratio":"x"}}`)[0]
	_, err = r.Args.Decode(reflect.TypeFor[quoting](), "args")
	wrong := "calls.json:1:34: args.size: want integer, got 1.5\ncalls.json:1:44: args.on: want boolean, got string\n" +
		"calls.json:1:58: args.Ratio: want number, got string"
	if err == nil || err.Error() != wrong {
		t.Errorf("got %v, want %s", err, wrong)
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	tests := map[string]struct{ args, want string }{
		"misspelt":      {`{"szie":3}`, `1:28: args.szie: unknown field (did you mean "size"?)`},
		"far off":       {`{"colour":3}`, `1:28: args.colour: unknown field`},
		"hidden":        {`{"Hidden":3}`, `1:28: args.Hidden: unknown field`},
		"letter case":   {`{"Size":3}`, `1:28: args.Size: unknown field (did you mean "size"?)`},
		"of scripts":    {`{"both":[]}`, `1:28: args.both: unknown field: scripts call it so, and records "pair", by its json tag`},
		"too many":      {`{"pair":[{},{},{}]}`, `1:35: args.pair: want 2 items, got 3`},
		"too few":       {`{"pair":[{}]}`, `1:35: args.pair: want 2 items, got 1`},
		"in an array":   {`{"pair":[{},{"pth":1}]}`, `1:40: args.pair[2].pth: unknown field (did you mean "path"?)`},
		"own text":      {`{"address":"x"}`, `1:38: args.address: "x" does not fit: invalid IP address: x`},
		"twice":         {`{"size":3,"size":4}`, `1:37: args.size: given twice`},
		"deep":          {`{"parent":{"export_locations":[{},{"pth":1}]}}`, `1:62: args.parent.export_locations[2].pth: unknown field (did you mean "path"?)`},
		"string":        {`{"id":3}`, `1:33: args.id: want string, got number`},
		"integer":       {`{"size":"3"}`, `1:35: args.size: want integer, got string`},
		"fraction":      {`{"size":1.0}`, `1:35: args.size: want integer, got 1.0`},
		"exponent":      {`{"size":1e3}`, `1:35: args.size: want integer, got 1e3`},
		"too large":     {`{"small":128}`, `1:36: args.small: 128 does not fit int8`},
		"below zero":    {`{"count":-1}`, `1:36: args.count: -1 does not fit uint`},
		"float range":   {`{"ratio":1e999}`, `1:36: args.ratio: 1e999 does not fit float64`},
		"boolean":       {`{"export_locations":[{"preferred":1}]}`, `1:61: args.export_locations[1].preferred: want boolean, got number`},
		"list":          {`{"export_locations":{}}`, `1:47: args.export_locations: want list, got object`},
		"record":        {`[]`, `1:27: args: want object, got list`},
		"map":           {`{"metadata":"x"}`, `1:39: args.metadata: want object, got string`},
		"bytes":         {`{"key":"?"}`, `1:34: args.key: want bytes as a base64 string, got string`},
		"number":        {`{"Number":"1"}`, `1:37: args.Number: want number, got string`},
		"all of them":   {`{"id":1,"size":true}`, "1:33: args.id: want string, got number\ncalls.json:1:42: args.size: want integer, got boolean"},
		"rest still ok": {`{"bad":{"x":["}",{}],"y":"\"]"},"size":{}}`, "1:28: args.bad: unknown field\ncalls.json:1:66: args.size: want integer, got object"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := decodeAll(t, `{"method":"grow","args" : `+test.args+`}`)[0]
			got, err := r.Args.Decode(reflect.TypeFor[share](), "args")
			if err == nil {
				t.Fatalf("got %+v, want an error", got)
			}
			if diff := cmp.Diff("calls.json:"+test.want, err.Error()); diff != "" {
				t.Error("-want +got:\n", diff)
			}
			var errs record.Errors
			if !errors.As(err, &errs) || errs[0].Pos.File != "calls.json" {
				t.Errorf("errors.As(%T) does not find where it stands", err)
			}
		})
	}
}

func TestDecodeWithoutTypeIsFreeForm(t *testing.T) {
	tests := map[string]struct {
		text string
		want any
	}{
		"object": {`{"a":{"b":[1,2.50,null]}}`, map[string]any{"a": map[string]any{"b": []any{json.Number("1"), json.Number("2.50"), nil}}}},
		"string": {`"x"`, "x"},
		"null":   {`null`, nil},
		"absent": {``, nil},
		"number": {`-0`, json.Number("-0")},
		"false":  {`false`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := record.Raw{JSON: json.RawMessage(test.text)}.Decode(nil, "result")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error("-want +got:\n", diff)
			}
		})
	}
}

func TestStringsAreReadAsTheStandardLibraryReadsThem(t *testing.T) {
	for _, text := range []string{`""`, `"x"`, `"é<&> "`, `"a\"b\\"`, `"\n\u00e9\ud83d\ude00\ud83d"`, "\"\xff\xc3\"", "\"\x7f\u2028\""} {
		var want string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		got, err := record.Raw{JSON: json.RawMessage(text)}.Decode(reflect.TypeFor[string](), "result")
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestDecodeOfAbsentAndNullIsZero(t *testing.T) {
	for _, text := range []string{"", "null", "{}", `{"id":null,"size":null,"parent":null,"created_at":null,"metadata":null}`} {
		got, err := record.Raw{JSON: json.RawMessage(text)}.Decode(reflect.TypeFor[share](), "args")
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(share{}, got, cmp.AllowUnexported(share{})); diff != "" {
			t.Errorf("%q: -want +got:\n%s", text, diff)
		}
	}
}

func TestDecodeOfBrokenTextIsAnError(t *testing.T) {
	_, err := record.Raw{JSON: json.RawMessage(`{"a":`)}.Decode(nil, "args")
	if err == nil || !strings.Contains(err.Error(), "args: not JSON") {
		t.Errorf("got %v, want an error that says so", err)
	}
}

func encode(w io.Writer, r *record.Record) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

func TestEncodeIsOneLineWithEveryDigit(t *testing.T) {
	var got bytes.Buffer
	for _, r := range decodeAll(t, snapshot+`{"method":"periodic","tick":3,"context":{},"args":{"shares":[ ]},"error":{"message":"<no>","code":"e"}}`) {
		if err := encode(&got, r); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"service":"nfs1","method":"create_snapshot","at":"2026-11-23T10:00:00Z",` +
		`"context":{"attempt":9007199254740993,"request_id":"req-1"},"args":{"snapshot":{"id":"s-1"},"share_server":null},` +
		`"result":{"provider_location":"/snap/s-1"},"error":null}` + "\n" +
		`{"method":"periodic","context":{},"tick":3,"args":{"shares":[]},"error":{"message":"<no>","code":"e"}}` + "\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

func TestEncodeOfBrokenTextIsAnError(t *testing.T) {
	var out bytes.Buffer
	err := encode(&out, &record.Record{Method: "a", Args: record.Raw{JSON: json.RawMessage("{")}})
	if err == nil || out.Len() > 0 {
		t.Errorf("got %v and %q, want an error and no output", err, out.String())
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(snapshot)
	f.Add(`{"method":"periodic","tick":3,"args":{"shares":[{"id":"s","size":1e3}]},"error":{"message":"m","code":null}}{}`)
	f.Add(`{"method":"a","args":{"size":1,"parent":{"metadata":{"a":[[],{},null,-0.0]}},"created_at":"2026-11-23T10:00:00+05:30"}}`)
	f.Add(`{"method":"\u00e9\ud800","at":"0000-01-01T00:00:00Z","context":{"\\":"\"]}"}} ,`)
	f.Fuzz(func(t *testing.T, input string) {
		d := record.NewDecoder("fuzz", strings.NewReader(input))
		for {
			r, err := d.Next()
			if err != nil {
				return
			}
			_, _ = r.Args.Decode(reflect.TypeFor[share](), "args")
			free, err := r.Result.Decode(nil, "result")

			var line bytes.Buffer
			if err := encode(&line, r); err != nil {
				t.Fatalf("encode what was decoded: %v", err)
			}
			if n := bytes.Count(line.Bytes(), []byte("\n")); n != 1 {
				t.Fatalf("%d line ends in %q, want one", n, line.String())
			}
			again, errAgain := record.NewDecoder("again", &line).Next()
			if errAgain != nil {
				t.Fatalf("decode what was encoded: %v", errAgain)
			}
			freeAgain, errAgain := again.Result.Decode(nil, "result")
			if (err == nil) != (errAgain == nil) {
				t.Fatalf("result: first %v, then %v", err, errAgain)
			}
			again.Pos, again.Args, again.Result = r.Pos, compacted(again.Args), compacted(again.Result)
			r.Args, r.Result = compacted(r.Args), compacted(r.Result)
			if diff := cmp.Diff(r, again, cmpopts.IgnoreUnexported(record.Raw{})); diff != "" {
				t.Fatal("decoded again: -first +second:\n", diff)
			}
			if diff := cmp.Diff(free, freeAgain); diff != "" {
				t.Fatal("result decoded again: -first +second:\n", diff)
			}
		}
	})
}

func compacted(r record.Raw) record.Raw {
	var b bytes.Buffer
	if !r.IsZero() && json.Compact(&b, r.JSON) == nil {
		return record.Raw{JSON: b.Bytes()}
	}
	return record.Raw{}
}

func decodeAll(t *testing.T, input string) []*record.Record {
	t.Helper()
	var all []*record.Record
	for d := record.NewDecoder("calls.json", strings.NewReader(input)); ; {
		r, err := d.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
}
