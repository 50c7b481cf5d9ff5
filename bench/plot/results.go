package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// results are what the sides of BenchmarkGrowth took for doing their work once, in seconds, in the fastest of their
// repetitions.
type results struct {
	file  string
	procs int // GOMAXPROCS
	took  map[key]result
}

// key is what a result is of: over=hooks/n=20/side=hookrun.
type key struct {
	over string
	n    int
	side string
}

func (k key) String() string {
	return fmt.Sprintf("BenchmarkGrowth/over=%s/n=%d/side=%s", k.over, k.n, k.side)
}

type result struct {
	seconds float64
	line    int // where it was read first
}

// readResults reads the output of go test. Other benchmarks may be in it.
func readResults(input io.Reader, file string) (*results, error) {
	r := &results{file: file, took: map[key]result{}}
	in := benchfmt.NewReader(input, file)
	for in.Scan() {
		var err error
		switch record := in.Result().(type) {
		case *benchfmt.SyntaxError:
			err = fmt.Errorf("%w: want a name, a number of iterations, a value and its unit", record)
		case *benchfmt.Result:
			err = r.add(record)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(r.took) == 0 {
		return nil, fmt.Errorf("%s: no result: want what go test -bench Growth prints", file)
	}
	return r, nil
}

// add takes a result of BenchmarkGrowth.
func (r *results) add(record *benchfmt.Result) error {
	base, parts := record.Name.Parts()
	if string(base) != "Growth" {
		return nil
	}
	_, line := record.Pos()
	fault := func(err error) error { return fmt.Errorf("%s:%d: Benchmark%s: %w", r.file, line, record.Name, err) }
	k, procs, err := parse(parts)
	if err != nil {
		return fault(err)
	}
	if r.procs != 0 && procs != r.procs {
		return fault(fmt.Errorf("want one GOMAXPROCS in a file, got %d after %d", procs, r.procs))
	}
	r.procs = procs
	seconds, ok := record.Value("sec/op")
	if !ok || seconds <= 0 || math.IsInf(seconds, 0) || math.IsNaN(seconds) {
		return fault(errors.New("want a time in ns/op above 0"))
	}
	if old, found := r.took[k]; found {
		seconds, line = min(seconds, old.seconds), old.line
	}
	r.took[k] = result{seconds, line}
	return nil
}

// parse reads the parts of a name behind BenchmarkGrowth. GOMAXPROCS is 1 where none stands at its end.
func parse(parts [][]byte) (k key, procs int, err error) {
	procs = 1
	if last := len(parts) - 1; last >= 0 && parts[last][0] == '-' {
		if procs, err = strconv.Atoi(string(parts[last][1:])); err != nil {
			return k, 0, fmt.Errorf("want GOMAXPROCS, got %s", parts[last][1:])
		}
		parts = parts[:last]
	}
	var size string
	want := []struct {
		key   string
		value *string
	}{{"/over=", &k.over}, {"/n=", &size}, {"/side=", &k.side}}
	for i, w := range want {
		value, found := "", false
		if i < len(parts) {
			value, found = strings.CutPrefix(string(parts[i]), w.key)
		}
		if !found || value == "" || len(parts) != len(want) {
			return k, 0, errors.New("want a name like BenchmarkGrowth/over=hooks/n=20/side=hookrun")
		}
		*w.value = value
	}
	if k.n, err = strconv.Atoi(size); err != nil || k.n < 1 {
		return k, 0, fmt.Errorf("want a number above 0 for n, got %s", size)
	}
	return k, procs, nil
}

// sizes are those at which a side was measured, in ascending order.
func (r *results) sizes(over, side string) ([]int, error) {
	var sizes []int
	for k := range r.took {
		if k.over == over && k.side == side {
			sizes = append(sizes, k.n)
		}
	}
	if len(sizes) == 0 {
		return nil, fmt.Errorf("%s: want results of BenchmarkGrowth/over=%s/n=.../side=%s, got none", r.file, over, side)
	}
	slices.Sort(sizes)
	return sizes, nil
}

// ratio is what a result is times its base.
func (r *results) ratio(of, base key) (float64, error) {
	a, b := r.took[of], r.took[base]
	if b.seconds == 0 {
		return 0, fmt.Errorf("%s:%d: the base of %v is missing: want %v", r.file, a.line, of, base)
	}
	return a.seconds / b.seconds, nil
}
