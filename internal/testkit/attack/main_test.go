// Package attack proves what the engine promises about hostile scripts. Each script of testdata is put into a process
// of its own, with a real engine, hooks that stand by and calls that go on meanwhile, and what the script did to all of
// that is judged from the inside and from the outside.
//
// The first line of a script says what a safe engine does with it:
//
//	-- expect: killed      stopped by its timeout, instructions or memory
//	-- expect: error       an ordinary error of the script
//	-- expect: reject      refused when it is loaded
//	-- expect: rejected    the call is refused, by the script's own reject
//	-- expect: contained   anything, as long as nothing else is touched
//	-- expect: ok          runs
//	-- expect: true        its last part returns true
//
// Alternatives are divided by |, and any other word begins a remark. More lines of that form may follow:
//
//	-- uses: luar          wants the host objects of host_test.go
//	-- uses: effects       has a store with a sink, and http, as effects_test.go makes them
//	-- as: hook            is a whole hook; else it runs once as a top level and once as the body of a pre function
//	-- driver: fails       the driver returns an error
//	-- change_args         the hook may change the arguments
//	-- calls: 20           so many calls, of which the last one counts
//	-- memory: 512         its max_memory in MiB, in place of 64
//	-- timeout: 5s         in place of 200 ms
//
// The soak of soak_test.go lets these scripts attack among many other calls, in one process, and knows of every call
// what must come of it: it proves that nothing gets lost and nothing grows.
//
// A line --8<-- NAME begins another script of the same VM, a hook of its own; where NAME is below lib/ it is a module.
package attack

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// jobVariable holds, in the environment of a process that is to run one attack, what to run.
const jobVariable = "HOOKRUN_ATTACK"

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(jobVariable); ok {
		if err := attackAlone(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	if text, ok := os.LookupEnv(hoardVariable); ok {
		if err := hoardAlone(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	flag.Parse()
	goleak.VerifyTestMain(m)
}
