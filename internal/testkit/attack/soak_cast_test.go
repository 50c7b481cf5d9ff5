package attack

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// player is a hook whose every step the model of the soak knows.
type player struct {
	config.Hook
	source   string // in testdata
	has      map[engine.Phase][]string
	marks    bool // whether it is soak.lua, which has all phases for all methods that it sees
	switched bool // whether it is switched on and off
}

// cast are the players in run order. The attacking hooks stand before the one called witness.
func cast() []player {
	soak := func(name string, methods ...string) player {
		h := config.DefaultHook(name + ".lua")
		h.Name, h.Methods = name, methods
		h.Timeout, h.MaxInstructions, h.MaxMemory = time.Minute, 2_000_000, 2<<20
		return player{Hook: h, source: "soak.lua", marks: true}
	}
	bystander := func(name string) player {
		h := config.DefaultHook(name + ".lua")
		h.Name, h.Methods, h.Timeout = name, []string{"attack"}, time.Minute
		attack := []string{"attack"}
		return player{Hook: h, source: "bystander.lua", has: map[engine.Phase][]string{engine.PhasePre: attack, engine.PhasePost: attack}}
	}
	strict, shaper, optional := soak("strict", "create_*"), soak("shaper", "create_*"), soak("optional", "create_*")
	shaper.ChangeArgs = true
	shaper.SuppressPreErrors, shaper.SuppressPostErrors, shaper.SuppressPeriodicErrors = true, true, true
	optional.SuppressPostErrors, optional.PeriodicEvery, optional.switched = true, 2, true
	hasty := player{Hook: config.DefaultHook("hasty.lua"), source: "soak_hasty.lua", has: map[engine.Phase][]string{
		engine.PhasePre: {"shrink_share"}, engine.PhasePost: {"extend_share"},
	}}
	hasty.Timeout, hasty.MaxInstructions, hasty.SuppressPostErrors = 5*time.Millisecond, 1e12, true
	return []player{
		soak("ledger", "*"), bystander("guard"), strict, shaper, optional, hasty, bystander("witness"), soak("closer", "*"),
	}
}

// takes reports whether a player has a function for a method.
func (h *player) takes(phase engine.Phase, method string) bool {
	if !h.marks {
		return slices.Contains(h.has[phase], method)
	}
	return h.Methods[0] == "*" || method == "create_snapshot" || method == "create_share_instance"
}

// suppresses reports whether a failure of a phase leaves the call going on.
func (h *player) suppresses(phase engine.Phase) bool {
	switch phase {
	case engine.PhasePre:
		return h.SuppressPreErrors
	case engine.PhasePost:
		return h.SuppressPostErrors
	case engine.PhasePeriodic:
		return h.SuppressPeriodicErrors
	}
	return true
}

// attacker is a script of testdata at a place in a hook.
type attacker struct {
	*script
	where placement
}

// What attacking hooks may use: so little that a soak of them takes minutes.
const (
	attackTimeout = 20 * time.Millisecond
	attackMemory  = 8 << 20
)

// writeConfig makes the config of a generation, whose scripts are in a folder of its number, with an attack or nil.
func writeConfig(folder string, generation int, a *attacker) (*config.Config, error) {
	w := configWriter{folder: folder, generation: generation}
	for _, p := range cast() {
		if p.Name == "witness" && a != nil {
			w.attack(a)
		}
		source, err := os.ReadFile(filepath.Join("testdata", p.source))
		if err != nil {
			return nil, err
		}
		p.Options = map[string]any{"name": p.Name, "generation": generation}
		w.add(p.Hook, string(source))
	}
	service := config.Service{Host: "storage-1", ExtraMethods: []string{"attack", "probe"}, Hooks: w.hooks}
	return &config.Config{Scripts: folder, Services: map[string]config.Service{"attacked": service}}, w.err
}

// configWriter writes the scripts of a generation.
type configWriter struct {
	folder     string
	generation int
	hooks      []config.Hook
	err        error
}

func (w *configWriter) add(h config.Hook, source string) {
	h.Script = "g" + strconv.Itoa(w.generation) + "/" + h.Name + ".lua"
	w.hooks = append(w.hooks, h)
	w.write(h.Script, source)
}

// attack adds the hooks and modules of a hostile script.
func (w *configWriter) attack(a *attacker) {
	s := scene{job: job{Where: a.where, Timeout: attackTimeout, Memory: attackMemory}, script: a.script}
	for _, p := range a.parts {
		if p.isModule() {
			w.write(p.name, p.source)
			continue
		}
		h := s.hook(p)
		h.ChangeArgs = false // what the driver gets is to be known
		w.add(h, a.hookSource(p, a.where))
	}
}

func (w *configWriter) write(name, source string) {
	path := filepath.Join(w.folder, filepath.FromSlash(name))
	w.err = errors.Join(w.err, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(source), 0o600))
}
