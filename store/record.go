package store

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sealed"
)

// The buckets of the file. A sequence number is that of an event, in the order of the commits.
const (
	metaBucket       = "meta"       // formatKey, appliedKey, sequenceKey
	stateBucket      = "state"      // service, in it scope, in it key: when it expires, and the value
	callsBucket      = "calls"      // the key of an open call: the call
	eventsBucket     = "events"     // sequence number: event and names of sinks
	deliveriesBucket = "deliveries" // sequence number and name of a sink: how far that is, until the sink has the event
	doneBucket       = "done"       // time and sequence number of an event that waits for no sink any more
	sinksBucket      = "sinks"      // the name of a sink that is paused: why
)

func buckets() []string {
	return []string{metaBucket, stateBucket, callsBucket, eventsBucket, deliveriesBucket, doneBucket, sinksBucket}
}

const (
	formatKey   = "format"   // the version of all this
	appliedKey  = "applied"  // the number of the last transaction, see journal
	sequenceKey = "sequence" // the last sequence number, whose event may be removed
	probeKey    = "probe"    // see probe
	format      = "1"
)

// record is a commit as it is written.
type record struct {
	Service, Scope string        `json:",omitempty"` // whose state it changes
	State          []entry       `json:",omitempty"`
	Events         []postedEvent `json:",omitempty"`
	Open, Call     []byte        `json:",omitempty"` // key and content of an open call
	Close          string        `json:",omitempty"` // key of an open call
	scope          *effect.Scope // for Forget; nil for none
	owed           bool
	barrier        bool          // nothing is to be left for later
	taken          bool          // whether the writer has it; guarded by Store.mu
	done           chan struct{} // closed when it is known what became of it
	err            error
}

// entry is a change of the state.
type entry struct {
	Key     []byte    // which need not be valid UTF-8
	Value   []byte    // nil for deleted
	Expires time.Time // zero for never
}

// postedEvent is an event with the sinks that are to get it.
type postedEvent struct {
	Seq     uint64
	Subject string
	Event   []byte // as JSON
	Sinks   []string
	kind    string // its type
}

const maxKey = 4 << 10 // bytes of the key of an open call, and of the names of services, scopes and sinks

// newRecord returns the record of a commit, without its state and the sinks of its events.
func newRecord(c *effect.Commit) (*record, error) {
	r := &record{Close: c.Close, owed: c.Owed, done: make(chan struct{})}
	if c.Open != nil {
		call, err := json.Marshal(c.Open)
		if err != nil {
			return nil, fmt.Errorf("open call %q: %w", c.Open.Key, err)
		}
		if c.Open.Key == "" || len(c.Open.Key) > maxKey {
			return nil, fmt.Errorf("want a key of an open call of 1 to %d bytes, got %d", maxKey, len(c.Open.Key))
		}
		r.Open, r.Call = []byte(c.Open.Key), call
	}
	if c.State != nil && c.State.Changed() {
		scope := c.State.Scope()
		for _, name := range []string{scope.Service, scope.Name} {
			if name == "" || len(name) > maxKey {
				return nil, fmt.Errorf("want a name of a service and of its state of 1 to %d bytes, got %d", maxKey, len(name))
			}
		}
		r.scope, r.Service, r.Scope = scope, scope.Service, scope.Name
	}
	for _, e := range c.Events {
		text, err := e.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("event %q of type %q: %w", e.ID, e.Type, err)
		}
		subject := string([]rune(e.Subject)) // valid UTF-8, as it is in the text
		r.Events = append(r.Events, postedEvent{Subject: subject, Event: text, kind: e.Type})
	}
	return r, nil
}

// setState takes the changes of a transaction that is committed.
func (r *record) setState(t *effect.Tx) {
	for e := range t.Changes() {
		r.State = append(r.State, entry{[]byte(e.Key), e.Value, e.Expires})
	}
}

func (r *record) empty() bool {
	return len(r.State) == 0 && len(r.Events) == 0 && r.Open == nil && r.Close == ""
}

// settle says what became of the record, once.
func (r *record) settle(err error) {
	select {
	case <-r.done:
	default:
		r.err = err
		close(r.done)
	}
}

// write writes the record.
func (r *record) write(tx *sealed.Tx, now time.Time) error {
	if len(r.State) > 0 {
		if err := r.writeState(tx.Bucket(stateBucket)); err != nil {
			return err
		}
	}
	for _, e := range r.Events {
		if err := e.write(tx, now); err != nil {
			return err
		}
	}
	if r.Open != nil {
		if err := tx.Bucket(callsBucket).Put(r.Open, r.Call); err != nil {
			return err
		}
	}
	if r.Close != "" {
		return tx.Bucket(callsBucket).Delete([]byte(r.Close))
	}
	return nil
}

func (r *record) writeState(all *sealed.Bucket) error {
	service, err := all.Nested(r.Service, true)
	if err != nil {
		return err
	}
	scope, err := service.Nested(r.Scope, true)
	if err != nil {
		return err
	}
	for _, e := range r.State {
		if e.Value == nil {
			err = scope.Delete(e.Key)
		} else {
			err = scope.Put(e.Key, e.encode())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// encode returns the stored form: eight bytes for when the entry expires, in microseconds since 1970, 0 for never; and
// the value.
func (e entry) encode() []byte {
	var at uint64
	if !e.Expires.IsZero() {
		at = cmp.Or(uint64(e.Expires.UnixMicro()), 1)
	}
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(e.Value)), at), e.Value...)
}

func decodeEntry(key, stored []byte) (effect.Entry, error) {
	if len(stored) < 8 {
		return effect.Entry{}, errors.New("a value of the state is too short")
	}
	e := effect.Entry{Key: string(key), Value: append(json.RawMessage{}, stored[8:]...)}
	if at := binary.BigEndian.Uint64(stored); at != 0 {
		e.Expires = time.UnixMicro(int64(at)).UTC()
	}
	if e.Expires.Year() > 9999 { // which no text can say; stores may have it from a time west of Greenwich
		e.Expires = latest
	}
	return e, nil
}

// latest is the last second that RFC 3339 can write.
var latest = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// storedEvent is the stored form of an event, in JSON.
type storedEvent struct {
	Sinks []string     `json:"sinks"`
	Event effect.Event `json:"event"`
}

func (e *postedEvent) write(tx *sealed.Tx, now time.Time) error {
	sinks, err := json.Marshal(e.Sinks)
	if err != nil {
		return err
	}
	stored := fmt.Appendf(nil, `{"sinks":%s,"event":%s}`, sinks, e.Event) // without another look at the event
	if err := tx.Bucket(eventsBucket).Appended().Put(seqKey(e.Seq), stored); err != nil {
		return err
	}
	if len(e.Sinks) == 0 {
		return tx.Bucket(doneBucket).Appended().Put(doneKey(now, e.Seq), nil)
	}
	for _, sink := range e.Sinks {
		d := delivery{seq: e.Seq, sink: sink, Subject: e.Subject}
		if err := d.write(tx, now); err != nil {
			return err
		}
	}
	return nil
}

func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

func doneKey(at time.Time, seq uint64) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano())), seqKey(seq)...)
}
