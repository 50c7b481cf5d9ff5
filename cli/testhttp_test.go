package cli

import (
	"fmt"
	"strings"
	"testing"
)

// A hook whose settings say nothing of allow_http reaches what its test answers, however that is written, and nothing
// else.
func TestAHookReachesWhatItsTestAnswers(t *testing.T) {
	var rows strings.Builder
	for url, answered := range map[string]string{
		"https://a.example.org?id=1":     "https://a.example.org?id=1",
		"https://a.example.org/x":        "https://*/x",
		"https://a.example.org/y":        "*",
		"https://a.example.org/z":        "https://a.example.org*",
		"https://a.example.org:8443/x":   "https://a.example.org:*/x",
		"https://[2001:db8::1]:80/x":     "https://*:80/*",
		"http://10.0.0.5/x":              "http://10.0.0.*",
		"http://localhost:8080/x#part":   "http://localhost:8080/*",
		"https://b.example.org/anything": "",
	} {
		fmt.Fprintf(&rows, "  { %q, %q },\n", url, answered)
	}
	inFolder(t, map[string]string{
		"q.lua": "function pre.create_share_instance(call)\n  local answer, err = http.request({ method = \"POST\", url = call.context.url })\n" +
			"  log.info(answer and answer.status or err.message)\nend\n",
		"q_test.lua": "test.table(\"url\", {\n" + rows.String() + `}, function(t, row)
  t.http("GET", "https://other.example.org/", { status = 200 })
  if row[2] ~= "" then t.http("*", row[2], { status = 201 }) end
  local got = t.call({ method = "create_share_instance", context = { url = row[1] } })
  local want = row[2] ~= "" and "201" or "POST " .. row[1] .. ": no answer to it was given"
  t.expect(got.logs[1].message):is(want)
end)
`,
	})
	if status, out := hookrun("test", "-v"); status != statusOK {
		t.Errorf("exit status %d, want 0:\n%s", status, out)
	}
}
