package hostlib

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

func (l *Library) metricFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"count":   l.measure(effect.Count),
		"gauge":   l.measure(effect.Gauge),
		"observe": l.measure(effect.Observe),
	}
}

// metricCost is how many instructions a metric counts as.
const metricCost = 50

// measure makes the function of a kind of metrics: of name, value and labels. A count adds 1 where the value is
// missing.
func (l *Library) measure(kind effect.MetricKind) lua.LGFunction {
	return func(L *lua.LState) int {
		m := effect.Metric{Kind: kind, Name: name(L, 1, "name"), Value: 1}
		if kind != effect.Count || machine.OrNil(L.Get(2)) != lua.LNil {
			m.Value = args.Number(L, 2)
		}
		if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) || kind == effect.Count && m.Value < 0 {
			args.Bad(L, 2, fmt.Sprintf("want a finite number%s, got %v", map[bool]string{true: " of 0 or more"}[kind == effect.Count], m.Value))
		}
		l.Charge(L, metricCost)
		m.Labels = l.labels(L, 3)
		held := metricBytes
		for label, text := range m.Labels {
			held += len(label) + len(text) + labelBytes
		}
		l.Keep(L, held)
		if err := l.effects(L).Measure(m); err != nil {
			l.Keep(L, -held)
			l.raise(L, err)
		}
		return 0
	}
}

const (
	metricBytes = 1024 // that a metric takes until the run has ended, besides its labels
	labelBytes  = 64   // that a label takes besides its text
	maxLabels   = 10
)

// labels reads an optional table of short texts by name. Numbers and booleans become texts.
func (l *Library) labels(L *lua.LState, at int) map[string]string {
	if machine.OrNil(L.Get(at)) == lua.LNil {
		return nil
	}
	v, err := bridge.Wrap(args.Table(L, at)).ToGo("labels", l.Host)
	if err != nil {
		machine.Raise(L, "%s", err.Error())
	}
	given, ok := v.(map[string]any)
	if !ok || len(given) > maxLabels {
		args.Bad(L, at, fmt.Sprintf("want at most %d labels by name", maxLabels))
	}
	found := make(map[string]string, len(given))
	for _, label := range slices.Sorted(maps.Keys(given)) {
		text := fmt.Sprint(given[label])
		switch given[label].(type) {
		case nil, []any, map[string]any:
			args.Bad(L, at, fmt.Sprintf("label %s: want a string", quoted(label)))
		}
		if problem := cmp.Or(nameProblem(label), nameProblem(text)); problem != "" {
			args.Bad(L, at, fmt.Sprintf("label %s: %s", quoted(label), problem))
		}
		found[label] = text
	}
	return found
}
