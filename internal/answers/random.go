package answers

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strconv"

	"github.com/hookrun/hookrun/effect"
)

// Generator is a generator of random numbers, and the run that drew from it last.
type Generator struct {
	*rand.PCG
	run uint64 // 0 for one that nobody asks about
}

// NewGenerator returns a generator that begins anywhere.
func NewGenerator() *Generator { return &Generator{PCG: rand.NewPCG(rand.Uint64(), rand.Uint64())} }

// seeds are where the random numbers of a run come from that has them from a seed. What a script draws of one kind
// changes nothing of the other.
type seeds struct {
	numbers [2]uint64 // of a generator
	bytes   *rand.ChaCha8
}

func newSeeds(text string) *seeds {
	source := rand.NewChaCha8(sha256.Sum256([]byte(text)))
	return &seeds{numbers: [2]uint64{source.Uint64(), source.Uint64()}, bytes: source}
}

// Draw makes a generator ready for a draw of a run. Where another run has drawn from it, it stands where nobody can
// know: that is noted, or taken from the tape. What follows from there, follows in each replay.
func (r *Run) Draw(g *Generator) *effect.Error {
	switch {
	case r == nil:
		g.run = 0
		return nil
	case r.seeds != nil:
		if g.run != r.id { // also where the top level of a script has set a seed, which may go by the clock
			g.Seed(r.seeds.numbers[0], r.seeds.numbers[1])
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
	g.run = 0
	if r != nil {
		g.run = r.id
	}
}

// Bytes returns random bytes, n of them.
func (r *Run) Bytes(n int, world func() []byte) ([]byte, *effect.Error) {
	switch {
	case r == nil:
		return world(), nil
	case r.seeds != nil:
		b := make([]byte, n)
		r.seeds.bytes.Read(b) // never fails
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
