package record_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hookrun/hookrun/internal/record"
)

func TestAByteOrderMarkIsPassedOver(t *testing.T) {
	const call = `{"method":"create_snapshot"}`
	for _, tt := range []struct{ name, input, want string }{
		{"marked", "\ufeff" + call, "a.json:1:1"},
		{"plain", call, "a.json:1:1"},
		{"marked before blanks", "\ufeff\n " + call, "a.json:2:2"},
		{"twice", "\ufeff\ufeff" + call, "a.json:1:1: not JSON: invalid character 'ï' looking for beginning of value"},
		{"behind", call + "\ufeff", "a.json:1:1"},
		{"alone", "\ufeff", "EOF"},
		{"empty", "", "EOF"},
		{"short", "1", "a.json:1:1: want a call record, which is an object, got number"},
	} {
		for how, reader := range map[string]func(io.Reader) io.Reader{"at once": iotest.DataErrReader, "by bytes": iotest.OneByteReader} {
			r, err := record.NewDecoder("a.json", reader(strings.NewReader(tt.input))).Next()
			got := ""
			if err == nil {
				got = r.Pos.String()
			} else {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("%s, %s: got %q, want %q", tt.name, how, got, tt.want)
			}
		}
	}
}

func TestAnInputThatFailsAtOnceSaysWhy(t *testing.T) {
	why := errors.New("no such disk")
	for _, in := range []io.Reader{iotest.ErrReader(why), io.MultiReader(strings.NewReader("{"), iotest.ErrReader(why))} {
		if _, err := record.NewDecoder("a.json", in).Next(); !errors.Is(err, why) {
			t.Errorf("got %v, want %v", err, why)
		}
	}
}

// A large value makes the buffer of the JSON decoder large, and stays no burden for the lines after it.
func TestFewBytesAreReadAtOnce(t *testing.T) {
	large := &mostAsked{in: strings.NewReader(`{"method":"a","args":"` + strings.Repeat("x", 1<<22) + `"}` + strings.Repeat("\n{}", 1<<20))}
	d := record.NewDecoder("a.json", large)
	for range 3 {
		if _, err := d.Value(); err != nil {
			t.Fatal(err)
		}
	}
	if large.most > 1<<16 {
		t.Errorf("got %d bytes asked for at once", large.most)
	}
}

// mostAsked is a reader that notes how much it is asked for.
type mostAsked struct {
	in   io.Reader
	most int
}

func (m *mostAsked) Read(p []byte) (int, error) {
	m.most = max(m.most, len(p))
	return m.in.Read(p)
}
