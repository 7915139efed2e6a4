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
	Histogram   map[string]int64 `json:"histogram"` // lines, by the seconds since 1970 at which five minutes begin, or at which the judged stretch does
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
	Seen     int         `json:"seen"`
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
		Kizashi: ours{Alert: a.ID, Kind: g.Model, Expected: g.Usual, Stat: g.Stat, Limit: g.Limit, Unit: g.Unit, Justify: a.Justify}}
	for _, p := range g.Parts {
		x.Histogram[strconv.FormatInt(int64(p.From)/int64(time.Second/time.Millisecond), 10)] += int64(p.Count)
	}
	if len(g.Parts) > 0 {
		x.Kizashi.Seen = g.Parts[0].Count
	}
	for _, s := range l.Samples {
		x.Samples = append(x.Samples, logSample{int64(s.At), s.Text})
	}
	return x
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
	c, ok := a.(counting)
	if !ok {
		x.Kizashi.Lacks = append(x.Kizashi.Lacks, "counts beyond the judged stretch: they are in the data directory of a service alone")
		return nil
	}
	g := &j.Grounds[0]
	from, to := g.From.Floor(runs), max(g.To, of.To).Ceil(runs)
	samples, err := c.Samples(j.Meta.Series, from, to)
	if err != nil {
		return err
	}
	if len(samples) == 0 { // retention, or a pattern that is counted as another one
		x.Kizashi.Lacks = append(x.Kizashi.Lacks, "counts beyond the judged stretch: none of the series is stored")
		return nil
	}
	x.Histogram = map[string]int64{}
	for _, s := range samples {
		if s.Value > 0 {
			x.Histogram[strconv.FormatInt(int64(s.At.Floor(runs))/1000, 10)] += int64(s.Value)
		}
	}
	if first := samples[0].At; first >= from.Add(runs) && g.Model != string(kizashi.ClaimLogAbsent) && g.Parts[0].Count > 0 {
		x.Kizashi.Lacks = append(x.Kizashi.Lacks, "counts before "+first.UTC().Format(time.RFC3339)+": they are not stored under this series")
	}
	return nil
}

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
