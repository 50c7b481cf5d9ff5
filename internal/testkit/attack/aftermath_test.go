package attack

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/hookrun/hookrun/config"
)

// recover makes the calls that must work whatever came before.
func (s *scene) recover(quiet *config.Config) {
	if s.loaded {
		for _, p := range s.script.hooks() {
			if err := s.engine.SetEnabled(p.name, false); err != nil {
				s.broken("switching the attacked hooks off: %v", err)
			}
		}
	}
	s.quietCall("with the attacked hooks switched off")
	if err := s.engine.Reload(context.Background(), quiet); err != nil {
		s.broken("a reload after the attack: %v", err)
	}
	s.quietCall("after a reload")
}

func (s *scene) quietCall(when string) {
	s.observer.observe()
	want := newRequest()
	result, err := callAttack(context.Background(), s.engine, newRequest(), false)
	if err != nil || !reflect.DeepEqual(result.Echo, want) || result.Seen["guard"] != true || result.Seen["witness"] != true {
		s.broken("the next call, %s: want its result, got %v and error %v", when, result.Seen, err)
	}
}

// judge adds what can only be said at the end.
func (s *scene) judge() {
	v, o := &s.verdict, s.observer
	v.Broken = append(v.Broken, o.claims...)
	if o.rebuilt > 0 && !s.script.objects && v.Outcome.Kind != "internal" {
		s.broken("the globals of a bystander were lost %d times", o.rebuilt)
	}
	limit := mayGrow(s.Memory) * int64(s.abreast()) // what calls that are made at a time return adds up
	if s.script.acts {
		limit += s.Memory + s.mapped() // the store holds what a run has set until that is written
	}
	if s.Where == topLevel && s.Memory > 64<<20 {
		limit = 3 * s.Memory // the bystanders have the other VM, and leave garbage all the time
	}
	if v.Peak > limit && !raceEnabled {
		message := fmt.Sprintf("memory: %d MiB, want %d at most", v.Peak>>20, limit>>20)
		if v.Peak <= limit+limit/4 { // the collector keeps pace only as far as others let it
			v.Late = append(v.Late, message)
		} else {
			s.broken("%s", message)
		}
	}
	if n := s.logged.bytes.Load(); n > maxLogBytes {
		s.broken("the log: %d MiB, want %d at most", n>>20, maxLogBytes>>20)
	}
	if limit := s.allowance(); o.slowest.plain > limit {
		v.Late = append(v.Late, fmt.Sprintf("a call without hooks took %v, want %v at most", o.slowest.plain, limit))
	}
	turns := time.Duration(3 * len(s.script.hooks()) * s.abreast())
	if limit := turns*s.Timeout + s.allowance(); o.slowest.probe > limit {
		v.Late = append(v.Late, fmt.Sprintf("a bystander's call took %v, want %v at most", o.slowest.probe, limit))
	}
}
