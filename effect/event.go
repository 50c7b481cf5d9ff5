package effect

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// Event is an event in the sense of CloudEvents 1.0, with data in JSON. Its JSON form is the specification's structured
// mode (https://github.com/cloudevents/spec, json-format).
type Event struct {
	ID          string // unique together with Source; never changes
	Source      string // of the hook that published it, see [Source]
	Type        string
	Subject     string // what it is about, such as the id of a share; "" for nothing in particular
	Time        time.Time
	Call        string          // id of the call in which it was published; "" for a tick
	Generation  int             // of the scripts that published it
	TraceParent string          // of the call, as W3C Trace Context has it; "" for none
	Data        json.RawMessage // nil for none
}

// cloudEvent is the JSON form of an event, in the order in which people want to read it.
type cloudEvent struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject,omitempty"`
	Time            *time.Time      `json:"time,omitempty"`
	Call            string          `json:"hookcall,omitempty"`
	Generation      int             `json:"hookgeneration,omitempty"`
	TraceParent     string          `json:"traceparent,omitempty"`
	DataContentType string          `json:"datacontenttype,omitempty"`
	Data            json.RawMessage `json:"data,omitempty"`
}

const (
	specVersion = "1.0"
	jsonType    = "application/json"
)

// MarshalJSON returns the event in structured mode.
func (e Event) MarshalJSON() ([]byte, error) {
	c := cloudEvent{
		SpecVersion: specVersion, ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject, Call: e.Call,
		Generation: e.Generation, TraceParent: e.TraceParent, Data: e.Data,
	}
	if !e.Time.IsZero() {
		c.Time = &e.Time
	}
	if e.Data != nil {
		c.DataContentType = jsonType
	}
	return json.Marshal(c)
}

// UnmarshalJSON reads what MarshalJSON wrote. Of other events it refuses those whose data is not in JSON, and drops
// extension attributes that hookrun does not have.
func (e *Event) UnmarshalJSON(text []byte) error {
	var c cloudEvent
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	switch {
	case c.SpecVersion != specVersion:
		return fmt.Errorf("want an event of CloudEvents %s, got specversion %q", specVersion, c.SpecVersion)
	case c.DataContentType != "" && c.DataContentType != jsonType:
		return fmt.Errorf("want an event with data of type %s, got %q", jsonType, c.DataContentType)
	case c.ID == "" || c.Source == "" || c.Type == "":
		return fmt.Errorf("want an event with id, source and type, got id %q, source %q, type %q", c.ID, c.Source, c.Type)
	}
	*e = Event{
		ID: c.ID, Source: c.Source, Type: c.Type, Subject: c.Subject, Call: c.Call, Generation: c.Generation,
		TraceParent: c.TraceParent, Data: c.Data,
	}
	if c.Time != nil {
		e.Time = *c.Time
	}
	return nil
}

// Source returns the source of a hook's events: hookrun/SERVICE/HOOK. It is a URI reference (RFC 3986), as CloudEvents
// wants it: receivers refuse events whose source is none, so what a name has of other characters is escaped.
func Source(service, hook string) string {
	return "hookrun/" + url.PathEscape(service) + "/" + url.PathEscape(hook)
}

// NewID returns a new id, a UUID of version 7 (RFC 9562): ids that are made later compare as greater, to a millisecond.
func NewID(now time.Time) string {
	var id [16]byte
	_, _ = rand.Read(id[6:]) // which never fails
	ms := now.UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
