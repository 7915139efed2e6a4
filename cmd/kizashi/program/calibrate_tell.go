package program

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/calibrate"
)

// toldSeries are listed; the others are counted, and --json has them.
const toldSeries = 200

// tellCalibration prints a line a series and some for each class of a tenant.
func tellCalibration(w io.Writer, r *calibrate.Report, st explain.Style) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, pick(st, "series\tclass\tone in\tweeks\tstated\tobserved\tratio\thistory supports\t", "系列\t区分\t目標の間隔\t週数\t目標件数\t実績件数\t比\t実績が裏付ける間隔"))
	for i := range r.Series {
		if i == toldSeries {
			break
		}
		s := &r.Series[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%.1f\t%.2f\t%d\t%s\t%s\n", explain.Clean(s.Name), s.Class, daysOf(time.Duration(s.R).Seconds(), st), s.Weeks, s.Stated, s.Observed, ratioOf(&s.Rate, st), supportOf(s, st))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if n := len(r.Series) - toldSeries; n > 0 {
		fmt.Fprintf(w, pick(st, "... and %d more: --json has them\n", "... ほか %d 系列(--json で全件)\n"), n)
	}
	for i := range r.Classes {
		c := &r.Classes[i]
		if len(r.Classes) > 1 && c.Series == 1 {
			continue // its line above says it: files without a mapping are a tenant each
		}
		who := fmt.Sprintf(pick(st, "class %s", "区分 %s"), c.Class)
		if c.Tenant != "" {
			who = explain.Clean(c.Tenant) + ", " + who
		}
		tellTotal(w, who, c, st)
	}
	if len(r.Classes) > 1 {
		tellTotal(w, pick(st, "In all", "全体"), &r.All, st)
	}
	_, err := fmt.Fprint(w, pick(st, "\nThe ratio is observed over stated, with its 95 % interval by chance alone. Alerts of static limits, guard rails, changes, silences, stuck values, forecasts, routines and young series are outside the target.\n",
		"\n比は実績件数÷目標件数、括弧内は偶然のみによる95%区間。固定しきい値・ガードレール・変化量・途絶・固着・予兆・定例の変動・新しい系列のアラートは目標の対象外。\n"))
	return err
}

// tellTotal is what came of a class.
func tellTotal(w io.Writer, who string, t *calibrate.Total, st explain.Style) {
	fmt.Fprintf(w, pick(st, "\n%s: %s series, %.1f weeks in all: %.2f stated, %d observed, ratio %s\n", "\n%s: %s 系列、延べ %.1f 週: 目標 %.2f 件、実績 %d 件、比 %s\n"),
		who, explain.Count(t.Series), t.Weeks, t.Stated, t.Observed, ratioOf(&t.Rate, st))
	if t.Asked.Ok() {
		fmt.Fprintf(w, pick(st, "  asked for: %s false notifications a week\n", "  希望: 誤検知の通知は週 %s 件まで\n"), amount(float64(t.Asked)))
	}
	fmt.Fprintf(w, pick(st, "  a week: %s by the periods of the series", "  1週あたり: 各系列の目標の合計 %s 件"), amount(t.Implied))
	if t.Weekly.Ok() {
		fmt.Fprintf(w, pick(st, ", %s observed", "、実績 %s 件"), amount(float64(t.Weekly)))
	}
	if t.Least > 0 {
		fmt.Fprintf(w, pick(st, "; the history supports %s at the fewest", "、実績が裏付ける下限 %s 件"), amount(t.Least))
	}
	fmt.Fprintln(w)
	if t.Unsupported > 0 {
		fmt.Fprintf(w, pick(st, "  NOT SUPPORTED: the target of %s series is longer than the history supports; it is applied all the same\n", "  裏付け不足: %s 系列の目標は実績が裏付ける間隔より長い(目標はそのまま適用)\n"), explain.Count(t.Unsupported))
	}
	if t.Warming > 0 {
		fmt.Fprintf(w, pick(st, "  %s series have no limits yet\n", "  %s 系列は学習中\n"), explain.Count(t.Warming))
	}
	if t.Marked > 0 {
		fmt.Fprintf(w, pick(st, "  not counted: %s in stretches in which something was wrong\n", "  対象外: 障害期間中のアラート %s\n"), pick(st, explain.Plural(t.Marked, "alert"), fmt.Sprintf("%d 件", t.Marked)))
	}
}

// ratioOf is a ratio with its interval.
func ratioOf(r *calibrate.Rate, st explain.Style) string {
	if !r.Ratio.Ok() {
		return "-"
	}
	return fmt.Sprintf(pick(st, "%s (%s to %s)", "%s (%s〜%s)"), amount(float64(r.Ratio)), amount(float64(r.Low)), amount(float64(r.High)))
}

// supportOf says how long a target the history of a series supports.
func supportOf(s *calibrate.Series, st explain.Style) string {
	if !s.Supported.Ok() {
		return "-"
	}
	d := daysOf(float64(s.Supported), st)
	if s.TooLong {
		d += pick(st, ", NOT SUPPORTED", "、裏付け不足")
	}
	return d
}

// daysOf writes a period in days.
func daysOf(seconds float64, st explain.Style) string {
	return amount(seconds/86400) + pick(st, " d", "日")
}

// amount has two digits, or all before the point.
func amount(v float64) string {
	switch {
	case !kizashi.Num(v).Ok():
		return "-"
	case v >= 99.5:
		return explain.Count(int(v + .5))
	}
	s, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 2, 64), 64)
	if err != nil {
		return "-"
	}
	return strconv.FormatFloat(s, 'f', -1, 64)
}
