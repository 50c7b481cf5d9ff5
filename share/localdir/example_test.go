package localdir_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

func ExampleOpen() {
	root, err := os.MkdirTemp("", "shares")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	driver, err := localdir.Open(root, localdir.Options{Host: "10.0.0.5"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer driver.Close()
	ctx, s := context.Background(), share.Share{ID: "s-1", Size: 1}
	made, err := driver.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: s})
	fmt.Println(len(made.ExportLocations), err)
	_, err = driver.ExtendShare(ctx, share.ExtendShareArgs{Share: share.Share{ID: "s-2"}, NewSize: 2})
	fmt.Println(errors.Is(err, share.ErrNotFound))
	// Output:
	// 1 <nil>
	// true
}
