package answers

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strconv"

	"github.com/hookrun/hookrun/effect"
)

// Generator is a generator of random numbers, and the run that drew from it last.
type Generator struct {
	*rand.PCG
	run    uint64 // 0 for one that nobody asks about
	seeded bool   // by a script
}

// NewGenerator returns a generator that begins anywhere.
func NewGenerator() *Generator { return &Generator{PCG: rand.NewPCG(rand.Uint64(), rand.Uint64())} }

// Draw makes a generator ready for a draw of a run. Where another run has drawn from it, it stands where nobody can
// know: that is noted, or taken from the tape. What follows from there, follows in each replay.
func (r *Run) Draw(g *Generator) *effect.Error {
	switch {
	case r == nil:
		g.run = 0
		return nil
	case r.random != nil:
		if g.run != r.id && !g.seeded {
			g.Seed(r.random.Uint64(), r.random.Uint64())
		}
		g.run = r.id
		return nil
	}
	ask := "draw " + strconv.Itoa(r.draws)
	r.draws++
	if r.replays {
		a, ok := r.Take(effect.AnswerRandom, ask)
		switch {
		case ok:
			var state []byte
			if json.Unmarshal(a.Value, &state) != nil || g.UnmarshalBinary(state) != nil {
				return Missing(effect.AnswerRandom, ask)
			}
		case g.run != r.id:
			return Missing(effect.AnswerRandom, ask)
		}
	} else if g.run != r.id {
		state, _ := g.MarshalBinary() // which never fails
		r.Note(effect.Answer{Kind: effect.AnswerRandom, Ask: ask, Value: Value(state)})
	}
	g.run = r.id
	return nil
}

// Seeded notes that a run has set where a generator stands.
func (r *Run) Seeded(g *Generator) {
	g.run, g.seeded = 0, true
	if r != nil {
		g.run = r.id
	}
}

// Bytes returns random bytes, n of them.
func (r *Run) Bytes(n int, world func() []byte) ([]byte, *effect.Error) {
	switch {
	case r == nil:
		return world(), nil
	case r.random != nil:
		b := make([]byte, n)
		r.random.Read(b) // never fails
		return b, nil
	}
	ask := strconv.Itoa(n) + " bytes"
	a, err := r.Answer(effect.AnswerRandom, ask, func() effect.Answer {
		return effect.Answer{Value: Value(base64.StdEncoding.EncodeToString(world()))}
	})
	if err != nil {
		return nil, err
	}
	var b []byte
	if json.Unmarshal(a.Value, &b) != nil || len(b) != n {
		return nil, Missing(effect.AnswerRandom, ask)
	}
	return b, nil
}
