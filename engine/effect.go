package engine

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/effect"
)

// Effect is something that a run did besides changing its call, as a [Span] shows it: the JSON form is that of dry
// runs. Which fields it has depends on its kind; the others are empty.
type Effect struct {
	Kind string `json:"kind"` // event, state, metric or http

	Type    string          `json:"type,omitempty"` // of an event
	Subject string          `json:"subject,omitempty"`
	ID      string          `json:"id,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
	Sent    string          `json:"sent,omitempty"` // when: SentIfDone or SentAtOnce

	Op      string          `json:"op,omitempty"`    // on the state: set or delete
	State   string          `json:"state,omitempty"` // its name
	Key     string          `json:"key,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"` // that was set; of a metric its number
	Expires *time.Time      `json:"expires,omitempty"`

	Method string `json:"method,omitempty"` // of an HTTP request
	URL    string `json:"url,omitempty"`

	Measure effect.MetricKind `json:"measure,omitempty"` // of a metric
	Name    string            `json:"name,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
}

// When an event is sent.
const (
	SentIfDone = "if the driver succeeds"
	SentAtOnce = "at once"
)

// list returns what a run did: requests, events, changes of the state and metrics.
func (fx *runEffects) list() (all []Effect) {
	for _, r := range fx.requests {
		all = append(all, Effect{Kind: "http", Method: r.method, URL: r.url})
	}
	for _, e := range fx.waiting {
		all = append(all, eventEffect(e, SentIfDone))
	}
	for _, e := range fx.now {
		all = append(all, eventEffect(e, SentAtOnce))
	}
	if fx.state != nil {
		for e := range fx.state.Changes() {
			if fx.state.Own(e.Key) {
				all = append(all, stateEffect(fx.state.Scope().Name, e))
			}
		}
	}
	for _, m := range fx.metrics {
		value, _ := json.Marshal(m.Value) // a finite number
		all = append(all, Effect{Kind: "metric", Name: m.Name, Measure: m.Kind, Value: value, Labels: m.Labels})
	}
	return all
}

func eventEffect(e effect.Event, sent string) Effect {
	return Effect{Kind: "event", Type: e.Type, Subject: e.Subject, ID: e.ID, Data: e.Data, Sent: sent}
}

func stateEffect(state string, e effect.Entry) Effect {
	f := Effect{Kind: "state", Op: "set", State: state, Key: e.Key, Value: e.Value}
	if e.Value == nil {
		f.Op = "delete"
	}
	if !e.Expires.IsZero() {
		f.Expires = &e.Expires
	}
	return f
}

// maxSeries is how many series of metrics a hook may have: a series is a name with labels.
const maxSeries = 100

// series are those that a hook has made. They are guarded by the VM.
type series struct {
	known map[string]bool
	full  bool // whether that was told
}

// add reports whether a metric is of a series that the hook may have.
func (s *series) add(m effect.Metric) bool {
	var name strings.Builder
	fmt.Fprintf(&name, "%s %q", m.Kind, m.Name)
	for _, label := range slices.Sorted(maps.Keys(m.Labels)) {
		fmt.Fprintf(&name, " %q=%q", label, m.Labels[label])
	}
	if s.known[name.String()] {
		return true
	}
	if len(s.known) == maxSeries {
		return false
	}
	if s.known == nil {
		s.known = map[string]bool{}
	}
	s.known[name.String()] = true
	return true
}

// tooManySeries tells once that metrics of a hook are dropped.
func (c *call) tooManySeries() {
	if s := &c.handler.acts.series; !s.full {
		s.full = true
		c.said.add(slog.LevelWarn, "a hook has too many series of metrics; new ones are dropped", slog.String("hook", c.handler.Name), slog.Int("most", maxSeries))
	}
}
