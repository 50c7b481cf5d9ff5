package main

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
)

// figure is a plot of what grows over something: one panel, or more of them side by side.
type figure struct {
	over   string
	panels []panel
}

// panel is a pair of axes with curves.
type panel struct {
	title  string
	x, y   string // what the axes say
	log    bool   // whether y is logarithmic, as x always is
	curves []curve
	one    string // what a ratio of 1 means, where the panel shows it
}

// curve is a side over the sizes at which it was measured, as a ratio to a base of the same run.
type curve struct {
	says  string
	side  string
	times measure
	ideal bool // drawn as what the others are compared with
}

// points are the ratios at the sizes that were measured.
func (c *curve) points(r *results, over string) (plotter.XYs, error) {
	sizes, err := r.sizes(over, c.side)
	if err != nil {
		return nil, err
	}
	points := make(plotter.XYs, len(sizes))
	for i, n := range sizes {
		y, err := c.times(r, key{over, n, c.side})
		if err != nil {
			return nil, err
		}
		points[i] = plotter.XY{X: float64(n), Y: y}
	}
	return points, nil
}

// measure is the ratio of a result.
type measure func(r *results, of key) (float64, error)

// over is how often as long as another side it took.
func over(base string) measure {
	return func(r *results, of key) (float64, error) {
		return r.ratio(of, key{of.over, of.n, base})
	}
}

// first is how often as long as another side it took at its least size.
func first(base string) measure {
	return func(r *results, of key) (float64, error) {
		sizes, err := r.sizes(of.over, of.side)
		if err != nil {
			return 0, err
		}
		return r.ratio(key{of.over, sizes[0], of.side}, key{of.over, of.n, base})
	}
}

// throughput is how often as much as at size 1 was done in the same time.
func throughput(r *results, of key) (float64, error) {
	one := key{of.over, 1, of.side}
	slower, err := r.ratio(of, one)
	return 1 / slower, err
}

func figures(r *results) []figure {
	return []figure{hooks(), arguments(), goroutines(r.procs)}
}

func hooks() figure {
	const x = "hooks, each with an empty pre and an empty post"
	return figure{over: "hooks", panels: []panel{
		{
			title: "A call with n hooks, over bare protected calls", x: x, y: "times 2n bare protected calls",
			curves: []curve{{says: "a call with its hooks", side: "hookrun", times: over("bare")}},
			one:    "the bare calls",
		}, {
			title: "The same call, over the driver's call alone", x: x, y: "times the driver's call alone", log: true,
			curves: []curve{
				{says: "a call with its hooks", side: "hookrun", times: over("driver")},
				{says: "2n bare protected calls", side: "bare", times: over("driver"), ideal: true},
			},
		},
	}}
}

func arguments() figure {
	return figure{over: "arguments", panels: []panel{{
		title: "A call with a list of shares, over json.Marshal of the list", x: "shares in the arguments", y: "times json.Marshal of the list", log: true,
		curves: []curve{
			{says: "a hook that walks all, reading two fields", side: "all", times: over("marshal")},
			{says: "a hook that reads one share", side: "one", times: over("marshal")},
			{says: "a hook that reads none", side: "unread", times: over("marshal")},
			{says: "ideal: as long as for the shortest list", side: "unread", times: first("marshal"), ideal: true},
		},
	}}}
}

func goroutines(procs int) figure {
	return figure{over: "goroutines", panels: []panel{{
		title: "Calls of one service per unit of time", x: fmt.Sprintf("goroutines that call it at the same time (GOMAXPROCS %d)", procs),
		y: "times those of one goroutine",
		curves: []curve{
			{says: "calls with an empty pre and an empty post", side: "hookrun", times: throughput},
			{says: "as many bare protected calls, with a mutex", side: "bare", times: throughput},
		},
		one: "ideal of one Lua VM: no more, no less",
	}}}
}
