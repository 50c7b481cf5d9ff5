package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/tape"
)

// saveCases writes the examples as call records that expect what the hooks do now, to a folder that is there.
func (p *replaying) saveCases(ctx context.Context, r *replay.Report) error {
	for _, g := range r.Differences {
		if g.Outcome == nil {
			continue
		}
		text, err := caseOf(g)
		if err != nil {
			return err
		}
		if err := p.passes(ctx, text); ctx.Err() != nil {
			return nil
		} else if err != nil {
			g.Note = "not saved: " + err.Error()
			continue
		}
		file := filepath.Join(p.cases, caseName(g))
		if err := writeNew(file, text); err != nil {
			if !errors.Is(err, fs.ErrExist) {
				return err
			}
			g.Note = fmt.Sprintf("not saved: %s is there already, and is another case", file)
			continue
		}
		g.Case = file
	}
	return nil
}

// caseName is the same for the same difference: it says what it is about, and ends in a checksum.
func caseName(g *replay.Group) string {
	sum := fnv.New32a()
	sum.Write([]byte(g.Key()))
	parts := append([]string{string(g.Kind)}, g.Hooks...)
	name := notInNames.ReplaceAllString(strings.Join(parts, "-"), "_")
	const most = 80
	return fmt.Sprintf("%s-%08x.json", name[:min(len(name), most)], sum.Sum32())
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// writeNew writes a file that is not there yet. Where it is, with the same text, nothing needs to be done.
func writeNew(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		if there, readErr := os.ReadFile(file); readErr == nil && bytes.Equal(there, text) {
			return nil
		}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(file) // a half is no file; the error says why
	}
	return err
}

// callCase is a call record with what is expected of the call.
type callCase struct {
	Service json.RawMessage `json:"service"`
	Method  json.RawMessage `json:"method"`
	At      json.RawMessage `json:"at"`
	Tick    json.RawMessage `json:"tick,omitempty"`
	Context json.RawMessage `json:"context,omitempty"`
	Args    json.RawMessage `json:"args,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
	Expect  *expectation    `json:"expect,omitempty"`
}

// ordered writes a record with its keys in the order in which people write them.
func ordered(text []byte) []byte {
	var c callCase
	if err := json.Unmarshal(text, &c); err != nil {
		return text
	}
	if again, err := patch.Encode(c); err == nil {
		return again
	}
	return text
}

// expectation is what is expected of a call: how it ends and, for what a difference is about, what is there then.
type expectation struct {
	Outcome string         `json:"outcome"`
	Error   *expectedError `json:"error"`
	Args    any            `json:"args,omitempty"`
	Result  any            `json:"result,omitempty"`
	Steps   []expectedStep `json:"steps,omitempty"`
}

type expectedError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Code    string `json:"code"`
}

type expectedStep struct {
	Hook    string            `json:"hook"`
	Phase   string            `json:"phase"`
	Status  string            `json:"status"`
	Effects []json.RawMessage `json:"effects,omitempty"`
	Error   *expectedError    `json:"error"`
}

// caseOf makes a case of an example.
func caseOf(g *replay.Group) ([]byte, error) {
	var c callCase
	if err := json.Unmarshal(g.Record, &c); err != nil {
		return nil, err
	}
	now := g.Outcome
	c.Expect = &expectation{Outcome: now.Outcome, Error: errorOf(now.Error)}
	switch g.Kind {
	case replay.KindArgs:
		c.Expect.Args = now.Args
	case replay.KindResult:
		c.Expect.Result = now.Result
	case replay.KindError, replay.KindEffect:
		for i := range now.Steps {
			st, err := expectedOf(&now.Steps[i])
			if err != nil {
				return nil, err
			}
			c.Expect.Steps = append(c.Expect.Steps, st)
		}
	}
	text, err := patch.Encode(c)
	if err != nil {
		return nil, err
	}
	var lines bytes.Buffer
	err = json.Indent(&lines, text, "", "  ")
	return append(lines.Bytes(), '\n'), err
}

func errorOf(f *tape.Failure) *expectedError {
	if f == nil {
		return nil
	}
	return &expectedError{f.Kind, f.Message, f.Code}
}

func expectedOf(st *tape.Step) (expectedStep, error) {
	e := expectedStep{Hook: st.Hook, Phase: st.Phase, Status: st.Status, Error: errorOf(st.Error)}
	for _, effect := range st.Effects {
		effect.ID = "" // it depends on how many calls were before
		text, err := patch.Encode(effect)
		if err != nil {
			return e, err
		}
		e.Effects = append(e.Effects, text)
	}
	return e, nil
}

// passes returns why a case does not pass.
func (p *replaying) passes(ctx context.Context, text []byte) error {
	now := p.editions[0]
	hooks, err := now.hooks.fresh(ctx)
	if err != nil {
		return err
	}
	b := newRunner(hooks, now.cfg)
	defer b.close()
	r, err := record.NewDecoder("case", bytes.NewReader(text)).Next()
	if err != nil {
		return err
	}
	rep, err := b.run(ctx, r)
	switch {
	case err != nil:
		return err
	case !rep.asWanted():
		return fmt.Errorf("run again, it differs at %s", rep.Differs[0].Path)
	}
	return nil
}
