package bench

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hookrun/hookrun/bench/peer"
	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
)

// advice is a way to do something, and another one. What the first takes over the second is what docs/performance.md
// advises by.
type advice struct {
	way, other string
	sides      func(tb testing.TB) (other, way side.Side)
}

// TestAdvice measures the ways that docs/performance.md has advice for, and prints a table of them, in Markdown. In a
// short test it only sees that they can be measured.
func TestAdvice(t *testing.T) {
	const row = "| %-66s | %-40s | %6s |\n"
	table := "\n" + fmt.Sprintf(row, "this", "over", "takes") + fmt.Sprintf(row, "---", "---", "---:")
	for _, a := range slices.Concat(callAdvice(), tickAdvice(), hostAdvice()) {
		t.Run(a.way, func(t *testing.T) {
			figure := side.Ratio(side.Compare(a.sides(t)))
			table += fmt.Sprintf(row, a.way, a.other, fmt.Sprintf("%.2g", figure))
		})
	}
	fmt.Print(table)
}

// callAdvice is about hooks around a call that has one share among its arguments.
func callAdvice() []advice {
	const three = "local share = call.args.share local a, b, c = share.size, share.status, share.host"
	pre := func(body string) string { return "function pre.extend_share(call) " + body + " end" }
	of := func(way, hook, other, otherHook string) advice {
		return advice{way, other, func(tb testing.TB) (side.Side, side.Side) {
			return peer.Calls(tb, []string{otherHook}), peer.Calls(tb, []string{hook})
		}}
	}
	return []advice{
		{"a function for all methods that looks at `call.method`", "no function for the method", forAllMethods},
		of("`pre` alone", pre(""), "`pre` and `post`", peer.EmptyHook),
		of("three fields of a record read", pre(three), "none read", pre("")),
		of("all twelve fields, by name", pre(`local share = call.args.share
			local a, b, c, d, e, f = share.id, share.share_id, share.name, share.project_id, share.size, share.share_proto
			local g, h, i, j, k, l = share.share_type, share.status, share.host, share.export_locations, share.access_rules, share.metadata`),
			"three", pre(three)),
		of("all twelve fields, by `pairs`", pre("for k, v in pairs(call.args.share) do end"), "three, by name", pre(three)),
		of("`json.encode` of the record", pre("local text = json.encode(call.args.share)"), "three fields read", pre(three)),
		of("five fields of `local share = call.args.share`",
			pre("local s = call.args.share local a, b, c, d, e = s.size, s.status, s.host, s.name, s.id"), "five of `call.args.share`",
			pre("local a, b, c, d, e = call.args.share.size, call.args.share.status, call.args.share.host, call.args.share.name, call.args.share.id")),
		of("a number kept in a local and used ten times", pre("local size = call.args.share.size local n = 0 for i = 1, 10 do n = n + size end"),
			"the number read ten times", pre("local share = call.args.share local n = 0 for i = 1, 10 do n = n + share.size end")),
		of("three fields read within a `pcall`", pre("pcall(function() "+three+" end)"), "without it", pre(three)),
	}
}

// forAllMethods compares calls for which a hook has nothing to do: it finds that out itself, or the engine knows.
func forAllMethods(tb testing.TB) (none, all side.Side) {
	_, none = unhookedCall(tb)
	return none, peer.Calls(tb, []string{`function pre(call) if call.method == "shrink_share" then reject("kept") end end`})
}

// tickAdvice is about hooks that walk over a thousand shares.
func tickAdvice() []advice {
	periodic := func(body string) string { return "function periodic(shares) " + body + " end" }
	walk := func(body string) string {
		return periodic("for _, share in ipairs(shares) do " + body + " end")
	}
	const two = "local a, b = share.status, share.size"
	of := func(way, hook, other, otherHook string) advice {
		return advice{way + ", a thousand shares", other, func(tb testing.TB) (side.Side, side.Side) {
			list := world.NewShares(1000)
			return ticks(tb, otherHook, list), ticks(tb, hook, list)
		}}
	}
	return []advice{
		of("all fields of each by `pairs`", walk("for k, v in pairs(share) do end"), "two fields of each", walk(two)),
		of("`share.metadata.owner` of each", walk("local owner = share.metadata.owner"), "two fields of each", walk(two)),
		of("`pairs` over the list", periodic("for _, share in pairs(shares) do "+two+" end"), "`ipairs`", walk(two)),
		of("`for i = 1, #shares`", periodic("for i = 1, #shares do local share = shares[i] "+two+" end"), "`ipairs`", walk(two)),
		of("`#shares` alone", periodic("local n = #shares"), "a walk, two fields of each", walk(two)),
		of("two walks, two fields of each", periodic("for _, share in ipairs(shares) do "+two+" end for _, share in ipairs(shares) do "+two+" end"),
			"one such walk", walk(two)),
		of("a line of the log for each", walk(`log.info("share", { size = share.size })`), "two fields of each", walk(two)),
	}
}

// hostAdvice is about programs that embed the engine.
func hostAdvice() []advice {
	return []advice{
		{"a share as JSON text, written and read", "a call whose hook reads three, sets one", func(tb testing.TB) (side.Side, side.Side) {
			text, call := resultOver(roundTrip, peer.SetHook, world.NewShare(1))(tb)
			return call, text
		}},
		{"32 goroutines on four services", "on one", func(tb testing.TB) (side.Side, side.Side) {
			return atOnce(crowd, peer.HookedCall(tb, 1)), onServices(tb, 4)
		}},
	}
}

// onServices divides calls among services, each of which has its part of the crowd.
func onServices(tb testing.TB, services int) side.Side {
	calls := make([]side.Side, services)
	for i := range calls {
		calls[i] = atOnce(crowd/services, peer.HookedCall(tb, 1))
	}
	return together(calls)
}
