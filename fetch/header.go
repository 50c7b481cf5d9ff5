package fetch

import (
	"net/http"

	"github.com/hookrun/hookrun/effect"
)

// headerOf is the header of a request that was checked.
func headerOf(r effect.Request, userAgent string) http.Header {
	h := http.Header{"User-Agent": {userAgent}}
	for name, value := range r.Header {
		h.Set(name, value)
	}
	return h
}
