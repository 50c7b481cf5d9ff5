package config

import "github.com/hookrun/hookrun/internal/allow"

// hosts checks the entries of allow_http.
func hosts(s place, v []string) bool {
	ok := true
	for i, entry := range v {
		if _, err := allow.Parse(entry); err != nil {
			ok = s.index(i).problemf("%v", err)
		}
	}
	return ok
}
