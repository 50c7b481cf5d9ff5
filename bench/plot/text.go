package main

import (
	"errors"
	"fmt"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// outlined is a canvas that draws text as the outlines of its letters. They look the same everywhere; a reader who has not the font
// that a plot was laid out with would see another one, too wide for its place.
type outlined struct{ *vgsvg.Canvas }

// FillString draws a line of text, as vg.Canvas has it.
func (c outlined) FillString(face plotfont.Face, at vg.Point, text string) {
	path, err := outline(face, at, text)
	if err != nil {
		panic(fmt.Sprintf("draw %q in Liberation Sans: %v", text, err)) // which has all the letters there are here
	}
	c.Fill(path)
}

// outline returns the outlines of a text that begins at a point, spaced as gonum measures it.
func outline(face plotfont.Face, at vg.Point, text string) (vg.Path, error) {
	var path vg.Path
	var buf sfnt.Buffer
	em := fixed.I(int(face.Face.UnitsPerEm()))
	unit := face.Font.Size / vg.Length(em)
	var last sfnt.GlyphIndex
	for i, r := range text {
		glyph, err := face.Face.GlyphIndex(&buf, r)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			kern, err := face.Face.Kern(&buf, last, glyph, em, font.HintingNone)
			if err != nil && !errors.Is(err, sfnt.ErrNotFound) {
				return nil, err
			}
			at.X += vg.Length(kern) * unit
		}
		segments, err := face.Face.LoadGlyph(&buf, glyph, em, nil)
		if err != nil {
			return nil, err
		}
		addGlyph(&path, segments, at, unit)
		width, err := face.Face.GlyphAdvance(&buf, glyph, em, font.HintingNone)
		if err != nil {
			return nil, err
		}
		at.X += vg.Length(width) * unit
		last = glyph
	}
	return path, nil
}

// addGlyph adds the outlines of a letter. Fonts count downwards, canvases upwards.
func addGlyph(path *vg.Path, segments sfnt.Segments, at vg.Point, unit vg.Length) {
	point := func(p fixed.Point26_6) vg.Point {
		return vg.Point{X: at.X + vg.Length(p.X)*unit, Y: at.Y - vg.Length(p.Y)*unit}
	}
	for _, s := range segments {
		a := s.Args
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			path.Move(point(a[0]))
		case sfnt.SegmentOpLineTo:
			path.Line(point(a[0]))
		case sfnt.SegmentOpQuadTo:
			path.QuadTo(point(a[0]), point(a[1]))
		case sfnt.SegmentOpCubeTo:
			path.CubeTo(point(a[0]), point(a[1]), point(a[2]))
		}
	}
}
