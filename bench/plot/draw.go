package main

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// What every plot looks like. The colours can be told apart by people who see few of them, the shapes by all.
var (
	blue   = color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}
	orange = color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
	green  = color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}
	ink    = color.Gray{Y: 0x22}
	pale   = color.Gray{Y: 0xe2}
	dashed = draw.LineStyle{Color: color.Gray{Y: 0x66}, Width: vg.Points(1.2), Dashes: []vg.Length{vg.Points(5), vg.Points(3)}}
	styles = []draw.GlyphStyle{
		{Color: blue, Radius: vg.Points(3.2), Shape: draw.CircleGlyph{}},
		{Color: orange, Radius: vg.Points(3), Shape: draw.BoxGlyph{}},
		{Color: green, Radius: vg.Points(3.6), Shape: draw.PyramidGlyph{}},
	}
)

const (
	panelWidth  = 6 * vg.Inch
	panelHeight = 4.4 * vg.Inch
	margin      = 0.2 * vg.Inch
)

// draw draws a figure as SVG, with its panels side by side. The ground is white, since the ink is dark.
func (f *figure) draw(r *results) ([]byte, error) {
	row := make([]*plot.Plot, len(f.panels))
	for i := range f.panels {
		p, err := f.panels[i].plot(r, f.over)
		if err != nil {
			return nil, err
		}
		row[i] = p
	}
	svg := vgsvg.New(vg.Length(len(row))*panelWidth, panelHeight)
	all := draw.New(svg)
	all.SetColor(color.White)
	all.Fill(all.Path())
	tiles := draw.Tiles{
		Rows: 1, Cols: len(row), PadX: 2 * margin, PadTop: margin, PadBottom: margin, PadLeft: margin, PadRight: margin,
	}
	for i, c := range plot.Align([][]*plot.Plot{row}, tiles, all)[0] {
		row[i].Draw(c)
	}
	var text bytes.Buffer
	_, err := svg.WriteTo(&text)
	return withFallbacks(text.Bytes()), err
}

// withFallbacks lets readers without the font that a plot was laid out with see others, whose letters are as wide.
func withFallbacks(svg []byte) []byte {
	const family = "font-family:Liberation Sans"
	return bytes.ReplaceAll(svg, []byte(family), []byte(family+",Arimo,Arial,Helvetica,sans-serif"))
}

func (p *panel) plot(r *results, over string) (*plot.Plot, error) {
	out := newPlot(p)
	x, y := axis{Axis: &out.X, log: true}, axis{Axis: &out.Y, log: p.log}
	for i, c := range p.curves {
		points, err := c.points(r, over)
		if err != nil {
			return nil, err
		}
		for j := range points {
			points[j].X, points[j].Y = x.place(points[j].X), y.place(points[j].Y)
		}
		if err := addCurve(out, c, i, points); err != nil {
			return nil, err
		}
	}
	if p.one != "" {
		at := y.place(1)
		line := plotter.NewFunction(func(float64) float64 { return at })
		line.LineStyle, line.Samples = dashed, 2
		out.Add(line)
		out.Legend.Add(p.one, line)
	}
	x.markSizes()
	y.markEvenly()
	placeLegend(out)
	return out, nil
}

// newPlot makes a plot with all its texts and a grid.
func newPlot(p *panel) *plot.Plot {
	out := plot.New()
	out.Title.Text, out.X.Label.Text, out.Y.Label.Text = p.title, p.x, p.y
	out.Title.TextStyle.Font, out.Title.TextStyle.Color = sans(14), ink
	for _, a := range []*plot.Axis{&out.X, &out.Y} {
		a.Label.TextStyle.Font, a.Tick.Label.Font = sans(12), sans(11)
		a.Label.TextStyle.Color, a.Tick.Label.Color, a.Color, a.Tick.Color = ink, ink, ink, ink
		a.Label.Padding, a.Tick.Length, a.Padding = vg.Points(6), vg.Points(5), 0
	}
	out.Legend.TextStyle.Font, out.Legend.TextStyle.Color = sans(12), ink
	out.Legend.Padding, out.Legend.ThumbnailWidth = vg.Points(4), vg.Points(30)
	out.Legend.Top, out.Legend.Left = true, true
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = pale, pale
	out.Add(grid)
	return out
}

func sans(points float64) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Points(points))
}

// addCurve adds the curve i to a plot and its legend. What the others are compared with is dashed and has no points.
func addCurve(out *plot.Plot, c curve, i int, points plotter.XYs) error {
	line, marks, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	if c.ideal {
		line.LineStyle = dashed
		out.Add(line)
		out.Legend.Add(c.says, line)
		return nil
	}
	line.Color, line.Width, marks.GlyphStyle = styles[i].Color, vg.Points(1.8), styles[i]
	out.Add(line, marks)
	out.Legend.Add(c.says, line, marks)
	return nil
}

// placeLegend puts the legend between the title and the axes, where no curve can be.
func placeLegend(out *plot.Plot) {
	size := out.Legend.Rectangle(draw.Canvas{}).Size()
	out.Legend.YOffs = size.Y + vg.Points(10)
	out.Title.Padding = size.Y + vg.Points(20)
}
