package profile

import (
	"io"
	"time"

	pprof "github.com/google/pprof/profile"
)

// Write writes the profile for `go tool pprof`.
func (p *Profile) Write(w io.Writer) error {
	out := &pprof.Profile{
		SampleType: []*pprof.ValueType{
			{Type: "instructions", Unit: "count"}, {Type: "time", Unit: "nanoseconds"}, {Type: "alloc_space", Unit: "bytes"},
		},
		DefaultSampleType: "instructions",
		PeriodType:        &pprof.ValueType{Type: "instructions", Unit: "count"},
		Period:            1,
		TimeNanos:         time.Now().UnixNano(),
		DurationNanos:     int64(p.Total.Time),
		Comments:          []string{"hookrun profile: each value is the sum of all rounds"},
	}
	places := &places{out: out, functions: map[Place]*pprof.Function{}, locations: map[Place]*pprof.Location{}}
	for _, s := range p.Stacks {
		sample := &pprof.Sample{Value: []int64{s.Instructions, int64(s.Time), s.Bytes}}
		for _, at := range s.Frames {
			sample.Location = append(sample.Location, places.location(at))
		}
		out.Sample = append(out.Sample, sample)
	}
	if err := out.CheckValid(); err != nil {
		return err
	}
	return out.Write(w)
}

// places are the functions and lines of a profile, numbered.
type places struct {
	out       *pprof.Profile
	functions map[Place]*pprof.Function
	locations map[Place]*pprof.Location
}

func (p *places) location(at Place) *pprof.Location {
	l := p.locations[at]
	if l == nil {
		l = &pprof.Location{ID: uint64(len(p.out.Location) + 1), Line: []pprof.Line{{Function: p.function(at), Line: int64(at.Line)}}}
		p.locations[at] = l
		p.out.Location = append(p.out.Location, l)
	}
	return l
}

func (p *places) function(at Place) *pprof.Function {
	at.Line = 0
	f := p.functions[at]
	if f == nil {
		f = &pprof.Function{ID: uint64(len(p.out.Function) + 1), Name: at.Function, SystemName: at.Function, Filename: at.File, StartLine: int64(at.Begins)}
		if at.File != "" { // functions of two scripts may have one name
			f.Name = at.File + ": " + at.Function
		}
		p.functions[at] = f
		p.out.Function = append(p.out.Function, f)
	}
	return f
}
