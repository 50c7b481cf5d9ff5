package sandbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/hostlib"
)

// outside is what scripts do outside, as lines of the log. Their state is real.
type outside struct {
	web
	scope *effect.Scope
	tx    *effect.Tx
	log   func(line string)
	n     int
}

func newOutside(log func(line string)) *outside {
	return &outside{scope: new(effect.Memory).Scope("gold", "test"), log: log}
}

func (t *outside) Publish(p hostlib.Publication) (string, error) {
	if p.Type == "full" {
		return "", effect.ErrOutboxFull
	}
	line := fmt.Sprintf("info event %s %s", p.Type, p.Data)
	if p.Subject != nil {
		line += " of " + *p.Subject
	}
	if p.ID != "" {
		line += " as " + p.ID
	}
	if p.Always {
		line += ", always"
	}
	t.log(line)
	t.n++
	return fmt.Sprintf("event-%d", t.n), nil
}

func (t *outside) State(func(func(context.Context))) (*effect.Tx, int64, error) {
	if t.tx == nil {
		var err error
		if t.tx, err = t.scope.Begin(context.Background(), time.Now()); err != nil {
			return nil, 0, err
		}
	}
	return t.tx, 1 << 20, nil
}

func (t *outside) Measure(m effect.Metric) error {
	line := fmt.Sprintf("info %s %s %v", m.Kind, m.Name, m.Value)
	if len(m.Labels) > 0 {
		line += fmt.Sprintf(" %v", m.Labels)
	}
	t.log(strings.TrimSpace(line))
	return nil
}
