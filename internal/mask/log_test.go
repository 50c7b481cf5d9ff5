package mask_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/mask"
)

// late is a value that says only when it is logged what it is.
type late string

func (l late) LogValue() slog.Value { return slog.StringValue(string(l)) }

func TestALogShowsNoSecret(t *testing.T) {
	var out strings.Builder
	var secrets *mask.Masker
	log := slog.New(mask.Log(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}), func() *mask.Masker { return secrets }))
	log.Info("tok-1234")
	secrets = mask.New([]string{"tok-1234"})
	log.Debug("left out")
	log.Info("a tok-1234", "text", "tok-1234", "tok-1234", 1, "list", []string{"tok-1234"}, "error", fmt.Errorf("no: %w", errors.New("tok-1234")),
		"late", late("tok-1234"), slog.Group("g", "in", "tok-1234"), "n", 1234)
	log.With("with", "tok-1234").WithGroup("g").Info("b", "in", "tok-1234")
	var lines []string
	for line := range strings.Lines(out.String()) {
		_, line, _ := strings.Cut(strings.TrimSpace(line), "level=INFO msg=")
		lines = append(lines, line)
	}
	got, want := strings.Join(lines, "\n"), `tok-1234
"a ***" text=*** ***=1 list=[***] error="no: ***" late=*** g.in=*** n=1234
b with=*** g.in=***`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnErrorWithoutASecretIsLoggedAsItIs(t *testing.T) {
	err := errors.New("no")
	if got := mask.New([]string{"tok-1234"}).Attr(slog.Any("error", err)).Value.Any(); got != err {
		t.Errorf("got %v, want the error itself", got)
	}
}
