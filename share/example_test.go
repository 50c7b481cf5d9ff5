package share_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

const quotaGuard = `
function pre.create_share_instance(call)
  if call.args.share.size > options.max_gib then
    reject("share is larger than " .. options.max_gib .. " GiB", "quota_exceeded")
  end
end

function periodic(shares)
  for _, s in ipairs(shares) do
    print(s.id .. " uses " .. s.metadata.used_bytes .. " of " .. s.size .. " GiB")
  end
end
`

// A service puts hooks around the driver it has, and uses the result as its driver.
func ExampleHooked() {
	dir, err := os.MkdirTemp("", "hooked")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "quota_guard.lua"), []byte(quotaGuard), 0o600); err != nil {
		panic(err)
	}
	hook := config.DefaultHook("quota_guard.lua")
	hook.Options = map[string]any{"max_gib": 500}
	cfg := &config.Config{Scripts: dir, Services: map[string]config.Service{"nfs1": {Hooks: []config.Hook{hook}}}}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: onlyMessage}))

	eng, err := engine.New(cfg, "nfs1", engine.Options{Methods: share.Methods(), Logger: log})
	if err != nil {
		panic(err)
	}
	defer eng.Close()
	local, err := localdir.Open(filepath.Join(dir, "root"), localdir.Options{Host: "storage-1", Logger: log})
	if err != nil {
		panic(err)
	}
	defer local.Close()
	driver := share.Hooked(local, eng)

	ctx := context.Background()
	for _, size := range []int64{100, 1000} {
		_, err := driver.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: share.Share{ID: fmt.Sprint("s-", size), Size: size}})
		var rejected *engine.RejectedError
		if errors.As(err, &rejected) {
			fmt.Println(rejected.Code, "-", rejected.Message)
		}
	}
	if _, err := eng.Tick(ctx, driver.PeriodicData); err != nil {
		panic(err)
	}
	// Output:
	// quota_exceeded - share is larger than 500 GiB
	// msg="s-100 uses 0 of 100 GiB"
}

// onlyMessage keeps the message of a log line, whose other parts differ each time.
func onlyMessage(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.MessageKey {
		return a
	}
	return slog.Attr{}
}

func ExampleErrorf() {
	err := share.Errorf("no_space", "pool %s is full", "p-1")
	fmt.Println(err, engine.ErrorCode(err)) // scripts see the code as err.code
	// Output: pool p-1 is full no_space
}

func ExampleMethods() {
	for _, m := range share.Methods()[:2] {
		fmt.Println(m.Name, m.Args, m.Result)
	}
	// Output:
	// allow_access share.AllowAccessArgs share.AllowAccessResult
	// create_share_instance share.CreateShareInstanceArgs share.CreateShareInstanceResult
}
