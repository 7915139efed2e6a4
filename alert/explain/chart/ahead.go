package chart

import (
	"image/color"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// AheadColor is that of a forecast's line and interval.
const AheadColor = "#b07a1e"

// Ahead is a line that an alert foresees: from where the trend begins through where
// it is now to the limit, and the interval of when it gets there.
type Ahead struct {
	From                  kizashi.Time // of the trend
	At, Date, Early, Late kizashi.Time
	Begin, Level, Limit   float64 // the line's at From and at At, and where it leads
}

// AheadOf is what an alert foresees; nil = nothing.
func AheadOf(j *kizashi.Justification) *Ahead {
	for i := range j.Grounds {
		if f := j.Grounds[i].Ahead; f != nil {
			from := j.Grounds[i].From
			return &Ahead{From: from, At: f.At, Date: f.Date, Early: f.Early, Late: f.Late,
				Begin: f.Level - f.Slope*f.At.Sub(from).Hours()/24, Level: f.Level, Limit: f.Limit}
		}
	}
	return nil
}

// From is where the chart of an alert begins: with the trend that it foresees the
// end of, or Around before it.
func From(a kizashi.Alert, j *kizashi.Justification) kizashi.Time {
	from := a.Opened.Add(-Around)
	if f := AheadOf(j); f != nil {
		from = min(from, f.From)
	}
	return from
}

// Until is how far it is drawn: to the late end, or, where that lies far behind the
// date, half as far again as the date.
func (f *Ahead) Until() kizashi.Time {
	return max(f.Date, min(f.Late, f.Date.Add(f.Date.Sub(f.At)/2))).Add(time.Hour)
}

// widen lets the axes reach as far as the forecast.
func (g *graph) widen(low, high float64) (float64, float64) {
	f := g.d.Ahead
	if f == nil {
		return low, high
	}
	room := .04 * math.Abs(f.Limit-f.Level) // the limit does not lie on the frame
	if f.Limit < f.Level {
		room = -room
	}
	return min(low, f.Limit+room), max(high, f.Limit+room)
}

// ahead draws the interval as a wedge, the limit, and the line.
func (g *graph) ahead() error {
	f := g.d.Ahead
	if f == nil {
		return nil
	}
	level, limit := f.Level/g.size, f.Limit/g.size
	tip := plotter.XY{X: secs(f.At), Y: level}
	wedge := plotter.XYs{tip, {X: math.Min(secs(f.Early), g.to), Y: limit}}
	if late := secs(f.Late); late <= g.to {
		wedge = append(wedge, plotter.XY{X: late, Y: limit})
	} else { // its far side leaves the chart before it gets to the limit
		part := (g.to - tip.X) / (late - tip.X)
		wedge = append(wedge, plotter.XY{X: g.to, Y: limit}, plotter.XY{X: g.to, Y: level + part*(limit-level)})
	}
	if err := g.area(shade(AheadColor, 60), wedge); err != nil {
		return err
	}
	ends := plotter.XYs{{X: math.Min(secs(f.Early), g.to), Y: limit}, {X: math.Min(secs(f.Late), g.to), Y: limit}}
	if least := (g.to - g.from) / 250; ends[1].X-ends[0].X < least {
		ends[0].X, ends[1].X = ends[0].X-least/2, ends[1].X+least/2
	}
	for _, l := range []struct {
		xys    plotter.XYs
		color  color.Color
		width  vg.Length
		dashes []vg.Length
	}{
		{plotter.XYs{{X: g.from, Y: limit}, {X: g.to, Y: limit}}, shade(AlertColor, 255), .7, []vg.Length{1, 2}},
		{plotter.XYs{{X: secs(f.From), Y: f.Begin / g.size}, tip, {X: secs(f.Date), Y: limit}}, shade(AheadColor, 255), 1, []vg.Length{4, 2}},
		{ends, shade(AheadColor, 255), 2.5, nil},
	} {
		line, err := plotter.NewLine(l.xys)
		if err != nil {
			return err
		}
		line.LineStyle = draw.LineStyle{Color: l.color, Width: l.width, Dashes: l.dashes}
		g.p.Add(line)
	}
	return nil
}
