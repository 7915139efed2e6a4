// Package chart draws a series with its band, as SVG or as PNG: what the value was, what
// was usual, where alerts stood and where a person says that something was.
// Charts hold digits and ASCII only; words in the reader's language stand
// around them. The same data give the same bytes.
package chart

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Data is what a chart shows. The four columns are as long as Times, or nil;
// NaN = no number at that time.
type Data struct {
	Times    []kizashi.Time // ascending
	Values   []float64
	Lower    []float64
	Upper    []float64
	Expected []float64
	Alerts   []kizashi.Stretch // shaded, with a bar at the foot
	Labels   []kizashi.Stretch // what a person says of the time: shaded, with a bar at the head
	Ahead    *Ahead            // a forecast; nil = none
	Zone     *time.Location    // of the time axis; nil = UTC
	Unit     string            // of the values, as in kizashi.Meta
}

// Colors of a chart, for a legend beside it.
const (
	ValueColor    = "#1b3a57"
	BandColor     = "#cfe0ee"
	LimitColor    = "#5b8db8"
	ExpectedColor = "#7d95a8"
	AlertColor    = "#c0392b"
	LabelColor    = "#3c8d5a"
)

// size of a chart: as wide as an A4 page within its margins.
const (
	width  = 180 * vg.Millimeter
	height = 58 * vg.Millimeter
)

// Band writes the chart as an SVG document. It fails where there is nothing to
// draw, where a column's length differs from Times', and where times go back.
func Band(w io.Writer, d Data) error {
	g, err := drawn(d)
	if err != nil {
		return err
	}
	c := vgsvg.New(width, height)
	g.p.Draw(draw.New(c))
	return written(c.WriteTo(w))
}

// pngDPI makes a PNG as wide as a mail is read, at twice the pixels that a
// plain screen shows.
const pngDPI = 192

// PNG writes the same chart as a PNG on white, 1361 pixels wide, for places
// that show no SVG, such as mail.
func PNG(w io.Writer, d Data) error {
	g, err := drawn(d)
	if err != nil {
		return err
	}
	g.p.BackgroundColor = color.White
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(pngDPI))}
	g.p.Draw(draw.New(c))
	return written(c.WriteTo(w))
}

func drawn(d Data) (*graph, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	g := newGraph(d.thin())
	if err := g.fill(); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return g, nil
}

func written(_ int64, err error) error {
	if err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	return nil
}

// fill adds everything to the plot, from the back to the front.
func (g *graph) fill() error {
	for _, add := range []func() error{g.stretches, g.band, g.lines, g.ahead, g.bars} {
		if err := add(); err != nil {
			return err
		}
	}
	g.p.X.Min, g.p.X.Max, g.p.Y.Min, g.p.Y.Max = g.from, g.to, g.low, g.high // what lies beyond does not widen the axes
	return nil
}

func (d *Data) check() error {
	if len(d.Times) == 0 {
		return fmt.Errorf("chart: no points")
	}
	for name, c := range map[string]int{"values": len(d.Values), "lower": len(d.Lower), "upper": len(d.Upper), "expected": len(d.Expected)} {
		if c != 0 && c != len(d.Times) {
			return fmt.Errorf("chart: %d %s for %d times", c, name, len(d.Times))
		}
	}
	for i := 1; i < len(d.Times); i++ {
		if d.Times[i] < d.Times[i-1] {
			return fmt.Errorf("chart: times go back at %s", d.Times[i])
		}
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return nil
}

// graph is a chart in the making, on the scale of its axis.
type graph struct {
	d         Data
	p         *plot.Plot
	size      float64 // of one of the axis, in the series' unit
	low, high float64 // of the vertical axis
	from, to  float64 // of the time axis, in seconds
	now       float64 // of the last point; behind it is what is foreseen
	gap       float64 // seconds without a point from which a line is broken
}

func newGraph(d Data) *graph {
	g := &graph{d: d, p: plot.New()}
	low, high := g.widen(d.reach())
	var name string
	g.size, name = explain.Scale(d.Unit, math.Max(math.Abs(low), math.Abs(high)))
	g.low, g.high = low/g.size, high/g.size
	g.gap = d.gap()
	p := g.p
	g.from, g.to = secs(d.Times[0]), secs(d.Times[len(d.Times)-1])
	if g.from == g.to {
		g.from, g.to = g.from-60, g.to+60
	}
	if g.now = g.to; d.Ahead != nil {
		g.to = max(g.to, secs(d.Ahead.Until()))
	}
	p.Y.Label.Text = name
	p.X.Tick.Marker = wallTicks{d.Zone}
	p.BackgroundColor = nil
	for _, s := range []*text.Style{&p.X.Tick.Label, &p.Y.Tick.Label, &p.Y.Label.TextStyle} {
		s.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 8}
		s.Color = shade("#444444", 255)
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = shade("#e4e4e4", 255), shade("#e4e4e4", 255)
	p.Add(grid)
	return g
}

func secs(t kizashi.Time) float64 { return float64(t) / 1000 }

// shade reads #rrggbb.
func shade(hex string, alpha uint8) color.NRGBA {
	c := color.NRGBA{A: alpha}
	if _, err := fmt.Sscanf(hex, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		panic(err) // our own constants
	}
	return c
}

// area fills a polygon.
func (g *graph) area(c color.Color, xys plotter.XYs) error {
	a, err := plotter.NewPolygon(xys)
	if err != nil {
		return err
	}
	a.Color, a.LineStyle.Width = c, 0
	g.p.Add(a)
	return nil
}

// stretches shades alerts and labels, behind everything else.
func (g *graph) stretches() error {
	for _, s := range g.d.Labels {
		if err := g.box(s, g.low, g.high, shade(LabelColor, 40)); err != nil {
			return err
		}
	}
	for _, s := range g.d.Alerts {
		if err := g.box(s, g.low, g.high, shade(AlertColor, 40)); err != nil {
			return err
		}
	}
	return nil
}

// bars mark the same stretches, so that they are told apart without color:
// labels at the head, alerts at the foot.
func (g *graph) bars() error {
	bar := (g.high - g.low) * .025
	for _, s := range g.d.Labels {
		if err := g.box(s, g.high-bar, g.high, shade(LabelColor, 255)); err != nil {
			return err
		}
	}
	for _, s := range g.d.Alerts {
		if err := g.box(s, g.low, g.low+bar, shade(AlertColor, 255)); err != nil {
			return err
		}
	}
	return nil
}

// box fills a stretch between two heights; what is too short to be seen is
// drawn wide enough.
func (g *graph) box(s kizashi.Stretch, low, high float64, c color.Color) error {
	from, to := secs(s.From), secs(s.To)
	if s.From == kizashi.Never {
		from = g.from
	}
	if s.To == kizashi.Forever {
		to = g.now
	}
	if least := (g.to - g.from) / 250; to-from < least {
		mid := (from + to) / 2
		from, to = mid-least/2, mid+least/2
	}
	from, to = math.Max(from, g.from), math.Min(to, g.to)
	if from >= to {
		return nil
	}
	return g.area(c, plotter.XYs{{X: from, Y: low}, {X: to, Y: low}, {X: to, Y: high}, {X: from, Y: high}})
}

// band fills what lies between the limits; an end without a limit is open.
func (g *graph) band() error {
	if len(g.d.Lower) == 0 && len(g.d.Upper) == 0 {
		return nil
	}
	return g.runs(func(i int) bool { return finite(at(g.d.Lower, i)) || finite(at(g.d.Upper, i)) }, func(a, b int) error {
		var up, down plotter.XYs
		for i := a; i < b; i++ {
			x, l, u := secs(g.d.Times[i]), g.low, g.high
			if v := at(g.d.Lower, i); finite(v) {
				l = g.clamp(v / g.size)
			}
			if v := at(g.d.Upper, i); finite(v) {
				u = g.clamp(v / g.size)
			}
			up, down = append(up, plotter.XY{X: x, Y: u}), append(down, plotter.XY{X: x, Y: l})
		}
		for i := len(down) - 1; i >= 0; i-- {
			up = append(up, down[i])
		}
		return g.area(shade(BandColor, 160), up)
	})
}

func (g *graph) clamp(v float64) float64 { return math.Max(g.low, math.Min(g.high, v)) }

// lines draws limits, what was expected, and last the values.
func (g *graph) lines() error {
	for _, l := range []struct {
		col    []float64
		color  string
		width  vg.Length
		dashes []vg.Length
	}{
		{g.d.Lower, LimitColor, .7, nil}, {g.d.Upper, LimitColor, .7, nil},
		{g.d.Expected, ExpectedColor, .7, []vg.Length{3, 2}}, {g.d.Values, ValueColor, .8, nil},
	} {
		err := g.runs(func(i int) bool { return finite(at(l.col, i)) }, func(a, b int) error {
			xys := make(plotter.XYs, 0, b-a)
			for i := a; i < b; i++ {
				xys = append(xys, plotter.XY{X: secs(g.d.Times[i]), Y: l.col[i] / g.size})
			}
			if len(xys) == 1 { // a point alone is drawn as a short line
				w := (g.to - g.from) / 1000
				xys = plotter.XYs{{X: xys[0].X - w, Y: xys[0].Y}, {X: xys[0].X + w, Y: xys[0].Y}}
			}
			line, err := plotter.NewLine(xys)
			if err != nil {
				return err
			}
			line.LineStyle = draw.LineStyle{Color: shade(l.color, 255), Width: l.width, Dashes: l.dashes}
			g.p.Add(line)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// runs calls f for each stretch [a, b) of points that have something to draw
// and no gap between them: where there was no data no line is drawn.
func (g *graph) runs(has func(i int) bool, f func(a, b int) error) error {
	for i := 0; i < len(g.d.Times); {
		if !has(i) {
			i++
			continue
		}
		j := i + 1
		for j < len(g.d.Times) && has(j) && secs(g.d.Times[j])-secs(g.d.Times[j-1]) <= g.gap {
			j++
		}
		if err := f(i, j); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// at returns a column's number, NaN where it has none.
func at(col []float64, i int) float64 {
	if i >= len(col) {
		return math.NaN()
	}
	return col[i]
}
