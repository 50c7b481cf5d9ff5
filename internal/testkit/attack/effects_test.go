package attack

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/store"
)

// addEffects gives scripts a store, with a sink, and http. The function that it returns closes the store.
func (s *scene) addEffects(opts *engine.Options) (end func(), err error) {
	st, err := store.Open(filepath.Join(s.Folder, storeFile), store.Options{Logger: slog.New(s.logged)})
	if err != nil {
		return nil, err
	}
	opts.Store, opts.Sinks, opts.HTTP = st, map[string]effect.Sink{"fickle": fickleSink{}}, remote{}
	return func() {
		if err := st.Close(); err != nil {
			s.broken("closing the store: %v", err)
		}
	}, nil
}

const storeFile = "effects.db"

// mapped is how many bytes the store may have mapped: they are in memory only as long as nobody needs that more.
func (s *scene) mapped() int64 {
	info, err := os.Stat(filepath.Join(s.Folder, storeFile))
	if err != nil {
		return 0
	}
	return info.Size()
}

func configureEffects(cfg *config.Config) {
	cfg.Store = config.DefaultStore()
	cfg.Store.Path = storeFile
	cfg.Sinks = map[string]config.Sink{"all": config.DefaultSink("fickle")}
}

// fickleSink takes events, and fails now and then.
type fickleSink struct{}

// Deliver takes the events of every other subject.
func (fickleSink) Deliver(_ context.Context, events []effect.Event) error {
	if len(events[0].Subject)%2 == 1 {
		return errors.New("the receiver is down")
	}
	return nil
}

// remote is a server that answers by the path that it is asked for.
type remote struct{}

// Do answers with as much as it may, or late, or not at all.
func (remote) Do(ctx context.Context, r effect.Request) (*effect.Response, error) {
	most := r.MaxBody
	if most == 0 {
		most = effect.MaxHTTPBody
	}
	resp := &effect.Response{Status: 200, Header: map[string]string{"content-type": "application/json"}}
	switch _, path, _ := strings.Cut(strings.TrimPrefix(r.URL, "https://"), "/"); path {
	case "large":
		resp.Body = `"` + strings.Repeat("x", int(most)-2) + `"`
	case "deep":
		resp.Body = strings.Repeat("[", int(most)/2) + strings.Repeat("]", int(most)/2)
	case "wide":
		resp.Body = "[" + strings.Repeat("[],", int(most)/3-1) + "[]]"
	case "never":
		<-ctx.Done()
		return nil, &effect.HTTPError{Kind: effect.HTTPTimeout, Message: "no answer", Err: ctx.Err()}
	case "late":
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
		}
	case "panic":
		panic("the client breaks")
	case "nothing":
		return nil, nil
	}
	return resp, nil
}
