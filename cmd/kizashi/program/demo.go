package program

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

// demo is one telling of the generated account.
type demo struct {
	e       env
	st      explain.Style
	dir     string
	account *gen.Account
	outcome *backtest.Outcome
	input   replay.Options
	zone    *time.Location
	traces  backtest.Traces
}

// demoCommand generates an account, runs it through the real path and tells
// what came of it.
func demoCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "demo", "[--dir DIR] [--seed N] [--lang en|ja]")
	dir := fs.String("dir", "demo", "`directory` for the account's files and the report")
	seed := fs.Uint64("seed", 1, "of the generated account")
	lang := fs.String("lang", "", "en or ja (default: from LANG)")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	st, err := style(e, *lang)
	if err != nil {
		return err
	}
	d := demo{e: e, st: st, dir: *dir, account: gen.NewAccount(*seed)}
	if d.zone, err = time.LoadLocation(d.account.Zone); err != nil {
		return err
	}
	for _, step := range [...]func(context.Context) error{d.generate, d.run, d.found, d.silent, d.rest, d.explain, d.told, d.verify, d.end} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) say(en, ja string, args ...any) {
	fmt.Fprintf(d.e.out, pick(d.st, en, ja)+"\n", args...)
}

func (d *demo) head(en, ja string) {
	text := pick(d.st, en, ja)
	fmt.Fprintf(d.e.out, "\n%s\n%s\n", text, strings.Repeat("-", min(78, len(text))))
}

// generate writes the account as the files that a customer could hand over.
func (d *demo) generate(context.Context) error {
	err := d.account.WriteFiles(func(name string) (io.WriteCloser, error) {
		p := filepath.Join(d.dir, filepath.FromSlash(d.place(name)))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return nil, err
		}
		return os.Create(p)
	})
	if err != nil {
		return err
	}
	d.say("Account %s, %s, time zone %s: %d series and the log group %s, three weeks.", "アカウント %s、%s、タイムゾーン %s: %d 系列とロググループ %s、3 週間分。",
		d.account.ID, d.account.Region, d.account.Zone, len(d.account.Series), d.account.Logs.Name)
	return nil
}

// place keeps the series apart from what describes them.
func (d *demo) place(name string) string {
	if path.Ext(name) == ".csv" && name != "labels.csv" {
		return path.Join("metrics", name)
	}
	return name
}

func (d *demo) run(ctx context.Context) error {
	mapping, err := replay.LoadMapping(filepath.Join(d.dir, "mapping.yaml"))
	if err != nil {
		return err
	}
	labels, err := backtest.ReadLabels(filepath.Join(d.dir, "labels.csv"), "")
	if err != nil {
		return err
	}
	d.traces = backtest.Traces{}
	d.input = replay.Options{Paths: []string{filepath.Join(d.dir, "metrics"), filepath.Join(d.dir, "logs")}, Mapping: mapping}
	spec := backtest.Spec{Own: d.e.own, Input: d.input, Shards: runtime.GOMAXPROCS(0), Traces: d.traces, Progress: progress(d.e)}
	begin := time.Now()
	if d.outcome, err = backtest.Run(ctx, spec); err != nil {
		return err
	}
	d.outcome.Evaluate(labels, nil)
	d.say("%d samples judged and learned in %s.", "%d 点を判定・学習(%s)。", d.outcome.Samples, time.Since(begin).Round(10*time.Millisecond))
	if err := writeReport(filepath.Join(d.dir, "report.html"), d.outcome, d.traces, labels, d.st); err != nil {
		return err
	}
	return create(filepath.Join(d.dir, "outcome.json"), d.outcome.Write)
}

// about returns the alerts that a ledger's entry speaks of.
func (d *demo) about(t *gen.Truth) []kizashi.Alert {
	var out []kizashi.Alert
	for _, a := range d.outcome.Alerts {
		if t.Touches(d.short(a.Series), a.Opened, a.To+1) {
			out = append(out, a)
		}
	}
	return out
}

// short name of a series: its file's stem.
func (d *demo) short(id kizashi.SeriesID) string {
	for i := range d.outcome.Series {
		if s := &d.outcome.Series[i]; s.Meta.Series == id {
			return strings.TrimSuffix(strings.TrimSuffix(path.Base(s.File), ".csv"), ".log")
		}
	}
	return ""
}

func (d *demo) wall(t kizashi.Time) string { return explain.Wall(t, d.zone, d.st.Lang) }

func (d *demo) text(t *gen.Truth) string { return pick(d.st, t.En, t.Ja) }

// title of an alert with its id.
func (d *demo) title(a kizashi.Alert) error {
	t, err := explain.Text(a, d.outcome.Justifications[a.Justify], d.st)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.e.out, "    %s  %s\n", a.ID, t.Title)
	return nil
}

// found tells what was to be found: the incidents, and the new level.
func (d *demo) found(context.Context) error {
	d.head("What was found", "検知したもの")
	for i := range d.account.Truth {
		t := &d.account.Truth[i]
		if t.Kind != gen.Incident && t.Kind != gen.Change && t.Kind != gen.InLogs {
			continue
		}
		as := d.about(t)
		mark := "*"
		if len(as) == 0 {
			mark = pick(d.st, "MISSED", "見逃し")
		}
		fmt.Fprintf(d.e.out, "  %s %s  %s\n", mark, d.wall(t.From), d.text(t))
		for _, a := range as {
			if err := d.title(a); err != nil {
				return err
			}
		}
		if t.Kind == gen.Change {
			if err := d.adopted(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// adopted tells that a lasting level became the new normal.
func (d *demo) adopted(t *gen.Truth) error {
	for i := range d.outcome.Series {
		s := &d.outcome.Series[i]
		for _, n := range s.Notes {
			if n.Fact.Claim == kizashi.ClaimMoved && t.Touches(d.short(s.Meta.Series), n.At.Add(-13*time.Hour), n.At) {
				text, err := explain.Fact(n.Fact, s.Meta, d.st)
				if err != nil {
					return err
				}
				fmt.Fprintf(d.e.out, "    %s  %s\n", d.wall(n.At), text)
			}
		}
	}
	return nil
}

// silent tells what looks like an incident and is none, and why it stayed
// silent: how often it was inside its own band.
func (d *demo) silent(context.Context) error {
	d.head("What rightly stayed silent in the third week, and why", "3 週目に正しく沈黙したものとその理由")
	third := d.account.To.Add(-7 * 24 * time.Hour)
	told := map[string]bool{}
	for i := range d.account.Truth {
		t := &d.account.Truth[i]
		if t.Kind != gen.Trap && t.Kind != gen.Habit || t.To <= third || told[t.Name] {
			continue
		}
		told[t.Name] = true
		if n := len(d.week(t, third)); n > 0 {
			d.say("  ! %s  %s", "  ! %s  %s", d.wall(t.From), d.text(t))
			d.say("    not silent: %[2]s", "    沈黙せず: アラート %[1]d 件", n, explain.Plural(n, "alert"))
			continue
		}
		d.say("  - %s  %s", "  - %s  %s", d.wall(t.From), d.text(t))
		if err := d.reasons(t); err != nil {
			return err
		}
	}
	return nil
}

// week gathers the alerts of an entry's series, in every occurrence of the
// entry in the third week.
func (d *demo) week(t *gen.Truth, from kizashi.Time) []kizashi.Alert {
	var out []kizashi.Alert
	for i := range d.account.Truth {
		if u := &d.account.Truth[i]; u.Name == t.Name && u.To > from {
			out = append(out, d.about(u)...)
		}
	}
	return out
}

// reasons for silence: the sample that came nearest to its limit, or that no
// samples are expected.
func (d *demo) reasons(t *gen.Truth) error {
	for i := range d.outcome.Series {
		s := &d.outcome.Series[i]
		if !contains(t.Series, d.short(s.Meta.Series)) {
			continue
		}
		name := explain.Clean(s.Meta.Name())
		p, ok := d.nearest(s, t)
		if !ok {
			d.say("      %s: no samples, and none expected: these hours of the week had none before.",
				"      %s: 計測なし。この曜日・時間帯はこれまでも計測がなく、途絶とはみなさない。", name)
			continue
		}
		if p.Value > p.Upper || p.Value < p.Lower {
			m, n := kizashi.MofN(time.Duration(s.Meta.Period))
			d.say("      %s: single samples lie beyond the band, as chance has it, and never %d of the last %d.",
				"      %s: 単発の計測は範囲を外れることがあるが、直近%[3]d点中%[2]d点には達していない。", name, m, n)
			continue
		}
		fact, err := explain.Fact(kizashi.Evidence{Claim: kizashi.ClaimInside, Value: kizashi.Num(p.Value), Low: kizashi.Num(p.Lower), High: kizashi.Num(p.Upper)}, s.Meta, d.st)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.e.out, "      %s: %s\n", name, fact)
	}
	return nil
}

// nearest returns the sample of the entry's time that came nearest to its
// limit, false where there is none.
func (d *demo) nearest(s *backtest.Series, t *gen.Truth) (backtest.Point, bool) {
	var best backtest.Point
	most, found := math.Inf(-1), false
	for _, p := range d.traces[s.Meta.Series].Points {
		if p.At < t.From || p.At >= t.To || math.IsNaN(p.Upper) || math.IsNaN(p.Lower) {
			continue
		}
		half := (p.Upper - p.Lower) / 2
		if near := math.Abs(p.Value-(p.Upper-half)) / half; !found || near > most {
			best, most, found = p, near, true
		}
	}
	return best, found
}

func contains(xs []string, x string) bool {
	for _, y := range xs {
		if x == y {
			return true
		}
	}
	return false
}

// rest counts what is neither, against what the target allows.
func (d *demo) rest(context.Context) error {
	n := 0
	for _, a := range d.outcome.Alerts {
		known := false
		for i := range d.account.Truth {
			known = known || d.account.Truth[i].Touches(d.short(a.Series), a.Opened, a.To+1)
		}
		if !known {
			n++
		}
	}
	weeks := d.outcome.Score.Ours.Weeks
	d.head("Everything else", "それ以外")
	d.say("%d alerts by chance in %.0f series-weeks. The target, one in 28 days and series, allows about %.0f.",
		"偶然によるアラート %d 件(%.0f 系列・週)。目標(1 系列 28 日に 1 件)での許容は約 %.0f 件。", n, weeks, weeks/4)
	return nil
}

// explain tells one alert in full: the first of the first incident.
func (d *demo) explain(context.Context) error {
	a, ok := d.example()
	if !ok {
		return nil
	}
	d.head("One alert in full", "アラート 1 件の全文")
	t, err := explain.Text(a, d.outcome.Justifications[a.Justify], d.st)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.e.out, t.Engineer)
	return nil
}

// verify computes that alert again from the samples, and then all.
func (d *demo) verify(ctx context.Context) error {
	d.head("Verify: the same, computed again from the samples by other code", "検証: 別のコードで計測値から再計算")
	o := &outcome{Outcome: d.outcome}
	if err := o.read(ctx, d.input); err != nil {
		return err
	}
	if a, ok := d.example(); ok {
		r, err := checkAlert(o, a)
		if err != nil {
			return err
		}
		tellReport(d.e.out, a, r, d.st, false)
	}
	bad := 0
	for _, a := range d.outcome.Alerts {
		r, err := checkAlert(o, a)
		if err != nil {
			return err
		}
		if !r.Ok() {
			bad++
			tellReport(d.e.out, a, r, d.st, false)
		}
	}
	d.say("%d alerts computed again, %d with faults.", "アラート %d 件を再計算し、不一致は %d 件。", len(d.outcome.Alerts), bad)
	if bad > 0 {
		return errFound
	}
	return nil
}

func (d *demo) example() (kizashi.Alert, bool) {
	for i := range d.account.Truth {
		t := &d.account.Truth[i]
		if as := d.about(t); t.Kind == gen.Incident && len(as) > 0 {
			return as[0], true
		}
	}
	return kizashi.Alert{}, false
}

func (d *demo) end(context.Context) error {
	d.head("Next", "次に")
	d.say("The report: %s", "レポート: %s", filepath.Join(d.dir, "report.html"))
	d.say("Try: kizashi explain %s ALERT, or kizashi backtest --input YOUR.csv", "お試し: kizashi explain %s ALERT、kizashi backtest --input YOUR.csv", filepath.Join(d.dir, "outcome.json"))
	return nil
}
