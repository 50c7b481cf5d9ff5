package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"

	"github.com/hookrun/hookrun/effect"
)

// ledger is a sink of the program's own: it appends events to a file.
type ledger struct {
	path string
	mu   sync.Mutex
}

// Deliver implements [effect.Sink].
func (l *ledger) Deliver(_ context.Context, events []effect.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, e := range events {
		if err := lines.Encode(e); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if _, err = f.Write(text.Bytes()); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
