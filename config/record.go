package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/glob"
)

// Record says how calls are recorded, for a program that opens a recorder: package tape. The TOML key of a field is its
// name in snake case.
//
// The zero value is none. For another, start from [DefaultRecord].
type Record struct {
	// Path is the file, a tape, relative to the config's. Its name ends in .jsonl, .jsonl.zst or .jsonl.gz, which says how
	// it is compressed. Default "": nothing is recorded.
	Path string
	// Sample is which part of the calls is recorded, from 0 to 1, by a glob of methods. For a method the longest glob
	// counts that fits. None means all calls, which is the default; where there are some, calls that no glob fits are not
	// recorded.
	Sample map[string]float64
	// Mask are the fields that are not shown, by their paths in the record, where they have their JSON names, with ** for
	// any number of names: "**.access_key". Default none. Secrets never are.
	Mask []string
	// Queue is how many calls may wait to be written; while as many do, or those that wait hold 256 MiB, others are not
	// recorded. Above 0, default 4096.
	Queue int
	// MaxSize is how many bytes a file may have before a new one is begun. Above 0, default 256 MiB.
	MaxSize int64
	// MaxAge is how old a file may be before a new one is begun. 0 or more, default 24h; 0 is any age.
	MaxAge time.Duration
	// Keep is how many earlier files are kept. 0 or more, default 14.
	Keep int
}

// DefaultRecord returns a record with every key at its documented default: without a path, it is none.
func DefaultRecord() Record {
	return Record{Queue: 4096, MaxSize: 256 << 20, MaxAge: 24 * time.Hour, Keep: 14}
}

func recordKeys() []key {
	return []key{
		valueKey("path", inRecord, "", tomlString, tapePath,
			func(t target) *string { return &t.config.Record.Path }),
		valueKey("sample", inRecord, "", tomlShares, shares,
			func(t target) *map[string]float64 { return &t.config.Record.Sample }),
		valueKey("mask", inRecord, "", tomlStrings, fieldPaths,
			func(t target) *[]string { return &t.config.Record.Mask }),
		valueKey("queue", inRecord, "", tomlInteger[int], positive[int]("integer"),
			func(t target) *int { return &t.config.Record.Queue }),
		valueKey("max_size", inRecord, "", tomlSize, positive[int64]("size in bytes"),
			func(t target) *int64 { return &t.config.Record.MaxSize }),
		valueKey("max_age", inRecord, "", tomlDuration, notNegative[time.Duration]("duration"),
			func(t target) *time.Duration { return &t.config.Record.MaxAge }),
		valueKey("keep", inRecord, "", tomlInteger[int], notNegative[int]("integer"),
			func(t target) *int { return &t.config.Record.Keep }),
	}
}

func readRecord(s place, v any, into target) {
	if table, ok := tomlTable(s, v); ok {
		s.readTable(inRecord, table, into)
	}
	if record := &into.config.Record; record.Path != "" {
		record.Path = into.config.written(record.Path)
	}
}

// checkRecord reports what is wrong with how calls are recorded, if they are.
func (c *Config) checkRecord(f *findings) {
	at := section{place: f.root().key("record")}
	if c.Record.Path != "" || at.stands() {
		at.checkKeys(inRecord, target{config: c})
	}
}

// tomlShares returns numbers by name.
func tomlShares(s place, v any) (map[string]float64, bool) {
	table, ok := tomlTable(s, v)
	if !ok {
		return nil, false
	}
	found := make(map[string]float64, len(table))
	for _, name := range slices.Sorted(maps.Keys(table)) {
		switch n := table[name].(type) {
		case int64:
			found[name] = float64(n)
		case float64:
			found[name] = n
		default:
			ok = s.key(name).problemf("want number from 0 to 1, got %s", tomlDescription(n))
		}
	}
	return found, ok
}

func shares(s place, v map[string]float64) bool {
	ok := true
	for _, pattern := range slices.Sorted(maps.Keys(v)) {
		if glob.Check(pattern) != nil || pattern == "" {
			ok = s.key(pattern).problemf(`want glob of method names such as "create_*", got %q`, pattern)
		}
		if n := v[pattern]; !(n >= 0 && n <= 1) {
			ok = s.key(pattern).problemf("want number from 0 to 1, got %v", n)
		}
	}
	return ok
}

func tapePath(s place, v string) bool {
	if v == "" && !s.stands() {
		return true // nothing is recorded
	}
	for _, ending := range []string{".jsonl", ".jsonl.zst", ".jsonl.gz"} {
		if strings.HasSuffix(v, ending) {
			return true
		}
	}
	return s.problemf("want the path of a file that ends in .jsonl, .jsonl.zst or .jsonl.gz, got %q", v)
}

// fieldPaths checks the paths of fields: names, globs of names, and **, with dots between them.
func fieldPaths(s place, v []string) bool {
	ok := true
	for i, path := range v {
		for name := range strings.SplitSeq(path, ".") {
			if name == "" || name != "**" && glob.Check(name) != nil {
				ok = s.index(i).problemf(`want the path of a field such as "context.token" or "**.access_key", got %q`, path)
				break
			}
		}
	}
	return ok
}
