package handlers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/glob"
)

// Functions are what a script has for a phase.
type Functions struct {
	All     bool     // one function for all methods, or for all ticks
	Methods []string // those with a function of their own
}

// Idle says why no call and no tick can ever run a hook; "" where one can. Of returns what the hook's script has for a
// phase. Where the hook's functions are switched off, all of them, that is meant so.
func Idle(h config.Hook, of func(phase string) Functions) string {
	periodic := of("periodic").All
	defines, all, own := periodic, false, []string{}
	for phase, on := range map[string]bool{"pre": h.EnablePre, "post": h.EnablePost, "failed": h.EnablePre, "finally": h.EnableFinally} {
		f := of(phase)
		defines = defines || f.All || len(f.Methods) > 0
		if on {
			all, own = all || f.All, append(own, f.Methods...)
		}
	}
	switch {
	case !defines:
		return "it defines none of the global functions pre, post, failed, finally and periodic"
	case periodic && h.EnablePeriodic, !all && len(own) == 0:
		return ""
	case len(h.Methods) == 0 && periodic:
		return "its methods let through no call, and its periodic is switched off"
	case len(h.Methods) == 0:
		return "its methods let through no call, and it has no function periodic"
	case all, slices.ContainsFunc(own, func(method string) bool { return sees(h, method) }):
		return "" // the config's own check tells of a glob that no method matches
	}
	slices.Sort(own)
	return fmt.Sprintf("its methods let through no call that it has a function for: want one of %s, got %q",
		strings.Join(slices.Compact(own), ", "), h.Methods)
}

func sees(h config.Hook, method string) bool {
	return slices.ContainsFunc(h.Methods, func(pattern string) bool { return glob.Match(pattern, method) })
}
