// Command warmcall makes one call that others came before, with a hook that changes an argument and a result, and
// writes into a folder which code that entered. It must be built with -cover and -covermode atomic; `make way` reads
// what it writes.
package main

import (
	"context"
	"log"
	"os"
	"runtime/coverage"
	"testing/fstest"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

type share struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

type args struct {
	Share share `json:"share"`
}

const script = `
function pre.create_share(call) call.args.share.size = 2 end
function post.create_share(call, result) result.name = "changed" end`

func main() {
	cfg, err := config.Parse(fstest.MapFS{
		"config.toml": {Data: []byte("[[services.nfs1.hooks]]\nscript = \"renames.lua\"\nchange_args = true\n")},
		"renames.lua": {Data: []byte(script)},
	}, "config.toml")
	if err != nil {
		log.Fatal(err)
	}
	eng, err := engine.New(cfg, "nfs1", engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if err := coverage.ClearCounters(); err != nil {
			log.Fatal(err)
		}
		got, err := engine.Call(context.Background(), eng, "create_share", args{share{"s", 1}}, create)
		if err != nil || got != (share{"changed", 2}) {
			log.Fatalf("got %v, %v", got, err)
		}
	}
	if err := coverage.WriteMetaDir(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	if err := coverage.WriteCountersDir(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func create(_ context.Context, a args) (share, error) { return a.Share, nil }
