package tape

import (
	"os"
	"strings"
	"time"
)

// localtime is the link by which many systems say in which time zone they are.
const localtime = "/etc/localtime"

// zoneName is the name of the time zone that Go calls local. Go knows no name where the environment has none: then the
// link says it, if it leads to the rules of a zone.
func zoneName(local, link string) string {
	path := local
	if local == "Local" {
		path, _ = os.Readlink(link) // "" where it is no link
	}
	if _, name, ok := strings.Cut(path, "/zoneinfo/"); ok {
		if _, err := time.LoadLocation(name); err == nil {
			return name
		}
	}
	return local
}
