package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
)

const example = "testdata/growth.txt"

func TestSameInputGivesTheSamePlots(t *testing.T) {
	first, second := plots(t, example), plots(t, example)
	for _, name := range []string{"hooks.svg", "arguments.svg", "goroutines.svg"} {
		if len(first[name]) == 0 || !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s: want twice the same, got %d bytes and %d others", name, len(first[name]), len(second[name]))
		}
	}
}

// Readers have another background and other fonts than the machine that plots.
func TestPlotsNeedNothingOfTheirReader(t *testing.T) {
	for name, svg := range plots(t, example) {
		elements := decode(t, svg)
		if len(elements) < 3 {
			t.Fatalf("%s: want a drawing, got the elements %q", name, elements)
		}
		if ground := elements[2]; !strings.HasPrefix(ground, "path M0,0") || !strings.Contains(ground, "fill:#FFFFFF") {
			t.Errorf("%s: want a white ground first, got %s", name, ground)
		}
		for _, e := range elements {
			if strings.HasPrefix(e, "text") && !strings.Contains(e, "Liberation Sans,Arimo,Arial,Helvetica,sans-serif") {
				t.Errorf("%s: want a font that everybody has, or one with letters as wide, got %s", name, e)
			}
		}
	}
}

func TestCurvesAreRatiosOfTheFastest(t *testing.T) {
	f, err := os.Open(example)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := readResults(f, example)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]plotter.XYs{
		"hooks 1 hookrun":          {{X: 1, Y: 2.5}, {X: 20, Y: 1.25}},
		"hooks 2 hookrun":          {{X: 1, Y: 50}, {X: 20, Y: 500}},
		"hooks 2 bare ideal":       {{X: 1, Y: 20}, {X: 20, Y: 400}},
		"arguments 1 all":          {{X: 10, Y: 0.4}, {X: 1000, Y: 0.4}},
		"arguments 1 one":          {{X: 10, Y: 0.1}, {X: 1000, Y: 0.05}},
		"arguments 1 unread":       {{X: 10, Y: 0.025}, {X: 1000, Y: 0.00035}},
		"arguments 1 unread ideal": {{X: 10, Y: 0.025}, {X: 1000, Y: 0.00025}},
		"goroutines 1 hookrun":     {{X: 1, Y: 1}, {X: 4, Y: 0.5}},
		"goroutines 1 bare":        {{X: 1, Y: 1}, {X: 4, Y: 0.625}},
	}
	got := curvesOf(t, r)
	for name, points := range want {
		if !slices.EqualFunc(got[name], points, near) {
			t.Errorf("%s: want %v, got %v", name, points, got[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("want %d curves, got %v", len(want), got)
	}
}

// TestBenchmarkIsPlotted sees that the names which BenchmarkGrowth prints are those which are plotted.
func TestBenchmarkIsPlotted(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the benchmark once")
	}
	command := exec.Command("go", "test", "-run", "^$", "-bench", "Growth", "-benchtime", "1x", "..")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, output)
	}
	file := filepath.Join(t.TempDir(), "growth.txt")
	if err := os.WriteFile(file, output, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := plots(t, file); len(got) != 3 {
		t.Errorf("want 3 plots, got %d", len(got))
	}
}

// plots plots a file and returns what was written.
func plots(t *testing.T, file string) map[string][]byte {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "new", "plots")
	var stderr strings.Builder
	if status := run([]string{"-o", folder, file}, strings.NewReader(""), &stderr); status != 0 {
		t.Fatalf("want status 0, got %d: %s", status, stderr.String())
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	written := map[string][]byte{}
	for _, e := range entries {
		if written[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return written
}

// decode reads XML and returns its elements in their order, each with the values of its attributes.
func decode(t *testing.T, svg []byte) []string {
	t.Helper()
	var elements []string
	in := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := in.Token()
		if err == io.EOF {
			return elements
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			element := start.Name.Local
			for _, a := range start.Attr {
				element += " " + a.Value
			}
			elements = append(elements, element)
		}
	}
}

// curvesOf are the points of every curve, by its figure, the number of its panel and its side.
func curvesOf(t *testing.T, r *results) map[string]plotter.XYs {
	t.Helper()
	all := map[string]plotter.XYs{}
	for _, f := range figures(r) {
		for i, p := range f.panels {
			for _, c := range p.curves {
				points, err := c.points(r, f.over)
				if err != nil {
					t.Fatal(err)
				}
				name := f.over + " " + string(rune('1'+i)) + " " + c.side
				if c.ideal {
					name += " ideal"
				}
				all[name] = points
			}
		}
	}
	return all
}

// near is whether two points differ by no more than the rounding of their ratios.
func near(a, b plotter.XY) bool {
	return a.X == b.X && a.Y > b.Y*0.999999 && a.Y < b.Y*1.000001
}
