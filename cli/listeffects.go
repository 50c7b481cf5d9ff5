package cli

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// effectsListing is where the effects of hooks go, as list shows it: the same for all services.
type effectsListing struct {
	Store *storeListing `json:"store"` // null for none
	Sinks []sinkListing `json:"sinks"` // by name
}

type storeListing struct {
	Path      string        `json:"path"`
	MaxOutbox int           `json:"max_outbox"`
	Keep      time.Duration `json:"keep_ns"`
	Sync      bool          `json:"sync"`
}

type sinkListing struct {
	Sink        string        `json:"sink"`
	Type        string        `json:"type"`
	Events      []string      `json:"events"` // globs
	URL         string        `json:"url"`    // without what may be secret in it
	Signed      bool          `json:"signed"`
	Path        string        `json:"path"`
	MaxSize     int64         `json:"max_size"`
	Timeout     time.Duration `json:"timeout_ns"`
	Concurrency int           `json:"concurrency"`
}

func effectsOf(cfg *config.Config, secrets *mask.Masker) effectsListing {
	listed := effectsListing{Sinks: []sinkListing{}}
	if s := cfg.Store; s.Path != "" {
		listed.Store = &storeListing{s.Path, s.MaxOutbox, s.Keep, s.Sync}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Sinks)) {
		s := cfg.Sinks[name]
		listed.Sinks = append(listed.Sinks, sinkListing{
			Sink: name, Type: s.Type, Events: s.Events, URL: bareURL(secrets.Text(s.URL)), Signed: s.Secret != "", Path: s.Path, MaxSize: s.MaxSize,
			Timeout: s.Timeout, Concurrency: s.Concurrency,
		})
	}
	return listed
}

// bareURL returns a URL without user, query and fragment.
func bareURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}

// print shows the store and the sinks below the services.
func (e effectsListing) print(p *report.Painter) {
	if e.Store != nil {
		about := []string{report.Grouped(int64(e.Store.MaxOutbox)) + " events", "kept " + report.ShortDuration(e.Store.Keep)}
		if !e.Store.Sync {
			about = append(about, "without sync")
		}
		p.Line()
		p.Line(p.Paint(report.Bold, "store "), plaintext.Line(e.Store.Path), p.Paint(report.Faint, ", "+strings.Join(about, ", ")))
	}
	if len(e.Sinks) == 0 {
		return
	}
	p.Line()
	p.Line(p.Paint(report.Bold, counted(len(e.Sinks), "sink")))
	p.Line()
	t := report.Table{{report.Plain.Text("#"), report.Plain.Text("sink"), report.Plain.Text("type"), report.Plain.Text("events"), report.Plain.Text("to"), report.Plain.Text("flags")}}
	for i, s := range e.Sinks {
		t = append(t, []report.Piece{
			report.Faint.Text(fmt.Sprint(i + 1)), report.Plain.Text(s.Sink), report.Plain.Text(s.Type), report.Plain.Text(few(s.Events, p.Full)),
			report.Plain.Text(orDash(s.to())), report.Plain.Text(orDash(s.flags())),
		})
	}
	t.Print(p)
}

// to says where the events go.
func (s sinkListing) to() (places []string) {
	for _, place := range []string{s.URL, s.Path} {
		if place != "" {
			places = append(places, place)
		}
	}
	return places
}

// flags say what is not as it is by default, and whether requests are signed.
func (s sinkListing) flags() (flags []string) {
	d := config.DefaultSink(s.Type)
	if s.Signed {
		flags = append(flags, "signed")
	}
	if s.Timeout != d.Timeout {
		flags = append(flags, "timeout "+report.ShortDuration(s.Timeout))
	}
	if s.Concurrency != d.Concurrency {
		flags = append(flags, fmt.Sprintf("concurrency %d", s.Concurrency))
	}
	if s.MaxSize != d.MaxSize {
		flags = append(flags, "max_size "+report.HumanBytes(s.MaxSize))
	}
	return flags
}
