package tape

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestMaskedFieldsAreHiddenWhereverTheyStand(t *testing.T) {
	for name, tt := range map[string]struct{ masks, line, want string }{
		"none":            {"", `{"args":{"a":"text"}}`, `{"args":{"a":"text"}}`},
		"other":           {"args.b", `{"args":{"a":"text"}}`, `{"args":{"a":"text"}}`},
		"by its path":     {"args.a", `{"args":{"a":"text","b":"x"},"a":"y"}`, `{"args":{"a":"***","b":"x"},"a":"y"}`},
		"anywhere":        {"**.a", `{"args":{"x":{"a":"text"}},"a":"y","b":1}`, `{"args":{"x":{"a":"***"}},"a":"***","b":1}`},
		"glob":            {"*.key_*", `{"args":{"key_1":"text","k":"y"}}`, `{"args":{"key_1":"***","k":"y"}}`},
		"in a list":       {"args.rules.key", `{"args":{"rules":[{"key":"abc"},{"key":"def","k":1}]}}`, `{"args":{"rules":[{"key":"***"},{"key":"***","k":1}]}}`},
		"whole value":     {"args", `{"args":{"a":["text",12,true,null,false,0,""]}}`, `{"args":{"a":["***",0,false,null,false,0,""]}}`},
		"time":            {"**.at", `{"at":"2026-11-29T10:00:00Z"}`, `{"at":"0001-01-01T00:00:00Z"}`},
		"what came of it": {"args.a,result.b", `{"recorded":{"args":{"a":"text"},"result":{"b":"more"},"steps":[{"returned":{"b":"other"}}]}}`, `{"recorded":{"args":{"a":"***"},"result":{"b":"***"},"steps":[{"returned":{"b":"***"}}]}}`},
		"change":          {"result.list.key", `{"changes":[{"op":"replace","path":"/list/0/key","old":"before","value":"after"}]}`, `{"changes":[{"op":"replace","path":"/list/0/key","old":"***","value":"***"}]}`},
		"change above":    {"args.a.key", `{"changes":[{"op":"add","path":"/a","value":{"key":"text","k":"y"}}]}`, `{"changes":[{"op":"add","path":"/a","value":{"key":"***","k":"y"}}]}`},
		"escaped change":  {"args.a/b", `{"changes":[{"op":"add","path":"/a~1b","value":"text"}]}`, `{"changes":[{"op":"add","path":"/a~1b","value":"***"}]}`},
		"state":           {"**.token", `{"effects":[{"kind":"state","key":"token","value":"text"}]}`, `{"effects":[{"kind":"state","key":"token","value":"***"}]}`},
		"elsewhere":       {"context.token", `{"context":{"token":"s3cret"},"m":"it is s3cret","url":"https://x?t=s3cret&u=1"}`, `{"context":{"token":"***"},"m":"it is ***","url":"https://x?t=***&u=1"}`},
		"in a path":       {"**.token", `{"token":"s3/cr~t\"","changes":[{"op":"add","path":"/tags/s3~1cr~0t\"","value":1}]}`, `{"token":"***","changes":[{"op":"add","path":"/tags/***","value":1}]}`},
		"JSON in a text":  {"**.token", `{"body":"{\"token\": \"s3cret\", \"n\":1}"}`, `{"body":"{\"token\":\"***\",\"n\":1}"}`},
		"other JSON":      {"**.token", `{"body":"{\"tok\": 1}"}`, `{"body":"{\"tok\": 1}"}`},
		"number":          {"args.pin", `{"args":{"pin":123456},"other":123456,"text":"pin 123456","short":12}`, `{"args":{"pin":0},"other":0,"text":"pin ***","short":12}`},
		"short number":    {"args.n", `{"args":{"n":7},"other":7}`, `{"args":{"n":0},"other":7}`},
		"brackets":        {"**.key", `{"a":"]},{","key":"a\"b\\c"}`, `{"a":"]},{","key":"***"}`},
	} {
		t.Run(name, func(t *testing.T) {
			var masks []string
			if tt.masks != "" {
				masks = strings.Split(tt.masks, ",")
			}
			if got := string(newFieldMasks(masks).apply([]byte(tt.line))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
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
		if got := newFieldMasks([]string{path}).apply(line.Bytes()); !json.Valid(got) {
			t.Errorf("masking %s of %s: got %s, want JSON", path, line.Bytes(), got)
		}
	})
}
