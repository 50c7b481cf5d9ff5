package tape

import (
	"encoding/json"

	"github.com/hookrun/hookrun/engine"
)

// maxHeld is how many bytes calls may hold while they wait to be written, about: four of the longest lines. A call that
// comes while others hold less is recorded whatever it holds.
const maxHeld = 4 * MaxLine

// Bytes that parts of a call hold, about, besides their texts.
const (
	callCost   = 2 << 10
	spanCost   = 512
	partCost   = 128 // an answer, a line of a log
	effectCost = 320
	valueCost  = 32 // an item of a list,
	entryCost  = 64 // an entry of a map
)

// heldBy is how many bytes the runs of a call hold, about, without the values that were copied. A text counts as often
// as it stands there.
func heldBy(spans []engine.Span) (n int64) {
	for i := range spans {
		s := &spans[i]
		n += spanCost + heldByValue(s.Returned)
		for k := range s.Answers {
			a := &s.Answers[k]
			n += partCost + int64(len(a.Ask)+len(a.Value))
			if a.Error != nil {
				n += int64(len(a.Error.Message))
			}
		}
		for k := range s.Logs {
			n += partCost + int64(len(s.Logs[k].Message)) + heldByValue(s.Logs[k].Fields)
		}
		for k := range s.Effects {
			e := &s.Effects[k]
			n += effectCost + int64(len(e.Data)+len(e.Value)+len(e.URL)+len(e.Key)+len(e.Subject)+len(e.Type)+len(e.Name))
			for name, value := range e.Labels {
				n += entryCost + int64(len(name)+len(value))
			}
		}
	}
	return n
}

// heldByValue is how many bytes a value of a script holds, besides its place.
func heldByValue(v any) (n int64) {
	switch v := v.(type) {
	case string:
		n = int64(len(v))
	case json.Number:
		n = int64(len(v))
	case []any:
		for _, item := range v {
			n += valueCost + heldByValue(item)
		}
	case map[string]any:
		for key, item := range v {
			n += entryCost + int64(len(key)) + heldByValue(item)
		}
	}
	return n
}
