package regex

import (
	"regexp"
	"strings"
	"testing"
)

// expand is what a template says for a match, with its captures from 0 on.
func expand(p *Pattern, template string, captures []string) (string, error) {
	var b strings.Builder
	for template != "" {
		text, capture, rest, err := p.Part(template)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		if capture >= 0 {
			b.WriteString(captures[capture])
		}
		template = rest
	}
	return b.String(), nil
}

const templated = `(?P<word>[a-z]+)(\d)(?P<x_1>!)?`

var templates = []string{
	"", "plain", "$0", "$1-$2", "${1}x", "$word$2", "${word}2", "$x_1|", "$$", "$$1", "a$", "$ 1", "$-1", "$1 é", "$$$1$", "${x_1}${0}",
}

func TestTemplatesAreThoseOfPackageRegexp(t *testing.T) {
	p, re := compile(t, templated), regexp.MustCompile(templated)
	captures := re.FindStringSubmatch("share7")
	for _, template := range templates {
		got, err := expand(p, template, captures)
		if want := re.ReplaceAllString("share7", template); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", template, got, err, want)
		}
	}
}

func TestTemplatesNameCapturesThatThereAre(t *testing.T) {
	p := compile(t, templated)
	for template, want := range map[string]string{
		"$4":                    `there is no capture "4"`,
		"a${9}":                 `there is no capture "9"`,
		"$99999999999999999999": `there is no capture "99999999999999999999"`,
		"$01":                   `there is no capture "01"`,
		"$1é":                   `there is no capture "1é"; for capture 1 before "é" write ${1}`,
		"$words":                `there is no capture "words"`,
		"${-1}":                 `there is no capture "-1"`,
		"$1st":                  `there is no capture "1st"; for capture 1 before "st" write ${1}`,
		"${1st}":                `there is no capture "1st"`,
		"x ${word":              `no } ends "${word"`,
		"${}":                   "${} names no capture",
		"$1 ${" + names("", ""): `no } ends "${share-0share-7919s"`,
	} {
		if _, err := expand(p, template, make([]string, 4)); err == nil || err.Error() != want {
			t.Errorf("%.40q: got %v, want %s", template, err, want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, template := range templates {
		f.Add(template)
	}
	f.Fuzz(func(t *testing.T, template string) {
		p, re := compile(t, templated), regexp.MustCompile(templated)
		got, err := expand(p, template, re.FindStringSubmatch("share7"))
		if want := re.ReplaceAllString("share7", template); err == nil && got != want {
			t.Errorf("%q: got %q, want %q", template, got, want)
		}
	})
}
