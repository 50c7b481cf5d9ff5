package mask

import (
	"context"
	"errors"
	"log/slog"
)

// Log returns a log handler that hands lines to another one, with the secrets masked in their messages and attributes.
// It asks for the masker at each line, since the secrets may change.
func Log(to slog.Handler, secrets func() *Masker) slog.Handler { return &handler{to, secrets} }

type handler struct {
	to      slog.Handler
	secrets func() *Masker
}

// Enabled asks the other handler.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.to.Enabled(ctx, level)
}

// Handle masks a line.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	secrets := h.secrets()
	if secrets == nil {
		return h.to.Handle(ctx, r)
	}
	masked := slog.NewRecord(r.Time, r.Level, secrets.Text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(secrets.Attr(a))
		return true
	})
	return h.to.Handle(ctx, masked)
}

// WithAttrs masks the attributes.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.to.WithAttrs(h.secrets().attrs(attrs)), h.secrets}
}

// WithGroup masks what is in the group as well.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.to.WithGroup(name), h.secrets}
}

// Attr returns an attribute of a line of a log with the secrets masked in its key and value. An error whose text holds
// one becomes another error, with the text alone.
func (m *Masker) Attr(a slog.Attr) slog.Attr {
	if m == nil {
		return a
	}
	a.Key, a.Value = m.Text(a.Key), a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(m.Text(a.Value.String()))
	case slog.KindGroup:
		a.Value = slog.GroupValue(m.attrs(a.Value.Group())...)
	case slog.KindAny:
		err, is := a.Value.Any().(error)
		if !is {
			a.Value = slog.AnyValue(m.Value(a.Value.Any()))
		} else if text := err.Error(); m.Text(text) != text {
			a.Value = slog.AnyValue(errors.New(m.Text(text)))
		}
	}
	return a
}

func (m *Masker) attrs(attrs []slog.Attr) []slog.Attr {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = m.Attr(a)
	}
	return masked
}
