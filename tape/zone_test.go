package tape

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAZoneHasTheNameThatTheSystemGivesIt(t *testing.T) {
	for _, tt := range []struct{ local, leads, want string }{
		{"Local", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"},
		{"Local", "../usr/share/zoneinfo/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"},
		{"Local", "/usr/share/zoneinfo/Europe/Nowhere", "Local"},
		{"Local", "/etc/zone", "Local"},
		{"Local", "", "Local"},
		{"UTC", "/usr/share/zoneinfo/Europe/Berlin", "UTC"},
		{"Europe/Berlin", "", "Europe/Berlin"},
		{"/usr/share/zoneinfo/Europe/Berlin", "", "Europe/Berlin"},
		{"/etc/zone", "", "/etc/zone"},
	} {
		link := filepath.Join(t.TempDir(), "localtime")
		if tt.leads != "" {
			if err := os.Symlink(tt.leads, link); err != nil {
				t.Skip("there are no symbolic links here:", err)
			}
		}
		if got := zoneName(tt.local, link); got != tt.want {
			t.Errorf("%s, with a link to %q: got %s, want %s", tt.local, tt.leads, got, tt.want)
		}
	}
}
