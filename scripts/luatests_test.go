package scripts_test

import (
	"bytes"
	"flag"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/cli"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/share"
)

var mutants = flag.Int("mutants", 20, "how many changes to the examples their tests have to notice, nine of ten")

var ofShares = cli.Options{Methods: share.Methods(), Shares: reflect.TypeFor[share.Share]()}

// hookrunTest runs the tests of the examples, and returns what is said of them.
func hookrunTest(t *testing.T, flags ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	args := append([]string{"test", "-c", "../config.toml.example"}, flags...)
	if status := cli.Run(ofShares, args, strings.NewReader(""), &out, &errs); status != 0 {
		t.Errorf("hookrun %s: got status %d\n%s%s", strings.Join(args, " "), status, &out, &errs)
	}
	return out.String()
}

func TestTestsOfExamplesPassInAnyOrder(t *testing.T) {
	long.Only(t)
	out := hookrunTest(t, "--shuffle", "on")
	for _, ex := range examples {
		for _, h := range ex.hooks {
			if tests := strings.TrimSuffix(h.Script, ".lua") + "_test.lua"; !strings.Contains(out, tests) {
				t.Errorf("got no tests of %s in %s, want some\n%s", h.Script, tests, out)
			}
		}
	}
}

func TestTestsOfExamplesNoticeChanges(t *testing.T) {
	long.Only(t)
	t.Log(hookrunTest(t, "--mutate-sample", strconv.Itoa(*mutants), "--mutate-min", "90"))
}
