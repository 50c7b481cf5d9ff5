package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/store"
)

// printer is a sink of the program's own.
type printer chan struct{}

func (p printer) Deliver(_ context.Context, events []store.Event) error {
	for _, e := range events {
		fmt.Println(e.Type, string(e.Data))
	}
	p <- struct{}{}
	return nil
}

// An engine does this when its hooks publish an event and set state.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(filepath.Join(dir, "hookrun.db"), store.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	printed := make(printer)
	sinks := map[string]config.Sink{"console": {Type: "printer", Events: []string{"share.*"}}}
	if err := s.Configure(config.DefaultStore(), sinks, map[string]effect.Sink{"printer": printed}); err != nil {
		panic(err)
	}

	ctx := context.Background()
	state, err := s.Scope("nfs1", "quota").Begin(ctx, time.Now())
	if err != nil {
		panic(err)
	}
	if err := state.Set(effect.Entry{Key: "project-1", Value: json.RawMessage("12")}, 16<<20); err != nil {
		panic(err)
	}
	e := store.Event{
		ID: effect.NewID(time.Now()), Source: "hookrun/nfs1/notify", Type: "share.created", Data: json.RawMessage(`{"gib":12}`),
	}
	ticket, err := s.Commit(&effect.Commit{State: state, Events: []store.Event{e}})
	if err != nil {
		panic(err)
	}
	if err := ticket.Wait(ctx); err != nil {
		panic(err)
	}
	<-printed

	entries, err := s.State(ctx, "nfs1", "quota", "")
	fmt.Println(entries[0].Key, string(entries[0].Value), err)
	fmt.Println(s.Close())
	// Output:
	// share.created {"gib":12}
	// project-1 12 <nil>
	// <nil>
}
