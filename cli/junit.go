package cli

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/internal/tester"
)

// junitReport is the form of results that continuous integration reads: a suite for each file.
type junitReport struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class     string      `xml:"classname,attr"`
	Name      string      `xml:"name,attr"`
	Time      string      `xml:"time,attr"`
	Error     *junitWhy   `xml:"error"`
	Failure   *junitWhy   `xml:"failure"`
	SystemOut *junitPlain `xml:"system-out"`
}

type junitWhy struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitPlain struct {
	Text string `xml:",chardata"`
}

// newJUnit writes the results as JUnit does. The elements and attributes are those that all known readers take: no
// more than one failure or error for a test, and both before its output.
func newJUnit(s *testShow) []byte {
	r := junitReport{Suites: []junitSuite{}}
	var total time.Duration
	spent := map[string]time.Duration{}
	at := map[string]int{}
	suite := func(name string) *junitSuite {
		i, known := at[name]
		if !known {
			i = len(r.Suites)
			at[name] = i
			r.Suites = append(r.Suites, junitSuite{Name: plaintext.Line(name)})
		}
		return &r.Suites[i]
	}
	for _, b := range s.broken {
		u := suite(b.name)
		u.Cases = append(u.Cases, junitCase{Class: className(b.name), Name: "load", Time: seconds(0), Error: &junitWhy{Message: xmlText(b.message), Type: "load"}})
		u.Tests, u.Errors, r.Tests, r.Errors = u.Tests+1, u.Errors+1, r.Tests+1, r.Errors+1
	}
	for _, t := range s.all {
		u := suite(t.File.Name)
		u.Tests, r.Tests = u.Tests+1, r.Tests+1
		spent[t.File.Name] += t.Duration
		total += t.Duration
		if !t.Passed() {
			u.Failures, r.Failures = u.Failures+1, r.Failures+1
		}
		u.Cases = append(u.Cases, s.junitCase(t))
	}
	r.Time = seconds(total)
	for name, i := range at {
		r.Suites[i].Time = seconds(spent[name])
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	e := xml.NewEncoder(&out)
	e.Indent("", "  ")
	_ = e.Encode(r) // into memory, of types that XML can say
	out.WriteByte('\n')
	return out.Bytes()
}

func (s *testShow) junitCase(t *tester.Result) junitCase {
	c := junitCase{Class: className(t.File.Name), Name: xmlText(t.Name), Time: seconds(t.Duration)}
	if len(t.Logs) > 0 {
		c.SystemOut = &junitPlain{xmlText(strings.Join(t.Logs, "\n"))}
	}
	if t.Passed() {
		return c
	}
	first := t.Failures[0]
	why := &junitWhy{Message: xmlText(first.Message), Type: "expectation"}
	if first.Error {
		why.Type = "error"
	}
	var text bytes.Buffer
	plain := *s
	plain.Painter = &report.Painter{Out: &text}
	for i := range t.Failures {
		plain.failure("", &t.Failures[i])
	}
	why.Text = xmlText(text.String())
	c.Failure = why
	return c
}

// className is how JUnit groups tests: the file without its ending, with dots for slashes.
func className(file string) string {
	return xmlText(strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(file, "./"), ".lua"), "/", "."))
}

// xmlText leaves out what XML cannot hold.
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= 0x20 && r != 0xfffe && r != 0xffff {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, "\ufffd"))
}

// seconds has three digits after the point: the published schemas allow no more.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
