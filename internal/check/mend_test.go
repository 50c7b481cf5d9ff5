package check_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// What is meant by another word is asked for, and not mended: it may be another field or function that there is.
func TestWhatIsNoSlipIsNotMended(t *testing.T) {
	for _, line := range []string{
		`return call.args.share.tenant_id`, `return call.args.share.share_size`, `return call.args.share_size`, `return call.args.share.share_name`,
		`return call.args.share.user_id`, `return call.args.share.share.size`, `return crypto.hmac_sha512("k", "x")`, `return crypto.base32("x")`,
		`return bit.xor(6, 3)`, `return bit.ror(6, 3)`, `return math.sign(-5)`, `return math.log2(8)`, `return table.move({}, 1, 1, 1, {})`,
		`return call.method == "create_share_from_snapshot"`, `return call.error`, `raise("too large")`,
	} {
		src := []byte("function pre.create_share_instance(call)\n  " + line + "\nend\n")
		found := check.Check("a.lua", src, schema(t, "testdata/lib"))
		if len(found) != 1 || found[0].Fix != nil {
			t.Errorf("%s: got %+v, want a mistake that is not mended", line, found)
		}
	}
}

// Whatever is mended, a script stays Lua that the engine loads as before, has no mistakes that it did not have, but for
// those that hid behind one that was mended, and nothing is left for a second time.
func TestFixesDoNoHarm(t *testing.T) {
	long.Only(t)
	mended := 0
	for _, folder := range []string{"testdata", "testdata/seeded", "testdata/config", "testdata/fixes", "testdata/good", "testdata/lib", "../../scripts/examples"} {
		scripts, err := filepath.Glob(filepath.Join(folder, "*.lua"))
		if err != nil || len(scripts) == 0 {
			t.Fatal("no scripts in", folder, err)
		}
		for _, file := range scripts {
			sc := schema(t, filepath.Join(folder, "lib"))
			sc.Waits = []string{"mailer"}
			for name, options := range map[string]map[string]any{
				"a": {"max_size": 1, "repeat": 2, "max-gib": 3, "max_gib": 4},
				"b": {"max_size": 1, "max_gigas": 2},
			} {
				use := used(filepath.Base(file), options)
				use.Name, use.Concurrent = name, 1
				sc.Uses = append(sc.Uses, use)
			}
			src := read(t, file)
			before := check.Check(file, src, sc)
			after, n := mend(src, before, file)
			if mended += n; n == 0 {
				continue
			}
			left := check.Check(file, after, sc)
			if fresh := fresh(before, left); len(fresh) > 0 {
				t.Errorf("%s: new mistakes:\n%v\nin:\n%s", file, fresh, after)
			}
			if again, n := mend(after, left, file); n > 0 {
				t.Errorf("%s: %d fixes are left, and would make of it:\n%s", file, n, again)
			}
			if err := loads(src, sc); err == nil {
				if err := loads(after, sc); err != nil {
					t.Errorf("%s: %v\n%s", file, err, after)
				}
			}
		}
	}
	if mended < 40 {
		t.Errorf("%d mistakes were mended, want 40 or more", mended)
	}
}

// fresh returns what was found after fixes alone, but for what hid behind a mistake that was mended, on its line.
func fresh(before, after []check.Finding) (all []check.Finding) {
	known, mended := map[string]int{}, map[int]bool{}
	for _, f := range before {
		known[fmt.Sprintf("%s [%s]", f, f.Code)]++
		mended[f.Line] = mended[f.Line] || f.Fix != nil
	}
	for _, f := range after {
		message := fmt.Sprintf("%s [%s]", f, f.Code)
		hidden := mended[f.Line] && f.Code != "syntax" && f.Code != "defined-twice"
		if known[message]--; known[message] < 0 && !hidden {
			all = append(all, f)
		}
	}
	return all
}

// loads tells why the engine does not load a script; nil where it does.
func loads(src []byte, sc check.Schema) error {
	files := fstest.MapFS{"a.lua": {Data: src}}
	for name, m := range sc.Modules {
		files["lib/"+name+".lua"] = &fstest.MapFile{Data: m.Source}
	}
	hook := config.DefaultHook("a.lua")
	hook.Options = map[string]any{"max_size": 1, "max_gib": 3, "label": "x"}
	cfg := &config.Config{FS: files, Services: map[string]config.Service{"nfs1": {Hooks: []config.Hook{hook}}}}
	eng, err := engine.New(cfg, "nfs1", engine.Options{Methods: sc.Methods, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return eng.Close()
}

// mend mends a file with what was found in it, and in the modules that it requires.
func mend(src []byte, found []check.Finding, file string) ([]byte, int) {
	return check.Mend(src, slices.DeleteFunc(slices.Clone(found), func(f check.Finding) bool { return f.File != file }))
}

// Where the right name is one of several, or not a name of Lua's, a mistake is told and not mended.
func TestOnlyWhatIsCertainIsMended(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"a field of several records", "function pre.create_share_instance(call) return call.args.size end", ""},
		{"a field of one record", "function pre.extend_share(call) return call.args.backend_details end",
			"function pre.extend_share(call) return call.args.share_server.backend_details end"},
		{"a path in brackets", `function pre.extend_share(call) return call.args["backend_details"] end`, ""},
		{"a path for a method", "function pre.extend_share(call) return call.args:backend_details() end", ""},
		{"a path that is assigned to", "function pre.extend_share(call) call.args.backend_details = {} end", ""},
		{"a name in brackets", `function pre.extend_share(call) return call.args.share["szie"] end`,
			`function pre.extend_share(call) return call.args.share["size"] end`},
		{"an option", "return options.max_gibs .. options.min_gib", ""},
		{"a definition that is there", "pre = { init_hos = print, init_host = print }", ""},
		{"two definitions for one", "pre = { init_hos = print, init_hst = print }", "pre = { init_host = print, init_hst = print }"},
		{"two functions for one", "function finaly() end function finallly() end", "function finaly() end function finally() end"},
		{"a function beside those for methods", "function finally.init_host() end function finaly() end", ""},
		{"a function beside a local variable", "local finally = 1 function finaly() end return finally", ""},
		{"nil that would be called", "return undefined()", ""},
		{"self in no method", "return this", ""},
		{"a host object that is not known here", `return stats.get("x")`, ""},
		{"one with methods", "return mail:Send()", ""},
		{"one that is changed", "string_.x = 1", ""},
		{"one whose functions are not", "local get = stats.get return get", ""},
		{"a table that every script has", "return optoins.max_gib", "return options.max_gib"},
		{"a variable with the name of a library", "local string = {} return strng.x", "local string = {} return string.x"},
		{"a library as a value", "return strng", "return string"},
		{"a function", `rejcet("x")`, `reject("x")`},
		{"a variable in its own declaration", "local limit = limt return limit", ""},
		{"a variable that is declared later", "print(limt) local limit = 1 return limit", ""},
		{"a variable", "local limit = 1 print(limt) return limit", "local limit = 1 print(limit) return limit"},
	} {
		sc := schema(t, "")
		sc.Uses = []check.Use{used("a.lua", map[string]any{"max_gib": 1})}
		got, n := check.Mend([]byte(tt.source), check.Check("a.lua", []byte(tt.source), sc))
		if tt.want == "" && n > 0 || tt.want != "" && string(got) != tt.want {
			t.Errorf("%s: %d fixes\n got %s\nwant %s", tt.name, n, got, tt.want)
		}
	}
}

// What a module does with globals may be for another script than the one that requires it here.
func TestGlobalsOfModulesMayBeForOtherScripts(t *testing.T) {
	sc := schema(t, "")
	sc.Modules["util"] = check.Module{File: "lib/util.lua", Source: []byte(
		"function prep(name) return name:lower() end\nfunction setup()\n  limit = 5\n  print(limit)\nend\nfunction trim(text) return tostrng(text) end\n")}
	src := []byte("require(\"util\")\nfunction pre.create_share_instance(call)\n  setup()\n  log.info(trim(call.args.share.name))\nend\n")
	var got []string
	for _, f := range check.Check("a.lua", src, sc) {
		got = append(got, fmt.Sprintf("%s [%s]", f, f.Code))
		if f.Fix != nil {
			t.Errorf("%s: a fix of a module", f)
		}
	}
	want := `lib/util.lua:6: undefined global "tostrng" (did you mean "tostring"?) [undefined-global]`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got:\n%s\nwant:\n%s", text, want)
	}
}
