package config

import (
	"regexp"
	"strconv"
)

// A mistake is located for people like this: "services.nfs1: hook 2 (notify): timeout", with everything counted from 1,
// as in Lua.

// The parts of a key: a quoted name, in which brackets mean nothing, and the index of a list.
var (
	hookKey    = regexp.MustCompile(`^services\.("(?:[^"\\]|\\.)*"|[^."\[]+)\.hooks\[(\d+)\]\.?(.*)$`)
	quotedOrAt = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\[\d+\]`)
)

// Where returns the key as people read it; "" for none.
func (p Problem) Where() string {
	m := hookKey.FindStringSubmatch(p.Key)
	if m == nil {
		return fromOne(p.Key)
	}
	where := "services." + m[1] + ": hook " + plusOne(m[2])
	if p.Hook != "" {
		where += " (" + p.Hook + ")"
	}
	if m[3] != "" {
		where += ": " + fromOne(m[3])
	}
	return where
}

// fromOne makes the indexes of a key count from 1.
func fromOne(key string) string {
	return quotedOrAt.ReplaceAllStringFunc(key, func(part string) string {
		if part[0] == '"' {
			return part
		}
		return "[" + plusOne(part[1:len(part)-1]) + "]"
	})
}

func plusOne(index string) string {
	n, err := strconv.Atoi(index)
	if err != nil {
		return index
	}
	return strconv.Itoa(n + 1)
}

// nameHooks fills in the names of the hooks that the problems are about.
func (c *Config) nameHooks(problems []Problem) {
	for i := range problems {
		m := hookKey.FindStringSubmatch(problems[i].Key)
		if m == nil || problems[i].Hook != "" {
			continue
		}
		name := m[1]
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
		}
		n, err := strconv.Atoi(m[2])
		if hooks := c.Services[name].Hooks; err == nil && n < len(hooks) {
			problems[i].Hook = hooks[n].Name
		}
	}
}
