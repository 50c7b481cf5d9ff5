package main

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
)

// axis is an axis that values are placed on. A logarithmic one is a linear one of logarithms: gonum leaves room for the
// label of its own in the wrong place.
type axis struct {
	*plot.Axis
	log    bool
	values []float64 // all that were placed
}

// place returns where a value is on the axis.
func (a *axis) place(v float64) float64 {
	a.values = append(a.values, v)
	return a.at(v)
}

func (a *axis) at(v float64) float64 {
	if a.log {
		return math.Log10(v)
	}
	return v
}

// markSizes marks each of the values, and keeps the first and the last off the edges.
func (a *axis) markSizes() {
	const aside = 0.06
	a.Min, a.Max = a.at(slices.Min(a.values))-aside, a.at(slices.Max(a.values))+aside
	a.mark(a.values)
}

// markEvenly marks the powers of ten around the values, or even steps from 0.
func (a *axis) markEvenly() {
	if a.log {
		a.markPowers()
	} else {
		a.markSteps()
	}
}

func (a *axis) markPowers() {
	a.Min = math.Floor(math.Log10(slices.Min(a.values)))
	a.Max = max(a.Min+1, math.Ceil(math.Log10(slices.Max(a.values))))
	var marks []float64
	for e := a.Min; e <= a.Max; e++ {
		marks = append(marks, math.Pow10(int(e)))
	}
	a.mark(marks)
}

func (a *axis) markSteps() {
	most := 1.08 * slices.Max(a.values)
	step := math.Pow10(int(math.Floor(math.Log10(most))))
	for most/step < 4 {
		step /= 2
	}
	steps := math.Ceil(most / step)
	a.Min, a.Max = 0, steps*step
	var marks []float64
	for i := 0.0; i <= steps; i++ {
		marks = append(marks, i*step)
	}
	a.mark(marks)
}

func (a *axis) mark(values []float64) {
	var ticks plot.ConstantTicks
	for _, v := range slices.Compact(slices.Sorted(slices.Values(values))) {
		ticks = append(ticks, plot.Tick{Value: a.at(v), Label: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	a.Tick.Marker = ticks
}
