package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/secrets"
)

// The commands are run for a config with each planted secret in its options and sinks, which a script tells in every
// way.
var secretFiles = map[string]string{
	"config.toml": `
[store]
path = "db"
[sinks.ops]
type = "webhook"
url = "https://ops.example.org/hook?token=${file:../safe}#${file:../safe}"
secret = "${file:secret}"
[sinks.own]
type = "own"
url = "https://h/${file:secret}"
path = "${file:secret}"
events = ["${file:glob}*"]
[defaults]
change_args = true
suppress_pre_errors = true
suppress_post_errors = true
[[services.nfs1.hooks]]
script = "tells.lua"
options = { s = "${file:secret}", in = { lists = ["x${file:secret}y"] } }
[[services.nfs1.hooks]]
script = "fails.lua"
suppress_post_errors = false
options = { s = "${file:secret}" }
[[services.nfs1.hooks]]
script = "rejects.lua"
options = { s = "${file:secret}" }
`,
	"tells.lua": `
log.info("loaded with " .. options.s, { k = options["in"].lists })
function pre.create_share_instance(call)
  log.warn(options.s, { [options.s] = { options.s, json.encode(options.s) } })
  events.publish("x", { list = { options.s }, [options.s] = 1 }, { id = "one" })
  pcall(events.publish, "x", {}, { subject = options.s })
  state.set("k", options.s)
  call.args.share.name = options.s
  call.args.share.metadata[options.s] = { "x" .. options.s }
  return { options.s, [options.s] = 1 }
end
function pre.extend_share(call) error("failed: " .. options.s) end
function post(call, result)
  call.args.share.name = options.s
  log.info(tostring(call.pre_error))
  if call.method == "create_share_instance" then result.export_locations = { { path = options.s } } end
end
`,
	"fails.lua":   `function post.extend_share() error({ message = "no: " .. options.s, code = options.s }) end`,
	"rejects.lua": `function pre.delete_share_instance(call) reject("no: " .. options.s, options.s) end`,
	"broken.toml": `
[sinks.a]
type = "${file:secret}"
events = ["[${file:secret}"]
url = "${file:secret}"
timeout = "${file:secret}"
[[services.nfs1.hooks]]
script = "refused.lua"
options = { s = "${file:secret}" }
`,
	"refused.toml": "[[services.nfs1.hooks]]\nscript = \"refused.lua\"\noptions = { s = \"${file:secret}\" }",
	"refused.lua":  `error("will not load: " .. options.s)`,
	"live.toml": `
[store]
path = "db"
[sinks.log]
type = "log"
[sinks.ops]
type = "webhook"
url = "http://127.0.0.1:1/hook?token=${file:../safe}"
secret = "${file:secret}"
[[services.nfs1.hooks]]
script = "acts.lua"
options = { s = "${file:secret}" }
`,
	"acts.lua": `
function pre.extend_share(call)
  pcall(state.set, options.s, options.s)
  state.set("k", { list = { options.s }, [options.s] = "x" .. options.s })
  events.publish("x", { list = { options.s }, [options.s] = 1 }, { id = "one", when = "always" })
  pcall(events.publish, "x", "x" .. options.s, { subject = options.s, id = options.s, when = "always" })
  return { list = { options.s }, [options.s] = 1 }
end
function failed.extend_share() error("no: " .. options.s) end
`,
	"live.json": `{"method": "extend_share", "args": {"share": {"id": "s-1"}, "new_size": 2}, "error": {"message": "no"}}`,
	"glob":      "glob-secret",
	"../safe":   "query-secret",
}

func TestNoSecretIsPrinted(t *testing.T) {
	long.Only(t)
	for i, secret := range secrets.Planted {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			dir := t.TempDir() + "/config"
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			files := map[string]string{"secret": secret + "\n"}
			for name, text := range secretFiles {
				files[name] = text
			}
			quoted, err := json.Marshal(secret)
			if err != nil {
				t.Fatal(err)
			}
			files["calls.json"] = `
{"method": "create_share_instance", "args": {"share": {"id": "s-1", "metadata": {}}}, "result": {"export_locations": []},
  "expect": {"args": {"share": {"name": ` + string(quoted) + `}}}}
{"method": "extend_share", "args": {"share": {"id": "s-1"}, "new_size": 2}}
{"method": "extend_share", "args": {"share": {"id": "s-1"}, "new_size": 2}, "error": {"message": ` + string(quoted) + `, "code": "c"}}
{"method": "delete_share_instance", "args": {"share": {"id": "s-1"}}, "expect": {"error": {"code": "x"}}}`
			for name, text := range files {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, args := range []string{
				"run calls.json", "run --json calls.json", "list", "list --full", "list --json", "check --load", "check --json --load", "run -c broken.toml calls.json",
				"check -c broken.toml", "check -c broken.toml --json", "check -c refused.toml --load", "list -c refused.toml", "run -c refused.toml calls.json",
				"run --live -c live.toml live.json", "run --live --json -c live.toml live.json", "state list -c live.toml nfs1 acts",
				"state list -c live.toml nfs1 acts --json", "state get -c live.toml nfs1 acts k", "outbox list -c live.toml --json",
				"outbox show -c live.toml one", "outbox show -c live.toml one --json", "store calls -c live.toml", "store calls -c live.toml --json",
			} {
				var out, errors bytes.Buffer
				status := Run(ofShares, strings.Fields(args), strings.NewReader(""), &out, &errors)
				text := out.String() + errors.String()
				secrets.WantNone(t, text)
				if strings.Contains(text, "query-secret") || strings.Contains(text, "glob-secret") {
					t.Errorf("hookrun %s shows another secret:\n%s", args, text)
				}
				if !strings.Contains(text, "***") {
					t.Errorf("hookrun %s: got status %d, and nothing is masked:\n%s", args, status, text)
				}
				if args == "run calls.json" && !strings.Contains(text, "as expected\n") {
					t.Errorf("a record that expects a secret is not met:\n%s", text)
				}
			}
			for _, args := range []string{
				"state list", "state list --json", "outbox list", "outbox stats", "outbox stats --json", "outbox retry --all", "store check", "store close x",
			} {
				var out bytes.Buffer
				Run(ofShares, append(strings.Fields(args), "-c", "live.toml"), strings.NewReader(""), &out, &out)
				secrets.WantNone(t, out.String())
			}
		})
	}
}
