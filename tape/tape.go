// Package tape reads and writes tapes: what came of the calls of a service, a line of JSON for each, so that they can
// be run again.
//
// A line is a call record as 'hookrun run' takes it, and holds under "recorded" what the hooks did, in the form of 'run
// --json', with what each run was told from outside: see [effect.Answer]. A tape has two more kinds of lines. A
// [Header] says which scripts were loaded; there is one for each generation of a service, before the first of its
// calls, and again at the beginning of each file. A line {"dropped":12} stands where calls are missing that were to be
// recorded.
//
// The ending of a file's name says how it is compressed: .zst (Zstandard) or .gz (gzip), else not at all. A file may be
// read while it is written, and after its writer was killed: lines count when they are whole.
//
// An [effect.Answer] that a mask has changed is not what the run was told, so a run that depends on it may differ.
package tape

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/effect"
)

// Version is the version of the format that is written, and the only one that is read.
const Version = 1

// MaxLine is the length in bytes of the longest line, as text.
const MaxLine = 64 << 20

// Line is one line of a tape. Of Header, Call and Dropped one is set.
type Line struct {
	File    string
	Number  int // from 1
	Header  *Header
	Call    *Call
	Dropped int64           // how many calls are missing here
	JSON    json.RawMessage // the line as it stands there; valid until the next one is read
}

// Place is where the line stands, as "file:line".
func (l *Line) Place() string { return fmt.Sprintf("%s:%d", l.File, l.Number) }

// Header says which scripts a generation of a service has.
type Header struct {
	Version    int       `json:"tape"`
	Service    string    `json:"service"`
	Generation int       `json:"generation"`
	At         time.Time `json:"at"` // when it was loaded, as clocks of the process show it
	// Zone is the time zone of the process, by which os.date goes: a name such as Europe/Berlin, or Local where the
	// system does not say which it is.
	Zone    string   `json:"zone"`
	Scripts []Script `json:"scripts"`
	// Objects are the host objects, with those of their methods that scripts may call.
	Objects map[string][]string `json:"objects,omitempty"`
	Load    []Loaded            `json:"load,omitempty"`
}

// Script is a file of Lua: a hook's, or a module of lib.
type Script struct {
	Path   string `json:"path"` // below the folder of scripts
	SHA256 string `json:"sha256"`
}

// Loaded is what the top level of a hook's script was told from outside.
type Loaded struct {
	Hook    string          `json:"hook"`
	Answers []effect.Answer `json:"answers"`
}

// Call is one call, or one tick. Its values are those that the caller and the driver gave, before hooks changed them.
type Call struct {
	Service  string          `json:"service"`
	Method   string          `json:"method"` // periodic for a tick
	At       time.Time       `json:"at"`
	Tick     int             `json:"tick,omitempty"`
	Context  map[string]any  `json:"context,omitempty"` // numbers are json.Number
	Args     json.RawMessage `json:"args"`
	Result   json.RawMessage `json:"result,omitempty"` // the driver's
	Error    *DriverError    `json:"error"`            // nil: the driver did its work, or was not called
	Recorded *Recorded       `json:"recorded,omitempty"`
}

// DriverError is the error with which the driver ended a call.
type DriverError struct {
	Message string `json:"message"`
	Code    string `json:"code,omitempty"`
}

// drops is the line of calls that are missing.
type drops struct {
	Dropped int64 `json:"dropped"`
}
