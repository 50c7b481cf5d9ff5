package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// The world in which everything is measured: a service whose driver does nothing, hooks around it, and shares.

// newEngine opens an engine with a hook for each source, in their order.
func newEngine(tb testing.TB, sources ...string) *engine.Engine {
	tb.Helper()
	e, err := engine.New(newConfig(tb, sources...), "nfs1", engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

func newConfig(tb testing.TB, sources ...string) *config.Config {
	tb.Helper()
	dir := tb.TempDir()
	var text strings.Builder
	// A hook has a timeout, but one that no machine reaches that is only slow.
	text.WriteString("scripts = \".\"\n[defaults]\ntimeout = \"1m\"\n[services.nfs1]\n")
	for i, source := range sources {
		write(tb, filepath.Join(dir, fmt.Sprintf("hook%d.lua", i)), source)
		fmt.Fprintf(&text, "[[services.nfs1.hooks]]\nname = \"hook%d\"\nscript = \"hook%d.lua\"\n", i, i)
	}
	path := filepath.Join(dir, "hookrun.toml")
	write(tb, path, text.String())
	cfg, err := config.Load(path)
	if err != nil {
		tb.Fatal(err)
	}
	return cfg
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// bare is a gopher-lua state as it comes, without any limits.
type bare struct{ *lua.LState }

func newBare(tb testing.TB, source string) bare {
	tb.Helper()
	L := lua.NewState()
	tb.Cleanup(L.Close)
	bare{L}.run(tb, source)
	return bare{L}
}

// run runs a script.
func (b bare) run(tb testing.TB, source string) {
	tb.Helper()
	if err := b.DoString(source); err != nil {
		tb.Fatal(err)
	}
}

// call is a protected call of a function.
func (b bare) call(fn lua.LValue, args ...lua.LValue) {
	b.Push(fn)
	for _, a := range args {
		b.Push(a)
	}
	if err := b.PCall(len(args), 0, nil); err != nil {
		panic(err)
	}
}

// newShare makes a share with twelve fields.
func newShare(i int) share.Share {
	id := fmt.Sprintf("share-%06d", i)
	return share.Share{
		ID: id, ShareID: id, Name: "home of " + id, ProjectID: "project-1", Size: int64(i % 1000), ShareProto: "NFS",
		ShareType: "default", Status: "available", Host: "storage-1@nfs#pool",
		ExportLocations: []share.ExportLocation{
			{Path: "10.0.0.5:/shares/" + id, Preferred: true}, {Path: "10.0.0.6:/shares/" + id},
		},
		AccessRules: []share.Access{
			{ID: "rule-1", AccessType: "ip", AccessTo: "10.0.0.0/8", AccessLevel: "rw"},
			{ID: "rule-2", AccessType: "ip", AccessTo: "192.168.0.0/16", AccessLevel: "ro"},
		},
		Metadata: map[string]any{"owner": "ops", "tier": "gold"},
	}
}

func newShares(n int) []share.Share {
	list := make([]share.Share, n)
	for i := range list {
		list[i] = newShare(i)
	}
	return list
}

// extend is the driver. No real one is inlined.
//
//go:noinline
func extend(context.Context, share.ExtendShareArgs) (share.ExtendShareResult, error) {
	return share.ExtendShareResult{}, nil
}

// fieldNames are the fields that newShare sets.
var fieldNames = []string{
	"access_rules", "export_locations", "host", "id", "metadata", "name", "project_id", "share_id", "share_proto", "share_type",
	"size", "status",
}

// field is a pointer to one of them, for peers that read and write a share field by field. It is nil for other names.
func field(s *share.Share, name string) any {
	switch name {
	case "id":
		return &s.ID
	case "share_id":
		return &s.ShareID
	case "name":
		return &s.Name
	case "project_id":
		return &s.ProjectID
	case "size":
		return &s.Size
	case "share_proto":
		return &s.ShareProto
	case "share_type":
		return &s.ShareType
	case "status":
		return &s.Status
	case "host":
		return &s.Host
	case "export_locations":
		return &s.ExportLocations
	case "access_rules":
		return &s.AccessRules
	case "metadata":
		return &s.Metadata
	}
	return nil
}
