package program

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

// anomaly is an alert about log lines in the shape of CloudWatch's ListAnomalies
// (API reference, Anomaly), with what that has no field for beside it.
type anomaly struct {
	AnomalyID   string           `json:"anomalyId"` // 36 characters, made of the alert's id
	Detector    string           `json:"anomalyDetectorArn"`
	PatternID   string           `json:"patternId"`
	Pattern     string           `json:"patternString"`
	Tokens      []patternToken   `json:"patternTokens"`
	Priority    string           `json:"priority"` // by the level: HIGH from error on, MEDIUM of a warning, else LOW
	Description string           `json:"description"`
	First       int64            `json:"firstSeen"` // ms since 1970
	Last        int64            `json:"lastSeen"`
	Active      bool             `json:"active"`
	State       string           `json:"state"`     // Active; what is muted is told by `kizashi acts`
	Histogram   map[string]int64 `json:"histogram"` // lines, of log_many new patterns, by the seconds since 1970 at which five minutes begin, or at which the judged stretch does
	Samples     []logSample      `json:"logSamples"`
	Groups      []string         `json:"logGroupArnList"`

	Kizashi ours `json:"kizashi"`
}

type patternToken struct {
	Position int    `json:"dynamicTokenPosition,omitempty"`
	Dynamic  bool   `json:"isDynamic"`
	Text     string `json:"tokenString"`
}

type logSample struct {
	At   int64  `json:"timestamp"`
	Text string `json:"message"`
}

// ours is what an anomaly rests on.
type ours struct {
	Alert    string      `json:"alert"`
	Kind     string      `json:"kind"` // the model of the first vote
	Seen     int         `json:"seen"` // lines, of log_many new patterns: what the first vote counts
	Expected kizashi.Num `json:"expected"`
	Stat     float64     `json:"stat"`
	Limit    float64     `json:"limit"`
	Unit     string      `json:"unit"`
	Justify  string      `json:"justification"`
	Lacks    []string    `json:"lacks,omitempty"` // what the shape has room for and is not known here
}

// anomaliesCommand lists the alerts about log lines.
func anomaliesCommand(_ context.Context, e env, args []string) error {
	fs := flagSet(e, "anomalies", "FILE|DIR [--json] [--lang en|ja]")
	lang := fs.String("lang", "", "en or ja (default: from LANG)")
	js := fs.Bool("json", false, "print them in the shape of CloudWatch's ListAnomalies, with what they rest on")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	st, err := style(e, *lang)
	if err != nil {
		return err
	}
	a, rest, err := openArchive(e, rest)
	if err != nil {
		return err
	}
	defer a.Close()
	if len(rest) > 0 {
		return errUsage{fmt.Errorf("%q: one file or directory is enough", rest[0])}
	}
	as, err := anomaliesOf(a, st)
	if err != nil {
		return err
	}
	if *js {
		return printJSON(e.out, struct {
			Anomalies []anomaly `json:"anomalies"`
		}{as})
	}
	for _, x := range as {
		fmt.Fprintf(e.out, "%s  %s\n", x.Kizashi.Alert, x.Description)
	}
	return nil
}

func anomaliesOf(a archive, st explain.Style) ([]anomaly, error) {
	alerts, err := a.Alerts()
	if err != nil {
		return nil, err
	}
	out := []anomaly{}
	for _, one := range alerts {
		_, j, err := a.Find(one.ID)
		if err != nil {
			return nil, err
		}
		if j.Log == nil || len(j.Grounds) == 0 {
			continue
		}
		t, err := explain.Text(one, j, st)
		if err != nil {
			return nil, err
		}
		x := anomalyOf(&one, &j, t.Title)
		if err := x.fill(a, &one, &j); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func anomalyOf(a *kizashi.Alert, j *kizashi.Justification, title string) anomaly {
	l, g := j.Log, &j.Grounds[0]
	x := anomaly{AnomalyID: anomalyID(a.ID), Detector: "kizashi", PatternID: l.Pattern, Pattern: l.Template, Tokens: tokensOf(l.Template), Priority: priorityOf(l.Level), Description: title,
		First: int64(g.From), Last: int64(a.To), Active: a.State != kizashi.Resolved, State: "Active", Histogram: map[string]int64{}, Samples: []logSample{}, Groups: []string{l.Group},
		Kizashi: ours{Alert: a.ID, Kind: g.Model, Expected: usualLines(g), Stat: g.Stat, Limit: g.Limit, Unit: g.Unit, Justify: a.Justify}}
	if p := judgedPart(g); p != nil {
		x.Histogram[histogramTime(p.From)] = int64(p.Count)
	}
	if j.Opening.Value.Ok() {
		x.Kizashi.Seen = int(j.Opening.Value)
	}
	for _, s := range l.Samples {
		x.Samples = append(x.Samples, logSample{int64(s.At), s.Text})
	}
	return x
}

// histogramTime writes a time as a histogram has it.
func histogramTime(at kizashi.Time) string {
	return strconv.FormatInt(int64(at)/int64(time.Second/time.Millisecond), 10)
}

// judgedPart is what a ground counts of the alert's own lines: of two patterns that keep
// step the one that is short; nil = nothing.
func judgedPart(g *kizashi.Ground) *kizashi.Part {
	switch {
	case len(g.Parts) == 0:
		return nil
	case len(g.Parts) == 2 && float64(g.Parts[0].Count) >= float64(g.Usual)*float64(g.Parts[1].Count):
		return &g.Parts[1]
	}
	return &g.Parts[0]
}

// usualLines is how many lines, or new patterns, were to be expected of the judged part.
// What a ground takes for usual is a wait where a line is missing, and how often the one
// comes for the other where two keep step.
func usualLines(g *kizashi.Ground) kizashi.Num {
	switch p := judgedPart(g); {
	case p == nil:
	case g.Model == string(kizashi.ClaimLogAbsent):
		return kizashi.Num(p.Sum)
	case len(g.Parts) == 2 && p == &g.Parts[1]:
		return kizashi.Num(g.Parts[0].Count) / g.Usual
	case len(g.Parts) == 2:
		return kizashi.Num(g.Parts[1].Count) * g.Usual
	}
	return g.Usual
}

// counting is an archive that has what was counted.
type counting interface {
	Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error)
}

// runs is how often counts are judged, and so how far the times of a histogram lie apart.
const runs = 5 * time.Minute

// fill makes the histogram one of the whole time of the anomaly, from what is judged to its
// last line, where the counts are at hand; else it says that they are not.
func (x *anomaly) fill(a archive, of *kizashi.Alert, j *kizashi.Justification) error {
	g := &j.Grounds[0]
	if g.Model == string(kizashi.ClaimLogMany) { // its lines are those of the whole log group
		x.lack("counts beyond the judged stretch: the histogram is of new patterns, and when each came is not stored")
		return nil
	}
	c, ok := a.(counting)
	if !ok {
		x.lack("counts beyond the judged stretch: they are in the data directory of a service alone")
		return nil
	}
	from, to := g.From.Floor(runs), max(g.To, of.To).Ceil(runs)
	own, err := c.Samples(j.Meta.Series, from, to)
	if err != nil {
		return err
	}
	read, err := c.Samples(j.Meta.AllLines(), from, to)
	if err != nil {
		return err
	}
	if len(own)+len(read) == 0 { // retention
		x.lack("counts beyond the judged stretch: none of the time is stored")
		return nil
	}
	x.stored(g, own, read)
	return nil
}

// stored takes the stored counts. A minute in which the log group was read, and none of the
// series is stored, had none of its lines; that there were some all the same, which were
// counted as another pattern's, shows in the judged stretch alone.
func (x *anomaly) stored(g *kizashi.Ground, own, read []kizashi.Sample) {
	all, judged, begin := map[string]int64{}, 0, kizashi.Forever
	for _, s := range own {
		if s.Value > 0 {
			all[histogramTime(s.At.Floor(runs))] += int64(s.Value)
		}
		if s.At >= g.From && s.At < g.To {
			judged += int(s.Value)
		}
	}
	for _, ss := range [...][]kizashi.Sample{own, read} {
		if len(ss) > 0 {
			begin = min(begin, ss[0].At)
		}
	}
	missing := x.Kizashi.Seen - judged
	switch {
	case begin > g.From:
		x.lack("counts before " + begin.UTC().Format(time.RFC3339) + ": they are not stored")
	case missing > 0:
		x.lack(fmt.Sprintf("%d of the %d lines of the judged stretch: they are not stored under this series", missing, x.Kizashi.Seen))
	}
	if judged > 0 || missing <= 0 { // else the judged stretch says more
		x.Histogram = all
	}
}

func (x *anomaly) lack(what string) { x.Kizashi.Lacks = append(x.Kizashi.Lacks, what) }

// anomalyID writes the 16 digits of an alert as CloudWatch writes an id.
func anomalyID(alert string) string {
	s := alert + strings.Repeat("0", 32)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:32]
}

// tokensOf cuts a template at its stars.
func tokensOf(template string) (out []patternToken) {
	const star = "<*>"
	n := 0
	for i, text := range strings.Split(template, star) {
		if i > 0 {
			n++
			out = append(out, patternToken{Position: n, Dynamic: true, Text: star})
		}
		if text != "" {
			out = append(out, patternToken{Text: text})
		}
	}
	return out
}

func priorityOf(level string) string {
	switch level {
	case "fatal", "error":
		return "HIGH"
	case "warn":
		return "MEDIUM"
	}
	return "LOW"
}
