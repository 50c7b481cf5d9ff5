package replay

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/tape"
)

// recorded reads what came of a call; what is not said is that it completed.
func recorded(t *testing.T, text string) *tape.Recorded {
	t.Helper()
	r := &tape.Recorded{Outcome: tape.Completed, Driver: tape.Driver{Called: true}}
	if err := json.Unmarshal([]byte(text), r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func TestDifferences(t *testing.T) {
	const (
		small    = `{"outcome":"rejected","driver":{"called":false},"error":{"kind":"rejected","message":"share s-1 is larger than 5","hook":"quota","phase":"pre"}}`
		smaller  = `{"outcome":"rejected","driver":{"called":false},"error":{"kind":"rejected","message":"share s-1 is larger than 4","hook":"quota","phase":"pre"}}`
		coded    = `{"outcome":"rejected","driver":{"called":false},"error":{"kind":"rejected","message":"any text","code":"quota","hook":"quota","phase":"pre"}}`
		broken   = `{"outcome":"failed","driver":{"called":false},"error":{"kind":"script","message":"no","hook":"a","phase":"pre"}}`
		late     = `{"outcome":"failed","error":{"kind":"script","message":"no","hook":"a","phase":"post"}}`
		driver   = `{"outcome":"failed","error":{"kind":"driver","message":"disk full"}}`
		internal = `{"outcome":"failed","driver":{"called":false},"error":{"kind":"internal","message":"closed"}}`
	)
	step := func(fields string) string { return `{"steps":[{"hook":"a","phase":"post",` + fields + `}]}` }
	event := func(fields string) string { return step(`"effects":[` + fields + `]`) }
	for name, tt := range map[string]struct {
		then, now string
		want      string // of each difference: kind, hooks, what it is about
	}{
		"none":                    {`{}`, `{}`, ``},
		"ends otherwise":          {`{}`, small, "outcome [quota] completed → rejected: share # is larger than #"},
		"refuses with a code":     {`{}`, coded, "outcome [quota] completed → rejected: quota"},
		"fails on the other side": {broken, late, "outcome [a] failed before the driver: no → failed after the driver: no"},
		"fails in the driver":     {late, driver, "outcome [a] failed after the driver: no → failed in the driver: disk full"},
		"fails in the engine":     {driver, internal, "outcome [] failed in the driver: disk full → failed in the engine: closed [internal]"},
		"nothing else is told where it ends otherwise": {`{"result":{"a":1}}`, small, "outcome [quota] completed → rejected: share # is larger than #"},

		"another figure":      {small, smaller, "error [quota] share # is larger than #, in other words"},
		"a suppressed error":  {step(`"error":null`), step(`"error":{"kind":"script","message":"no"}`), "error [a] post: no error → no"},
		"an error is gone":    {step(`"error":{"kind":"type","message":"no"}`), step(`"error":null`), "error [a] post: no [type] → no error"},
		"an error moves":      {step(`"error":{"message":"no","line":1,"traceback":"x"}`), step(`"error":{"message":"no","line":2,"traceback":"y"}`), ``},
		"a hook is gone":      {step(`"error":{"message":"no","kind":"script"}`), `{}`, "error [a] post: no → no error"},
		"logs are no part":    {step(`"logs":[{"level":"info","message":"a"}]`), step(`"logs":[]`), ``},
		"nor what pre hands":  {step(`"returned":1`), step(`"returned":2`), ``},
		"nor instructions":    {step(`"instructions":1`), step(`"instructions":2`), ``},
		"nor ids of events":   {event(`{"kind":"event","type":"x","id":"0198b5a0-0001-7abc-8def-0123456789ab"}`), event(`{"kind":"event","type":"x","id":"nfs1-12-1"}`), ``},
		"nor order of events": {event(`{"kind":"event","type":"x"},{"kind":"event","type":"y"}`), event(`{"kind":"event","type":"y"},{"kind":"event","type":"x"}`), ``},

		"a value":         {`{"result":{"size":1}}`, `{"result":{"size":2}}`, "result [] result.size"},
		"a number's form": {`{"result":{"size":1}}`, `{"result":{"size":1.0}}`, ``},
		"a key more":      {`{"result":{}}`, `{"result":{"a b":2}}`, `result [] result["a b"] is there now`},
		"a key less":      {`{"args":{"a":1}}`, `{"args":{}}`, "args [] args.a is gone"},
		"items":           {`{"result":{"l":[{"p":1},{"p":2}]}}`, `{"result":{"l":[{"p":3},{"p":4}]}}`, "result [] result.l[*].p"},
		"no driver, no args": {
			`{"outcome":"rejected","driver":{"called":false},"args":{"a":1},"error":{"message":"m"}}`,
			`{"outcome":"rejected","driver":{"called":false},"args":{"a":2},"error":{"message":"m"}}`, ``,
		},
		"whose change": {
			`{"result":{"l":[{"p":1}]},"steps":[{"hook":"a","phase":"post","changes":[{"op":"replace","path":"/l/0/p","value":1}]},{"hook":"b","phase":"post","changes":[{"op":"replace","path":"/m","value":1}]}]}`,
			`{"result":{"l":[{"p":2}]},"steps":[{"hook":"a","phase":"post","changes":[{"op":"replace","path":"/l/0/p","value":2}]},{"hook":"b","phase":"post","changes":[{"op":"replace","path":"/m","value":1}]}]}`,
			"result [a] result.l[*].p",
		},

		"an event more":       {event(``), event(`{"kind":"event","type":"share.created"}`), "effect [a] post: event share.created is there now"},
		"an event less":       {event(`{"kind":"event","type":"share.created"}`), event(``), "effect [a] post: event share.created is gone"},
		"other data":          {event(`{"kind":"event","type":"x","data":{"n":1}}`), event(`{"kind":"event","type":"x","data":{"n":2}}`), "effect [a] post: event x.data.n"},
		"another id":          {event(`{"kind":"event","type":"x","id":"s-1 pre"}`), event(`{"kind":"event","type":"x","id":"s-1 post"}`), "effect [a] post: event x.id"},
		"an id of its own":    {event(`{"kind":"event","type":"x","id":"nfs1-12-1"}`), event(`{"kind":"event","type":"x","id":"s-1"}`), "effect [a] post: event x.id is there now"},
		"another type":        {event(`{"kind":"event","type":"x"}`), event(`{"kind":"event","type":"y"}`), "effect [a] post: event x → event y"},
		"one of two events":   {event(`{"kind":"event","type":"x","data":1},{"kind":"event","type":"x","data":2}`), event(`{"kind":"event","type":"x","data":2}`), "effect [a] post: event x is gone"},
		"another value":       {event(`{"kind":"state","op":"set","state":"q","key":"p1","value":1}`), event(`{"kind":"state","op":"set","state":"q","key":"p1","value":2}`), "effect [a] post: state q #.value"},
		"deleted, not set":    {event(`{"kind":"state","op":"set","state":"q","key":"k","value":1}`), event(`{"kind":"state","op":"delete","state":"q","key":"k"}`), "effect [a] post: state q k.op|effect [a] post: state q k.value is gone"},
		"another request":     {event(`{"kind":"http","method":"GET","url":"https://a/x"}`), event(`{"kind":"http","method":"GET","url":"https://a/y"}`), "effect [a] post: GET https://a/x → GET https://a/y"},
		"another id asked":    {event(`{"kind":"http","method":"GET","url":"https://a/7"}`), event(`{"kind":"http","method":"GET","url":"https://a/8"}`), "effect [a] post: GET #.url"},
		"a metric":            {event(`{"kind":"metric","measure":"count","name":"n","value":1}`), event(`{"kind":"metric","measure":"count","name":"n","value":2}`), "effect [a] post: count n.value"},
		"another phase's run": {`{"steps":[{"hook":"a","phase":"pre","effects":[{"kind":"event","type":"x"}]}]}`, event(`{"kind":"event","type":"x"}`), "effect [a] pre: event x is gone|effect [a] post: event x is there now"},
	} {
		found, err := Differences(recorded(t, tt.then), recorded(t, tt.now))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, d := range found {
			got = append(got, string(d.Kind)+" ["+strings.Join(d.Hooks, " ")+"] "+d.About)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestMessagesAreOneWithoutTheirFigures(t *testing.T) {
	for message, want := range map[string]string{
		"share s-1 is larger than 500 GiB":             "share # is larger than # GiB",
		`no owner "ada" in "x y"`:                      `no owner "…" in "…"`,
		"at 2026-11-23T10:00:00Z":                      "at #",
		"https://cmdb.example.org/racks/7: timeout":    "# timeout",
		"attempt to index local 'owner' (a nil value)": "attempt to index local 'owner' (a nil value)",
		"größer als ½":                                 "größer als #",
		"a\x1b[31mb":                                   `a\x1b[#`,
		"":                                             "",
	} {
		if got := general(message); got != want {
			t.Errorf("%q: got %q, want %q", message, got, want)
		}
	}
	if got := general(strings.Repeat("long ", 1000)); len(got) > 200 {
		t.Errorf("got %d bytes of a long message", len(got))
	}
}

// FuzzDifferences: whatever a tape says of a call, comparing it with itself finds nothing, and with another ends well.
func FuzzDifferences(f *testing.F) {
	for _, text := range []string{
		`{"outcome":"completed","result":{"a":[1,{"b":null}]},"steps":[{"hook":"a","phase":"post","changes":[{"op":"add","path":"/a/-","value":1}]}]}`,
		`{"outcome":"failed","error":{"kind":"type","message":"x","hook":"h"},"steps":[{"effects":[{"kind":"event","type":"t","data":{}}]}]}`,
		`{"steps":[{"hook":"a","phase":"pre","changes":[{"op":"x","path":"a~2/~"}],"effects":[{"kind":"state"},{"kind":"http"},{"kind":"metric"}]}],"args":[]}`,
	} {
		f.Add([]byte(text), []byte(`{"outcome":"completed","driver":{"called":true}}`))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var then, again, now tape.Recorded
		if json.Unmarshal(a, &then) != nil || json.Unmarshal(a, &again) != nil || json.Unmarshal(b, &now) != nil {
			return
		}
		same, err := Differences(&then, &again)
		if err == nil && len(same) > 0 {
			t.Errorf("%s differs from itself: %+v", a, same)
		}
		found, err := Differences(&then, &now)
		if err != nil {
			return
		}
		var tally Tally
		tally.Add(&Call{Then: &then, Now: &now, Differences: found})
		if r := tally.Report(); r.Differing == 0 != (len(found) == 0) || len(r.Differences) > len(found) {
			t.Errorf("%d differences make %d groups", len(found), len(r.Differences))
		}
	})
}
