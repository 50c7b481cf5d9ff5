package fetch_test

import (
	"context"
	"fmt"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/fetch"
)

// A request reaches what its list names, and nothing else.
func Example() {
	client := fetch.New(fetch.Options{UserAgent: "storage"})
	defer func() { _ = client.Close() }()

	_, err := client.Do(context.Background(), effect.Request{
		Method: "GET", URL: "http://169.254.169.254/latest/meta-data/", Allow: []string{"cmdb.example.org"},
	})
	fmt.Println(err)
	// Output: GET http://169.254.169.254: allow_http does not list 169.254.169.254:80, a link-local address
}
