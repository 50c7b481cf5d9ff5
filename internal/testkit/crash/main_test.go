// Package crash proves what the engine promises about processes that are killed: of a call that a hook has begun, what
// was begun is undone or finished, once; and an event is sent if and only if what it tells of has happened.
//
// A process makes calls from many goroutines, with hooks of every kind around a driver, in one store. It writes down
// when a call begins, what the driver did and what the caller was answered, and is killed at a random moment. The next
// one goes on with the store. From time to time one comes to its end, and a model says what must be in the store then,
// and what must have come to the sinks. The second test does the same to the command, hookrun run --live.
package crash

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/cli"
)

var (
	kills    = flag.Int("crash.kills", 8, "how many processes are killed")
	commands = flag.Int("crash.commands", 3, "how many commands are killed")
	fixed    = flag.Uint64("crash.seed", 0, "seed of what happens; 0 for a random one")
)

// What a process is to be, in its environment.
const (
	jobVariable     = "HOOKRUN_CRASH"         // one that is to be killed, with its job
	commandVariable = "HOOKRUN_CRASH_COMMAND" // the command hookrun
)

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(jobVariable); ok {
		var j job
		err := json.Unmarshal([]byte(text), &j)
		if err == nil {
			err = j.live()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	if _, ok := os.LookupEnv(commandVariable); ok {
		cli.Main(cli.Options{})
	}
	flag.Parse()
	goleak.VerifyTestMain(m)
}
