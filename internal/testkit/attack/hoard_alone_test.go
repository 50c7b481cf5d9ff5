package attack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// hoardVariable holds, in the environment of a process that is to run hoarding scripts, which.
const hoardVariable = "HOOKRUN_HOARD"

// hoardJob is what a process is to do, one script after the other.
type hoardJob struct {
	Folder   string
	From, To uint64 // seeds
	Most     int64  // the largest limit
	Ballast  int64  // what the process holds besides, in bytes
}

// hoard is one script with its limits, and what came of it.
type hoard struct {
	Seed    uint64
	Limit   int64
	Timeout time.Duration
	Took    time.Duration
	Peak    int64 // growth of the process's memory, in bytes
	Kind    string
	Source  string
	Faults  []string
	Slow    float64 // see slowdown
}

// newHoard makes what a seed stands for: limits from a mebibyte on, small ones as often as large ones.
func newHoard(seed uint64, most int64) *hoard {
	h := hoarder{rand.New(rand.NewPCG(seed, 1))}
	limit := int64(1<<20*math.Exp2(h.Float64()*math.Log2(float64(most>>20)))) &^ (1<<16 - 1)
	timeout := time.Duration(100<<h.IntN(5)) * time.Millisecond
	return &hoard{Seed: seed, Limit: limit, Timeout: timeout, Source: h.hook(limit)}
}

// mayGrow is how much a process may grow by under a limit.
func mayGrow(limit int64) int64 { return limit + max(graceMemory, limit/4) }

func hoardAlone(text string) error {
	var job hoardJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	ballast := make([][]byte, job.Ballast>>20)
	for i := range ballast {
		ballast[i] = make([]byte, 1<<20)
		for at := 0; at < len(ballast[i]); at += 4 << 10 {
			ballast[i][at] = 1
		}
	}
	out := json.NewEncoder(os.Stdout)
	for seed := job.From; seed < job.To; seed++ {
		h := newHoard(seed, job.Most)
		if err := h.play(job.Folder); err != nil {
			return err
		}
		h.judge()
		if err := out.Encode(h); err != nil {
			return err
		}
	}
	if len(ballast) > 0 && ballast[0][0] != 1 {
		return errors.New("the ballast is gone")
	}
	return nil
}

// play makes two calls with the script, as globals live on.
func (h *hoard) play(folder string) error {
	if err := os.WriteFile(filepath.Join(folder, "hoard.lua"), []byte(h.Source), 0o600); err != nil {
		return err
	}
	hook := config.DefaultHook("hoard.lua")
	hook.Timeout, hook.MaxMemory, hook.MaxInstructions = h.Timeout, h.Limit, 1_000_000_000
	cfg := &config.Config{Scripts: folder, Services: map[string]config.Service{"hoard": {Hooks: []config.Hook{hook}}}}
	e, err := engine.New(cfg, "hoard", engine.Options{Logger: slog.New(&countingHandler{})})
	if err != nil {
		h.Faults = append(h.Faults, err.Error())
		return nil
	}
	for range 2 {
		debug.FreeOSMemory()
		base, err := resetPeak()
		if err != nil {
			return err
		}
		began := time.Now()
		_, err = callAttack(context.Background(), e, newRequest(), false)
		h.Took = max(h.Took, time.Since(began))
		h.Peak = max(h.Peak, peakMemory()-base)
		h.Kind = "ok"
		if err != nil {
			h.Kind = outcomeOfError(err).String()
		}
	}
	h.Slow = slowdown()
	return e.Close()
}

// judge says what is wrong.
func (h *hoard) judge() {
	if most := mayGrow(h.Limit); h.Peak > most {
		h.Faults = append(h.Faults, fmt.Sprintf("the process grew by %d MiB, want %d at most", h.Peak>>20, most>>20))
	}
	if most := h.Timeout + time.Duration(float64(grace)*h.Slow); h.Limit <= 1<<30 && h.Took > most {
		h.Faults = append(h.Faults, fmt.Sprintf("a call took %v, want %v at most", h.Took, most))
	}
	if len(h.Kind) >= 8 && h.Kind[:8] == "internal" {
		h.Faults = append(h.Faults, h.Kind)
	}
}
