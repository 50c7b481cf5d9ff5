package attack

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

var (
	hoards  = flag.Int("attack.hoards", 0, "how many generated scripts hoard memory, in settings of all kinds; 0 for five small ones in a small process")
	oneSeed = flag.Uint64("attack.hoard", 0, "the seed of the only generated script that is to hoard memory")
)

// TestHoardingScriptsStayWithinTheirLimits lets generated scripts hoard and waste memory, under limits of all sizes, in
// processes of their own: no process grows by more than the limit and a grace, and no call comes back late.
func TestHoardingScriptsStayWithinTheirLimits(t *testing.T) {
	long.Only(t)
	if raceEnabled || peakMemory() == 0 {
		t.Skip("memory is not measured here")
	}
	settings := []struct {
		name  string
		share int // of the scripts, in ten
		env   []string
		job   hoardJob
		known uint64 // the seed of a script that was too much once; 0 for none
	}{
		{name: "small limits", share: 4, job: hoardJob{Most: 32 << 20}},
		{name: "small process", share: 3, job: hoardJob{Most: 2 << 30}, known: 1<<32 + 124}, // holes between texts of many lengths
		{name: "large process", share: 1, job: hoardJob{Most: 2 << 30, Ballast: 4 << 30}},
		{name: "collector off", share: 2, env: []string{"GOGC=off", "GOMEMLIMIT=8GiB"}, job: hoardJob{Most: 1 << 30}, known: 3<<32 + 362}, // holes that nothing gives back
	}
	for i, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			from := uint64(i) << 32
			to := from + uint64((*hoards*s.share+9)/10)
			switch {
			case *oneSeed != 0 && *oneSeed>>32 != uint64(i):
				t.Skip("a seed of another setting")
			case *oneSeed != 0:
				from, to = *oneSeed, *oneSeed+1
			case *hoards == 0 && s.name == "collector off":
				from, to = s.known, s.known+1
			case *hoards == 0 && i > 0:
				t.Skip("scripts that hoard gigabytes run by make attack")
			case *hoards == 0:
				to = from + 5
			}
			const together = 40 // scripts in a process
			for ; from < to; from += together {
				s.job.Folder, s.job.From, s.job.To = t.TempDir(), from, min(from+together, to)
				runHoards(t, s.job, s.env)
			}
			if *hoards > 0 && s.known >= to {
				s.job.Folder, s.job.From, s.job.To = t.TempDir(), s.known, s.known+1
				runHoards(t, s.job, s.env)
			}
		})
	}
}

// runHoards runs some scripts in a process, and those again whose only fault may be that others were at work.
func runHoards(t *testing.T, job hoardJob, env []string) {
	t.Helper()
	for _, h := range launchHoards(t, job, env) {
		for attempt := 1; len(h.Faults) > 0 && attempt < attempts && h.Took < unexplained; attempt++ {
			again := job
			again.From, again.To = h.Seed, h.Seed+1
			if all := launchHoards(t, again, env); len(all) == 1 {
				h = all[0]
			}
		}
		t.Logf("seed %d: limit %d MiB, grew by %d; timeout %v, took %v, machine slower by %.1f: %.100s",
			h.Seed, h.Limit>>20, h.Peak>>20, h.Timeout, h.Took.Round(time.Millisecond), h.Slow, h.Kind)
		if len(h.Faults) > 0 {
			t.Errorf("seed %d: %q\n%s", h.Seed, h.Faults, h.Source)
		}
	}
}

func launchHoards(t *testing.T, job hoardJob, env []string) (all []hoard) {
	t.Helper()
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = slices.Concat(os.Environ(), []string{hoardVariable + "=" + string(text), "GOTRACEBACK=single"}, env)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("from seed %d on: %v; %s", job.From, err, lastWords(errs.String()))
	}
	for lines := json.NewDecoder(&out); ; {
		var h hoard
		if err := lines.Decode(&h); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Error(err)
			break
		}
		all = append(all, h)
	}
	if len(all) != int(job.To-job.From) {
		t.Errorf("got %d verdicts of %d: the script of seed %d ended the process:\n%s", len(all), job.To-job.From, job.From+uint64(len(all)),
			newHoard(job.From+uint64(len(all)), job.Most).Source)
	}
	return all
}
