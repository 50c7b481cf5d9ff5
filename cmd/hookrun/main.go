// Command hookrun dry-runs, checks and lists the Lua hooks of share services, without a service. See package cli.
package main

import (
	"reflect"

	"github.com/hookrun/hookrun/cli"
	"github.com/hookrun/hookrun/share"
)

func main() {
	cli.Main(cli.Options{Methods: share.Methods(), Shares: reflect.TypeFor[share.Share]()})
}
