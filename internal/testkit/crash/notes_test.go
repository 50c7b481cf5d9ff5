package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/effect"
)

// fate is what processes wrote down of a call.
type fate struct {
	began  bool
	did    string   // what the driver did; "" where it was not called, or was killed before it did anything
	asked  []string // what later processes said became of it
	answer string   // that the caller got; "" for none
}

// notes are what processes wrote down.
type notes struct {
	calls map[int]*fate
	ticks map[int]string // how they ended; "" where that is not known
	wrong []string       // what processes found wrong themselves, and calls that go on after their answer
}

// readJournal reads what the processes of a life wrote down.
func readJournal(path string) (*notes, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	n := &notes{calls: map[int]*fate{}, ticks: map[int]string{}}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if words[0] == "wrong" {
			n.wrong = append(n.wrong, strings.TrimSpace(line))
			continue
		}
		number, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, fmt.Errorf("journal: %q: %w", line, err)
		}
		n.take(number, words)
	}
	return n, nil
}

func (n *notes) take(number int, words []string) {
	said := strings.Join(words[2:], " ")
	switch words[0] {
	case "tick":
		n.ticks[number] = ""
		return
	case "ticked":
		n.ticks[number] = said
		return
	}
	f := n.calls[number]
	if f == nil {
		f = &fate{}
		n.calls[number] = f
	}
	if f.answer != "" || f.began == (words[0] == "begin") {
		n.wrong = append(n.wrong, fmt.Sprintf("call %d: %s %s, after %+v", number, words[0], said, *f))
	}
	switch words[0] {
	case "begin":
		f.began = true
	case "did":
		f.did = said
	case "asked":
		f.asked = append(f.asked, said)
	case "answer":
		f.answer = said
	}
}

// mend cuts off the line in the middle of which a process was killed.
func mend(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Truncate(path, int64(bytes.LastIndexByte(text, '\n')+1))
}

// heard is an event as a sink got it first.
type heard struct {
	effect.Event
	about about
}

// about is what the events of the scripts tell.
type about struct {
	Call   int    `json:"call"`
	N      int    `json:"n"` // of the run within its share and state; 0 for one that waited
	Size   int    `json:"size"`
	Source string `json:"source"`
	Code   string `json:"code"`
	Status string `json:"status"`
}

// readSink reads what a sink has got, each event where it came first.
func readSink(path string) (events []heard, again int, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	known := map[string]string{}
	for line := range strings.Lines(string(text)) {
		var h heard
		if err := json.Unmarshal([]byte(line), &h.Event); err != nil {
			return nil, 0, fmt.Errorf("%s: %q: %w", path, line, err)
		}
		if first, ok := known[h.ID]; ok {
			again++
			if first != line {
				return nil, 0, fmt.Errorf("%s: event %s came as %s, and then as %s", path, h.ID, first, line)
			}
			continue
		}
		known[h.ID] = line
		if err := json.Unmarshal(h.Data, &h.about); err != nil {
			return nil, 0, fmt.Errorf("%s: %q: %w", path, line, err)
		}
		events = append(events, h)
	}
	return events, again, nil
}
