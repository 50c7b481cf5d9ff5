// Command plot draws how the cost of hooks grows with their number, the size of arguments and the number of goroutines.
//
//	go test -run '^$' -bench Growth -benchtime 200ms -count 10 . > growth.txt
//	go run ./plot -o plots growth.txt
//
// It reads what BenchmarkGrowth of the folder above printed, from a file or from standard input, and writes hooks.svg,
// arguments.svg and goroutines.svg. Of repeated results the fastest counts. What is drawn are ratios of results of one
// run, never times. The same input gives the same plots.
//
// Its exit status is 0 when all plots are written, 1 when the input cannot be plotted, and 2 for wrong usage.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stderr)) }

// run is the whole program: it returns the exit status.
func run(args []string, stdin io.Reader, stderr io.Writer) int {
	flags := flag.NewFlagSet("plot", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: plot [-o folder] [output of go test -bench Growth]")
		flags.PrintDefaults()
	}
	folder := flags.String("o", ".", "the `folder` that the plots are written to")
	if err := flags.Parse(args); err == flag.ErrHelp {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 1 {
		fmt.Fprintf(stderr, "want one file, got %d\n", flags.NArg())
		flags.Usage()
		return 2
	}
	if err := plotFile(flags.Arg(0), stdin, *folder); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// plotFile plots a file, or standard input where its name is empty or "-".
func plotFile(name string, stdin io.Reader, folder string) error {
	input := stdin
	if name == "" || name == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		input = f
	}
	r, err := readResults(input, name)
	if err != nil {
		return err
	}
	plots, err := drawAll(r)
	if err != nil {
		return err
	}
	return writeAll(plots, folder)
}

// drawAll draws every figure, by the names of their files.
func drawAll(r *results) (map[string][]byte, error) {
	plots := map[string][]byte{}
	for _, f := range figures(r) {
		svg, err := f.draw(r)
		if err != nil {
			return nil, err
		}
		plots[f.over+".svg"] = svg
	}
	return plots, nil
}

func writeAll(plots map[string][]byte, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, svg := range plots {
		if err := os.WriteFile(filepath.Join(folder, name), svg, 0o644); err != nil {
			return err
		}
	}
	return nil
}
