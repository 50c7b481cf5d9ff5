package tape

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/ratio"
)

func TestMaskedFieldsAreHiddenWhereverTheyStand(t *testing.T) {
	for name, tt := range map[string]struct{ masks, line, want string }{
		"none":             {"", `{"args":{"a":"text"}}`, `{"args":{"a":"text"}}`},
		"other":            {"args.b", `{"args":{"a":"text"}}`, `{"args":{"a":"text"}}`},
		"by its path":      {"args.a", `{"args":{"a":"text","b":"x"},"a":"y"}`, `{"args":{"a":"***","b":"x"},"a":"y"}`},
		"anywhere":         {"**.a", `{"args":{"x":{"a":"text"}},"a":"y","b":1}`, `{"args":{"x":{"a":"***"}},"a":"***","b":1}`},
		"between":          {"**.x.**.a", `{"args":{"x":{"a":"text","y":{"a":"more"}},"a":"y"}}`, `{"args":{"x":{"a":"***","y":{"a":"***"}},"a":"y"}}`},
		"all":              {"**", `{"method":"grow","args":{"a":"text"},"recorded":{"outcome":"completed","result":1}}`, `{"method":"grow","args":{"a":"***"},"recorded":{"outcome":"completed","result":0}}`},
		"glob":             {"*.key_*", `{"args":{"key_1":"text","k":"y"}}`, `{"args":{"key_1":"***","k":"y"}}`},
		"in a list":        {"args.rules.key", `{"args":{"rules":[{"key":"abc"},{"key":"def","k":1}]}}`, `{"args":{"rules":[{"key":"***"},{"key":"***","k":1}]}}`},
		"whole value":      {"args", `{"args":{"a":["text",12,true,null,false,0,""]}}`, `{"args":{"a":["***",0,false,null,false,0,""]}}`},
		"boolean":          {"context.admin", `{"context":{"admin":true,"other":true}}`, `{"context":{"admin":false,"other":true}}`},
		"boolean in JSON":  {"**.admin", `{"context":{"body":"{\"admin\":true,\"n\":1}"}}`, `{"context":{"body":"{\"admin\":false,\"n\":1}"}}`},
		"time":             {"**.at", `{"args":{"at":"2026-11-29T10:00:00Z"}}`, `{"args":{"at":"0001-01-01T00:00:00Z"}}`},
		"what came of it":  {"args.a,result.b", `{"recorded":{"args":{"a":"text"},"result":{"b":"more"},"steps":[{"returned":{"b":"other"}}]}}`, `{"recorded":{"args":{"a":"***"},"result":{"b":"***"},"steps":[{"returned":{"b":"***"}}]}}`},
		"elsewhere":        {"context.token", `{"context":{"token":"s3cret"},"args":{"m":"it is s3cret","url":"https://x?t=s3cret&u=1","s3cret":1}}`, `{"context":{"token":"***"},"args":{"m":"it is ***","url":"https://x?t=***&u=1","***":1}}`},
		"time elsewhere":   {"args.at", `{"args":{"at":"2026-11-29T10:00:00Z","t":"2026-11-29T10:00:00Z","u":"at 2026-11-29T10:00:00Z"}}`, `{"args":{"at":"0001-01-01T00:00:00Z","t":"0001-01-01T00:00:00Z","u":"at ***"}}`},
		"in a time":        {"args.name", `{"args":{"name":"2026","t":"2026-11-29T10:00:00Z"}}`, `{"args":{"name":"***","t":"0001-01-01T00:00:00Z"}}`},
		"JSON in a text":   {"**.token", `{"args":{"body":"{\"token\": \"s3cret\", \"n\":1}"}}`, `{"args":{"body":"{\"token\":\"***\",\"n\":1}"}}`},
		"other JSON":       {"**.token", `{"args":{"body":"{\"tok\": 1}"}}`, `{"args":{"body":"{\"tok\": 1}"}}`},
		"number":           {"args.pin", `{"args":{"pin":123456,"other":123456,"text":"pin 123456","short":12}}`, `{"args":{"pin":0,"other":0,"text":"pin ***","short":12}}`},
		"short number":     {"args.n", `{"args":{"n":7,"other":7}}`, `{"args":{"n":0,"other":7}}`},
		"brackets":         {"**.key", `{"args":{"a":"]},{","key":"a\"b\\c"}}`, `{"args":{"a":"]},{","key":"***"}}`},
		"state":            {"**.token", inStep(`"effects":[{"kind":"state","key":"token","value":"text"}]`), inStep(`"effects":[{"kind":"state","key":"token","value":"***"}]`)},
		"change":           {"result.list.key", inStep(`"changes":[{"op":"replace","path":"/list/0/key","old":"before","value":"after"}]`), inStep(`"changes":[{"op":"replace","path":"/list/0/key","old":"***","value":"***"}]`)},
		"change above":     {"args.a.key", inStep(`"changes":[{"op":"add","path":"/a","value":{"key":"text","k":"y"}}]`), inStep(`"changes":[{"op":"add","path":"/a","value":{"key":"***","k":"y"}}]`)},
		"change by digits": {"args.m.*.key", inStep(`"dropped":{"changes":[{"op":"replace","path":"/m/1234/0/key","old":"before","value":"after"}]}`), inStep(`"dropped":{"changes":[{"op":"replace","path":"/m/1234/0/key","old":"***","value":"***"}]}`)},
		"change of all":    {"result", inStep(`"changes":[{"op":"replace","path":"","old":"before","value":"after"}]`), inStep(`"changes":[{"op":"replace","path":"","old":"***","value":"***"}]`)},
		"escaped change":   {"args.a/b", inStep(`"dropped":{"changes":[{"op":"add","path":"/a~1b","value":"text"}]}`), inStep(`"dropped":{"changes":[{"op":"add","path":"/a~1b","value":"***"}]}`)},
		"in a path":        {"**.token", `{"args":{"token":"s3/cr~t\""},"recorded":{"steps":[{"changes":[{"op":"add","path":"/tags/s3~1cr~0t\"","value":1}]}]}}`, `{"args":{"token":"***"},"recorded":{"steps":[{"changes":[{"op":"add","path":"/tags/***","value":1}]}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := maskedCall(tt.masks, tt.line); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// inStep is a line of a call with something in a step.
func inStep(text string) string { return `{"recorded":{"steps":[{` + text + `}]}}` }

// maskedCall is a line of a call as it is masked, with commas between the masks.
func maskedCall(masks, line string) string {
	var all []string
	if masks != "" {
		all = strings.Split(masks, ",")
	}
	return string(newFieldMasks(all).masked([]byte(line), callPart, nil, nil))
}

func TestASecretIsHiddenWholeWhereAPartOfItStandsInAHiddenField(t *testing.T) {
	secrets := mask.New([]string{"sk_live_abcdef0123"})
	for line, want := range map[string]string{
		`{"args":{"name":"live","k":"sk_live_abcdef0123"}}`:     `{"args":{"name":"***","k":"***"}}`,
		`{"args":{"name":"live","k":"a sk_live_abc... live"}}`:  `{"args":{"name":"***","k":"a ***... ***"}}`,
		`{"args":{"name":"0123-x","k":"sk_live_abcdef0123-x"}}`: `{"args":{"name":"***","k":"***"}}`,
	} {
		got := string(newFieldMasks([]string{"**.name"}).masked([]byte(line), callPart, nil, secrets))
		if got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

func TestMasksLeaveAloneWhatIsTheTapesOwn(t *testing.T) {
	// What a client names a share is hidden, and stands in much of what the tape says by itself.
	const call = `{"service":"NAME","method":"NAME","at":"2026-11-29T10:00:00Z","tick":123456,"context":{"user":"NAME"},` +
		`"args":{"share":{"name":"NAME","size":123456}},"result":"NAME","error":{"message":"NAME","code":"NAME"},` +
		`"recorded":{"generation":123456,"id":"NAME-1","duration_ns":123456,"outcome":"NAME","driver":{"called":true,"error":{"kind":"NAME","message":"NAME"}},` +
		`"steps":[{"hook":"NAME","script":"NAME","phase":"NAME","status":"NAME","duration_ns":123456,"instructions":123456,"returned":{"share":"NAME"},` +
		`"changes":[{"op":"NAME","path":"/NAME","value":"NAME"}],"dropped":{"of":"NAME","why":"NAME","changes":[{"op":"NAME","path":"/NAME"}],"note":"NAME"},` +
		`"logs":[{"level":"NAME","message":"NAME","fields":{"share":1}}],"effects":[{"kind":"NAME","op":"NAME","sent":"NAME","measure":"NAME","id":"NAME","key":"NAME"}],` +
		`"error":{"kind":"NAME","message":"NAME","code":"NAME","hook":"NAME","script":"NAME","phase":"NAME","line":123456,"traceback":"NAME"},` +
		`"answers":[{"kind":"NAME","ask":"NAME","value":{"status":123456,"body":"NAME"},"instructions":123456,"error":{"kind":"NAME","code":"NAME","message":"NAME"}},` +
		`{"kind":"NAME","value":[{"v":"NAME"}]},{"kind":"NAME","value":"2026-11-29T10:00:00Z"}]}],` +
		`"args":{"share":{"name":"NAME","size":123456}},"result":null,"error":null}}`
	const want = `{"service":"NAME","method":"NAME","at":"2026-11-29T10:00:00Z","tick":123456,"context":{"user":"***"},` +
		`"args":{"share":{"name":"***","size":0}},"result":"***","error":{"message":"***","code":"***"},` +
		`"recorded":{"generation":123456,"id":"NAME-1","duration_ns":123456,"outcome":"NAME","driver":{"called":true,"error":{"kind":"NAME","message":"***"}},` +
		`"steps":[{"hook":"NAME","script":"NAME","phase":"NAME","status":"NAME","duration_ns":123456,"instructions":123456,"returned":{"share":"***"},` +
		`"changes":[{"op":"NAME","path":"/***","value":"***"}],"dropped":{"of":"NAME","why":"NAME","changes":[{"op":"NAME","path":"/***"}],"note":"***"},` +
		`"logs":[{"level":"NAME","message":"***","fields":{"share":1}}],"effects":[{"kind":"NAME","op":"NAME","sent":"NAME","measure":"NAME","id":"***","key":"***"}],` +
		`"error":{"kind":"NAME","message":"***","code":"***","hook":"NAME","script":"NAME","phase":"NAME","line":123456,"traceback":"***"},` +
		`"answers":[{"kind":"NAME","ask":"***","value":{"status":0,"body":"***"},"instructions":123456,"error":{"kind":"NAME","code":"NAME","message":"***"}},` +
		`{"kind":"NAME","value":[{"v":"***"}]},{"kind":"NAME","value":"2026-11-29T10:00:00Z"}]}],` +
		`"args":{"share":{"name":"***","size":0}},"result":null,"error":null}}`
	for _, name := range []string{"payroll", "args", "method", "recorded", "completed", "steps", "answers", "value", "body", "message", "duration_ns"} {
		if got := maskedCall("args.share.name,args.share.size", strings.ReplaceAll(call, "NAME", name)); got != strings.ReplaceAll(want, "NAME", name) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, strings.ReplaceAll(want, "NAME", name))
		}
	}
	if got := maskedCall("args.share.name", strings.ReplaceAll(call, "NAME", "2026")); !strings.HasPrefix(got, `{"service":"2026","method":"2026","at":"2026-11-29T10:00:00Z"`) {
		t.Errorf("got %s, want the time of the call as it was", got)
	}
	const header = `{"tape":1,"service":"nfs1","generation":3,"at":"2026-11-29T10:00:00Z","zone":"UTC","scripts":[{"path":"a.lua","sha256":"00"}],` +
		`"objects":{"path":["path"]},"load":[{"hook":"path","answers":[{"kind":"http","ask":"GET /s3cret","value":{"status":200,"body":"{\"path\":\"s3cret\"}"}}]}]}`
	got := string(newFieldMasks([]string{"**.path", "at", "service", "**.hook"}).masked([]byte(header), headerPart, nil, mask.New([]string{"nfs1", "a.lua"})))
	if want := strings.ReplaceAll(header, "s3cret", "***"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestKeysThatAreNamesOfFieldsAreLeft(t *testing.T) {
	type base struct{ Host string }
	type rule struct {
		AccessTo string `json:"access_to,omitempty"`
	}
	names := newFieldNames()
	names.add(reflect.TypeFor[*struct {
		base
		Rules map[string][]rule `json:"rules"`
		Same  *rule
	}]())
	const line = `{"args":{"rules":{"payroll":[{"access_to":"NAME"}]},"Host":"NAME","Same":"NAME","metadata":{"payroll":"NAME"}}}`
	for _, name := range []string{"access_to", "rules", "Host", "Same"} {
		got := string(newFieldMasks([]string{"**.metadata.*"}).masked([]byte(strings.ReplaceAll(line, "NAME", name)), callPart, names.standIns, nil))
		if want := strings.ReplaceAll(line, "NAME", "***"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	got := string(newFieldMasks([]string{"**.metadata.*"}).masked([]byte(strings.ReplaceAll(line, "NAME", "payroll")), callPart, names.standIns, nil))
	if want := strings.ReplaceAll(strings.ReplaceAll(line, "NAME", "***"), "payroll", "***"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// id is a text that has to be a digit.
type id [1]byte

func (i id) MarshalText() ([]byte, error) { return []byte{'0' + i[0]}, nil }
func (i *id) UnmarshalText(text []byte) error {
	if i[0] = text[0] - '0'; i[0] > 9 {
		return errors.New("want a digit")
	}
	return nil
}

func TestWhatIsMaskedStillFitsItsTypeAndIsFoundAsScriptsSeeIt(t *testing.T) {
	type secret struct {
		Key   []byte            `json:"key"`
		Keys  map[string][]byte `json:"keys"`
		Pin   int               `json:"pin,string"`
		Yes   bool              `json:"yes,omitempty,string"`
		Addr  netip.Addr        `json:"addr"`
		Addrs []*netip.Addr     `json:"addrs"`
		ID    id                `json:"id"`
		At    time.Time         `json:"at"`
		Text  string            `json:"text"`
		Any   any               `json:"any"`
	}
	addr := netip.MustParseAddr("10.20.30.40")
	is := secret{
		[]byte("raw bytes"), map[string][]byte{"a": []byte("more bytes")}, 987654, true, addr, []*netip.Addr{&addr}, id{7},
		time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC), "some text", []byte("any bytes"),
	}
	names := newFieldNames()
	names.add(reflect.TypeOf(is))
	in, err := json.Marshal(is)
	if err != nil {
		t.Fatal(err)
	}
	line := `{"args":` + string(in) + `,"a":"raw bytes, more bytes, any bytes","n":987654,"message":"pin 987654, some *** text"}`
	masks := newFieldMasks([]string{"args"})
	got := masks.masked([]byte(line), callPart, names.standIns, nil)
	const want = `{"args":{"key":"","keys":{"a":""},"pin":"0","yes":"false","addr":"","addrs":[""],"id":"0","at":"0001-01-01T00:00:00Z","text":"***","any":"***"},` +
		`"a":"***, ***, ***","n":0,"message":"pin ***, some *** text"}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var back struct{ Args secret }
	if err := json.Unmarshal(got, &back); err != nil {
		t.Errorf("what is masked: %v", err)
	}
	line = `{"result":{"key":"` + base64.StdEncoding.EncodeToString([]byte("the key is some secret")) + `"},"args":{"text":"some secret"}}`
	got = newFieldMasks([]string{"args.text"}).masked([]byte(line), callPart, names.standIns, nil)
	if want := `{"result":{"key":""},"args":{"text":"***"}}`; string(got) != want {
		t.Errorf("elsewhere: got %s, want %s", got, want)
	}
	// The engine has hidden the secret of the config in what it tells of the same text.
	line = `{"args":{"text":"user:s3cret:more"},"recorded":{"steps":[{"logs":[{"message":"got user:***:more"}]}]}}`
	got = newFieldMasks([]string{"args.text"}).masked([]byte(line), callPart, nil, mask.New([]string{"s3cret"}))
	if want := `{"args":{"text":"***"},"recorded":{"steps":[{"logs":[{"message":"got ***"}]}]}}`; string(got) != want {
		t.Errorf("beside a secret: got %s, want %s", got, want)
	}
}

func TestAValueOfAnyDepthIsMasked(t *testing.T) {
	// Were a path compared with all masks at each of its names, this would take hours.
	const deep = 20_000
	line := `{"args":` + strings.Repeat(`{"recorded":`, deep) + `{"key":"text"}` + strings.Repeat("}", deep) + "}"
	if got, want := maskedCall("**.key,**.a.**.b.**.c", line), strings.Replace(line, "text", "***", 1); got != want {
		t.Errorf("got a line of %d bytes, want one of %d", len(got), len(want))
	}
}

// keyedTick is the line of a tick of shares that have one access rule each, with a key.
func keyedTick(shares int) []byte {
	var list strings.Builder
	for i := range shares {
		fmt.Fprintf(&list, `,{"id":"share-%06d","access_rules":[{"access_to":"user-%06d","access_key":"AQBSdFhcGSQwLRAA%06d=="}]}`, i, i, i)
	}
	args := `{"shares":[` + list.String()[1:] + `]}`
	return []byte(`{"service":"nfs1","method":"periodic","args":` + args + `,"recorded":{"args":` + args + `}}`)
}

func TestATickOfManySharesIsMaskedInOnePass(t *testing.T) {
	long.Only(t)
	// Were each key looked for by itself, this would take many minutes.
	const shares = 12_000
	got := newFieldMasks([]string{"**.access_key"}).masked(keyedTick(shares), callPart, nil, nil)
	if bytes.Contains(got, []byte("AQBS")) || bytes.Count(got, []byte(`"access_key":"***"`)) != 2*shares {
		t.Errorf("got %d keys that are masked, want %d", bytes.Count(got, []byte(`"***"`)), 2*shares)
	}
}

// BenchmarkMasking compares a share in a tick of four thousand with one in a tick of a thousand.
func BenchmarkMasking(b *testing.B) {
	few, many, masks := keyedTick(1000), keyedTick(4000), newFieldMasks([]string{"**.access_key"})
	ratio.Compare(b, func() {
		for range 4 {
			masks.masked(few, callPart, nil, nil)
		}
	}, func() { masks.masked(many, callPart, nil, nil) })
}

func FuzzMaskedFields(f *testing.F) {
	f.Add("**.a", `{"a":"secret-1","b":["secret-1",{"a":[1,2,{}]}],"c":"{\"a\":\"x\"}"}`)
	f.Add("args.*", `{"args":{"x":12345},"changes":[{"path":"/x/1","value":{}}]}`)
	f.Fuzz(func(t *testing.T, path, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		var line bytes.Buffer
		if json.Compact(&line, []byte(text)) != nil {
			return
		}
		for _, of := range []*part{callPart, headerPart, nil} {
			if got := newFieldMasks([]string{path}).masked(line.Bytes(), of, nil, mask.New([]string{text})); !json.Valid(got) {
				t.Errorf("masking %s of %s: got %s, want JSON", path, line.Bytes(), got)
			}
		}
	})
}
