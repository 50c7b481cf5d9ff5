package scripts_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/tape"
)

var recordTape = flag.Bool("record", false, "record the tape of a day anew")

// dayTape is a tape of a thousand calls, for docs/tutorial.md.
const dayTape = "examples/tapes/day.jsonl.zst"

func TestTheTapeOfADayHasAThousandCalls(t *testing.T) {
	if *recordTape {
		recordDay(t, dayTape)
	}
	f, err := os.Open(dayTape)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tape.NewReader(dayTape, f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	methods, outcomes, calls := map[string]int{}, map[string]int{}, 0
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if line.Call != nil {
			calls++
			methods[line.Call.Method]++
			outcomes[line.Call.Recorded.Outcome]++
		}
	}
	if calls != 1000 || len(methods) < 3 || outcomes["completed"] < 900 || outcomes["failed"] == 0 {
		t.Errorf("got %d calls of %v, which ended %v; want 1000 of several methods, of which some failed", calls, methods, outcomes)
	}
}

// recordDay records a thousand calls of a service whose only hook logs how they end.
func recordDay(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	cfg := config.DefaultRecord()
	cfg.Path, cfg.Queue = path, 10_000
	rec, err := tape.Open(cfg, tape.Options{})
	if err != nil {
		t.Fatal(err)
	}
	audit := "function finally(call, outcome) log.info(\"done\", { status = outcome.status }) end\n"
	eng, err := engine.New(&config.Config{
		FS:       fstest.MapFS{"audit.lua": {Data: []byte(audit)}},
		Services: map[string]config.Service{"nfs1": {Host: "storage-1", Hooks: []config.Hook{config.DefaultHook("audit.lua")}}},
	}, "nfs1", engine.Options{Methods: share.Methods(), Recorder: rec, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	driver := share.Hooked(dayDriver{}, eng)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * 30 * time.Second)
		project := []string{"media", "students", "research", "web"}[random.IntN(4)]
		ctx := engine.WithCallContext(t.Context(), map[string]any{"request_id": fmt.Sprintf("req-%04d", i+1), "project_id": project, "user_id": "ada"})
		dayCall(engine.WithTime(ctx, at), driver, random, i, project)
	}
	if err := errors.Join(eng.Close(), rec.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.FromSlash(path)); err != nil {
		t.Fatal(err)
	}
}

// dayCall makes the i-th call. Its error is part of the day.
func dayCall(ctx context.Context, driver share.Driver, random *rand.Rand, i int, project string) {
	s := share.Share{
		ID: fmt.Sprintf("s-%d", i), Name: fmt.Sprintf("%s-%d", project, i), ProjectID: project, Size: int64(1 + random.IntN(120)),
		ShareProto: share.ProtoNFS, Host: "storage-1", Metadata: map[string]any{},
	}
	if random.IntN(3) > 0 {
		s.Metadata["cost_center"] = fmt.Sprint(4000 + random.IntN(20))
	}
	switch random.IntN(10) {
	case 0, 1, 2, 3, 4, 5:
		_, _ = driver.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: s})
	case 6, 7:
		_, _ = driver.CreateSnapshot(ctx, share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "n-" + s.ID, ShareID: s.ID, Share: s, Size: s.Size}})
	case 8:
		_, _ = driver.ExtendShare(ctx, share.ExtendShareArgs{Share: s, NewSize: s.Size * 2})
	default:
		_, _ = driver.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: s})
	}
}

// dayDriver has room for shares of 118 GiB at most.
type dayDriver struct{ share.Driver }

var errNoSpace = errors.New("pool-a has 118 GiB free")

func (dayDriver) CreateShareInstance(_ context.Context, args share.CreateShareInstanceArgs) (share.CreateShareInstanceResult, error) {
	if args.Share.Size > 118 {
		return share.CreateShareInstanceResult{}, errNoSpace
	}
	return share.CreateShareInstanceResult{ExportLocations: []share.ExportLocation{{Path: "10.0.0.5:/shares/" + args.Share.ID, Preferred: true}}}, nil
}

func (dayDriver) CreateSnapshot(_ context.Context, args share.CreateSnapshotArgs) (share.CreateSnapshotResult, error) {
	return share.CreateSnapshotResult{ProviderLocation: "/snapshots/" + args.Snapshot.ID, Size: args.Snapshot.Size}, nil
}

func (dayDriver) ExtendShare(context.Context, share.ExtendShareArgs) (r share.ExtendShareResult, err error) {
	return r, nil
}

func (dayDriver) DeleteShareInstance(context.Context, share.DeleteShareInstanceArgs) (r share.DeleteShareInstanceResult, err error) {
	return r, nil
}
