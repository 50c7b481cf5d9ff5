package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// A program is compiled once, loaded into a VM, and its functions are run under limits.
func Example() {
	program, err := sandbox.Compile("greet.lua", `
		function greet(name)
			if name == "" then reject("nobody to greet", "no_name") end
			return options.greeting .. ", " .. name
		end

		function forever()
			while true do pcall(forever) end
		end`)
	if err != nil {
		fmt.Println(err)
		return
	}
	vm, err := sandbox.New(sandbox.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	limits := sandbox.Limits{Timeout: time.Second, Instructions: 100_000, Memory: 16 << 20}
	script, err := vm.Load(ctx, &limits, program, map[string]any{"greeting": "hello"})
	if err != nil {
		fmt.Println(err)
		return
	}

	greet, _ := script.Function("greet")
	for _, name := range []string{"ann", ""} {
		result, err := vm.Run(ctx, &limits, greet, bridge.ToLua(name))
		var failure *sandbox.Error
		if errors.As(err, &failure) {
			fmt.Printf("%s (%s, %s)\n", failure, failure.Kind, failure.Code)
			continue
		}
		text, _ := result.ToGo("result", nil)
		fmt.Println(text)
	}

	forever, _ := script.Function("forever")
	_, err = vm.Run(ctx, &limits, forever)
	fmt.Println(err)
	// Output:
	// hello, ann
	// greet.lua:3: nobody to greet (rejected, no_name)
	// greet.lua:8: used up its 100000 instructions
}
