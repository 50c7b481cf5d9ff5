package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/tape"
)

// edition is a version of the hooks: those of one config.
type edition struct {
	*runner
	from string // goes before the names of its files, such as "git:HEAD:"; "" where they are files of this machine
}

// failed is an error of loading the version, with files that say which version they are of.
func (v *edition) failed(err error) error {
	var invalid *config.Error
	if v.from == "" || !errors.As(err, &invalid) {
		return err
	}
	named := *invalid
	named.Problems = slices.Clone(invalid.Problems)
	for i := range named.Problems {
		named.Problems[i].File = v.from + named.Problems[i].File
	}
	return &named
}

// played is a line of a tape on its way through the hooks.
type played struct {
	line   record.Raw
	record *record.Record
	runs   []*outcome // for each version; nil where the line cannot be run, or is not to be
	call   replay.Call
}

// lane is a version of the hooks of a service: an engine, which gets its calls in their order.
type lane struct {
	version int
	service string
}

// run takes all that the inputs hold through the hooks, and counts what comes of it.
func (p *replaying) run(ctx context.Context, in *inputs) error {
	ctx, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	pipeline := replay.Pipeline[*played, lane]{
		Workers: p.workers,
		Next:    in.next,
		Close:   func() { _ = in.close() }, // what was read is read
		Size:    func(l *played) int { return len(l.line.JSON) },
		Prepare: func(l *played) { p.prepare(l) },
		Lanes: func(l *played) (lanes []lane) {
			for i, e := range l.runs {
				if _, err := p.editions[i].engine(e.service); err != nil {
					broken(p.editions[i].failed(err))
					return nil
				}
				lanes = append(lanes, lane{i, e.service})
			}
			return lanes
		},
		Execute: func(at lane, l *played) {
			v := p.editions[at.version]
			v.execute(ctx, v.engines[at.service], l.runs[at.version])
		},
		Finish: func(l *played) { p.finish(l) },
		Emit:   func(l *played) { p.count(l) },
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
	if p.hooks.service != "" && r.Service != "" && r.Service != p.hooks.service {
		return
	}
	if r.At.IsZero() {
		r.At = p.began // the same in all versions
	}
	l.record = r
	l.call.RequestID, l.call.Method, l.call.Service = r.RequestID(), r.Method, r.Service
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
	c.Now = all[0]
	if !l.record.Recorded.IsNull() {
		if c.Recorded, err = readRecorded(l.record.Recorded); err != nil {
			return fmt.Errorf("%s: recorded: %w", c.At, err)
		}
		c.Then = c.Recorded
	}
	if len(all) > 1 {
		c.Then = all[1]
	}
	if c.Then != nil {
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

// count takes a call into the report.
func (p *replaying) count(l *played) {
	if l.call.Now == nil && l.call.Problem == "" && l.call.Dropped == 0 {
		return // a header, or a call of a service that was not asked for
	}
	p.tally.Add(&l.call)
	p.progress.add()
}
