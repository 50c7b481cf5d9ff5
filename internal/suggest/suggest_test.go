package suggest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/suggest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	keys    = []string{"enabled", "enable_pre", "enable_post", "enable_periodic", "suppress_post_errors", "timeout", "tick", "host"}
	methods = []string{"create_share_instance", "create_snapshot", "delete_snapshot", "deny_access", "allow_access", "init_host"}
)

func TestNearestFindsTheNameThatWasMeant(t *testing.T) {
	tests := []struct {
		name       string
		candidates []string
		want       string
	}{
		{"enabel_pre", keys, "enable_pre"},
		{"enable_pst", keys, "enable_post"},
		{"EnablePost", keys, "enable_post"},
		{"enable-periodic", keys, "enable_periodic"},
		{"enable", keys, "enabled"},
		{"tcik", keys, "tick"},
		{"timout", keys, "timeout"},
		{"hosts", keys, "host"},
		{"create_snapshots", methods, "create_snapshot"},
		{"createSnapshot", methods, "create_snapshot"},
		{"snapshot_create", methods, "create_snapshot"},

		// One name has all words of the other.
		{"enable_pre_hooks", keys, "enable_pre"},
		{"suppress_post_hooks_errors", keys, "suppress_post_errors"},
		{"timeout_seconds", keys, "timeout"},
		{"create_share", methods, "create_share_instance"},
		{"snapshot", methods, ""},         // create_ or delete_: not to be guessed
		{"post_process_done", keys, ""},   // shares one word of three
		{"allow_list_check", methods, ""}, // shares one word, lacks another

		{"share_size", []string{"share_id", "size"}, "size"}, // rather than three other letters
		{"xor", []string{"band", "bor", "bxor"}, "bxor"},     // which has all of them

		// One begins the other.
		{"warning", []string{"debug", "error", "info", "warn"}, "warn"},
		{"hostname", []string{"host", "port"}, "host"},
		{"information", []string{"info", "warn"}, ""},  // less than half
		{"warn", []string{"warning1", "warning2"}, ""}, // two of them

		// Too far.
		{"color", keys, ""},
		{"size", []string{"time", "host"}, ""},
		{"create_snapshot", []string{"delete_snapshot"}, ""},
		{"ab", []string{"ac"}, ""},
		{"", keys, ""},
		{"x", nil, ""},
		{"x", []string{""}, ""},
		{"_", []string{"-"}, "-"},

		// The name itself is no suggestion; letters beyond ASCII are one edit each.
		{"tick", []string{"tick"}, ""},
		{"größe", []string{"grösse", "große"}, "große"},
	}
	for _, tt := range tests {
		if got := suggest.Nearest(tt.name, tt.candidates); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What is not sure to be a slip is at most asked for.
func TestASlipIsMendedWithoutAsking(t *testing.T) {
	tests := []struct {
		name, near string
		others     string
		want       bool
	}{
		{"szie", "size", "", true},
		{"siz", "size", "", false}, // three letters
		{"CreateShare", "create_share", "", true},
		{"undefinde", "undefined", "", true},
		{"porject_id", "project_id", "share_id", true},
		{"projct_i", "project_id", "", false},
		{"create_snapshoot", "create_snapshot", "delete_snapshot", true},
		{"crete_snapshott", "create_snapshot", "delete_snapshot", true},
		{"denz", "deny", "", false}, // another letter of four
		{"allowed", "allower", "", true},
		{"allowed", "allower", "allowes", false},
		{"tenant_id", "id", "", false},
		{"share_size", "share_id", "", false},
		{"share_name", "share_type", "", false},
		{"hmac_sha1", "hmac_sha256", "", false},
		{"base32", "base64", "", false},
		{"xor", "bor", "", false},
		{"sign", "sin", "", false},
		{"log2", "log", "", false},
		{"move", "remove", "", false},
		{"raise", "rawset", "", false},
		{"snapshot_create", "create_snapshot", "", false},
	}
	for _, tt := range tests {
		got := suggest.Meant(tt.name, append(strings.Fields(tt.others), tt.name, tt.near))
		if got.Slip != tt.want || tt.want && got.Name != tt.near {
			t.Errorf("Meant(%q) among %q and %q = %+v, want a slip: %t", tt.name, tt.near, tt.others, got, tt.want)
		}
	}
}

func TestNearestDoesNotDependOnTheOrder(t *testing.T) {
	candidates := []string{"deny", "denx", "dena"}
	for range len(candidates) {
		if got := suggest.Nearest("denz", candidates); got != "dena" {
			t.Errorf("Nearest among %q = %q, want %q", candidates, got, "dena")
		}
		candidates = append(candidates[1:], candidates[0])
	}
}

func TestNearestPrefersTheNearerSpelling(t *testing.T) {
	got := suggest.Nearest("create_Share", []string{"createshare", "create_share"})
	if want := "create_share"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNearestLeavesTheCandidatesAlone(t *testing.T) {
	candidates := []string{"b", "a", "b"}
	suggest.Nearest("c", candidates)
	if want := []string{"b", "a", "b"}; !slices.Equal(candidates, want) {
		t.Errorf("candidates became %q, want %q", candidates, want)
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("enabel", "enabled", "enable_pre")
	f.Add("\xff_", "-", "")
	f.Fuzz(func(t *testing.T, name, a, b string) {
		got := suggest.Nearest(name, []string{a, b})
		if again := suggest.Nearest(name, []string{b, a}); again != got {
			t.Errorf("got %q, and %q with the candidates swapped", got, again)
		}
		if got != "" && got != a && got != b {
			t.Errorf("got %q, want one of %q and %q", got, a, b)
		}
		if got != "" && got == name {
			t.Errorf("got the name itself: %q", got)
		}
	})
}

func ExampleHint() {
	name := "enabel_pre"
	fmt.Printf("unknown key %q%s\n", name, suggest.Hint(name, []string{"enable_pre", "enable_post"}))
	// Output: unknown key "enabel_pre" (did you mean "enable_pre"?)
}

func TestALongNameIsNotCompared(t *testing.T) {
	long := strings.Repeat("enable_pre_", 1000)
	if got := suggest.Nearest(long, []string{long + "x"}); got != "" {
		t.Errorf("got a name of %d bytes, want none", len(got))
	}
}
