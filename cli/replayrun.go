package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/tape"
)

// played is a line of a tape on its way through the hooks.
type played struct {
	line   record.Raw
	record *record.Record
	runs   []*outcome // for each version; nil where the line cannot be run, or is not to be
	header *tape.Header
	call   replay.Call
}

// run takes all that the inputs hold through the hooks, and counts what comes of it.
func (p *replaying) run(ctx context.Context, in *inputs) error {
	ctx, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	pipeline := replay.Pipeline[*played, *lane]{
		Workers: p.workers,
		Next:    in.next,
		Close:   func() { _ = in.close() }, // what was read is read
		Size:    func(l *played) int { return len(l.line.JSON) },
		Prepare: p.prepare,
		Lanes:   p.lanesOf,
		Execute: func(at *lane, l *played) {
			if err := at.execute(ctx, l); err != nil {
				broken(err)
			}
		},
		Finish: p.finish,
		Emit:   p.count,
	}
	err := pipeline.Run(ctx)
	if why := context.Cause(ctx); why != nil && !errors.Is(why, ctx.Err()) {
		return why
	}
	return err
}

// prepare reads a line. What cannot be run gets a reason.
func (p *replaying) prepare(l *played) {
	place := l.line.Pos()
	l.call.At = fmt.Sprintf("%s:%d", place.File, place.Line)
	l.call.Source = l.line.JSON
	switch kind, dropped := kindOf(l.line.JSON); {
	case kind == "tape":
		p.prepareHeader(l)
		return
	case kind == "dropped" && dropped < 1:
		l.call.Problem = l.call.At + ": dropped: want the number of calls that are missing, 1 or more"
		return
	case kind == "dropped":
		l.call.Dropped = dropped
		return
	}
	r, err := record.Parse(l.line.JSON, place.File, place.Line)
	if err != nil {
		l.call.Problem = problemText(err)
		return
	}
	if p.isLeftOut(r.Service) {
		return
	}
	if r.At.IsZero() {
		r.At = p.began // the same in all versions
	}
	l.record = r
	l.call.RequestID, l.call.Method, l.call.Service = r.RequestID(), r.Method, r.Service
	if !r.Recorded.IsNull() {
		if l.call.Recorded, err = readRecorded(r.Recorded); err != nil {
			l.call.Problem = fmt.Sprintf("%s: recorded: %s", l.call.At, err)
			return
		}
	}
	for _, v := range p.editions {
		e, err := v.prepare(r)
		if err != nil {
			l.runs, l.call.Problem = nil, problemText(err)
			return
		}
		l.runs = append(l.runs, e)
	}
	l.call.Service = l.runs[0].service
}

// isLeftOut reports whether a call of a service is not to be replayed.
func (p *replaying) isLeftOut(service string) bool {
	return p.hooks.service != "" && service != "" && service != p.hooks.service
}

// prepareHeader reads which scripts the calls that follow were recorded with.
func (p *replaying) prepareHeader(l *played) {
	var h tape.Header
	switch err := json.Unmarshal(l.line.JSON, &h); {
	case err != nil:
		l.call.Problem = fmt.Sprintf("%s: %s", l.call.At, err)
	case h.Version != tape.Version:
		l.call.Problem = fmt.Sprintf("%s: want format %d of tapes, got %d", l.call.At, tape.Version, h.Version)
	case !p.isLeftOut(h.Service):
		l.header = &h
	}
}

// problemText is the first of the mistakes of a record.
func problemText(err error) string {
	var all record.Errors
	if errors.As(err, &all) {
		return all[0].Error()
	}
	return err.Error()
}

// kindOf tells what a line of a tape is: "tape", "dropped", or "" for a call record.
func kindOf(line []byte) (kind string, dropped int64) {
	dec := json.NewDecoder(bytes.NewReader(line))
	_, _ = dec.Token() // the brace: what is no object is found out when it is read
	switch key, _ := dec.Token(); key {
	case "tape":
		return "tape", 0
	case "dropped":
		_ = dec.Decode(&dropped)
		return "dropped", dropped
	}
	return "", 0
}

// finish describes and compares what came of a call.
func (p *replaying) finish(l *played) {
	if l.runs == nil {
		return
	}
	c := &l.call
	if err := l.compare(); err != nil {
		c.Problem = problemText(err)
	}
	l.runs, l.record = nil, nil
}

func (l *played) compare() (err error) {
	c := &l.call
	all := make([]*tape.Recorded, len(l.runs))
	for i, e := range l.runs {
		rep, err := newCallReport(e)
		if err != nil {
			return err
		}
		all[i] = &rep.Recorded
	}
	c.Now, c.Then = all[0], c.Recorded
	if len(all) > 1 {
		c.Then = all[1]
	}
	if c.Then != nil && !c.Unknown() {
		c.Differences, err = replay.Differences(c.Then, c.Now)
	}
	return err
}

func readRecorded(raw record.Raw) (*tape.Recorded, error) {
	var r tape.Recorded
	dec := json.NewDecoder(bytes.NewReader(raw.JSON))
	dec.UseNumber()
	return &r, dec.Decode(&r)
}

// count takes a line into the report.
func (p *replaying) count(l *played) {
	switch {
	case l.header != nil:
		p.notes(l.header)
	case l.call.Now != nil || l.call.Problem != "" || l.call.Dropped > 0: // else it is of a service that was not asked for
		p.tally.Add(&l.call)
		p.progress.add()
	}
}
