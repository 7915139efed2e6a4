package program

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/verify"
)

// verifyCommand computes alerts again, from the outcome alone or from the
// samples too.
func verifyCommand(ctx context.Context, e env, args []string) error {
	var in inputFlags
	fs := flagSet(e, "verify", "FILE|DIR [ALERT...] [--data PATH...] [--show]")
	in.add(fs, "data")
	show := fs.Bool("show", false, "print every step, so that it can be redone in a spreadsheet")
	lang := fs.String("lang", "", "en or ja (default: from LANG)")
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
	if o, ok := a.(*outcome); ok && len(in.in) > 0 {
		opt, err := in.options(e, nil)
		if err != nil {
			return err
		}
		if err := o.read(ctx, opt); err != nil {
			return err
		}
	}
	alerts, err := chosen(a, rest)
	if err != nil {
		return err
	}
	return verifyAll(e.out, a, alerts, st, *show)
}

// chosen are the alerts named, or all.
func chosen(a archive, ids []string) ([]kizashi.Alert, error) {
	if len(ids) == 0 {
		return a.Alerts()
	}
	var out []kizashi.Alert
	for _, id := range ids {
		one, _, err := a.Find(id)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// samplesOf reads all samples of an input, as they would be judged.
func samplesOf(ctx context.Context, opt replay.Options) (*verify.Samples, error) {
	src, err := replay.New(opt)
	if err != nil {
		return nil, err
	}
	if err := src.Open(nil); err != nil {
		return nil, err
	}
	out := verify.NewSamples()
	for {
		b, err := src.Next(ctx)
		if err == io.EOF {
			return out, src.Close()
		}
		if err != nil {
			return nil, err
		}
		out.Add(b.Samples)
	}
}

// verifyAll tells each alert's result in a line, or in full, and fails if one
// does not hold. Alerts about Kizashi itself have no threshold to compute.
func verifyAll(w io.Writer, a archive, alerts []kizashi.Alert, st explain.Style, show bool) error {
	bad, n, earlier := 0, 0, 0
	for _, one := range alerts {
		if one.Justify == "" {
			continue
		}
		r, err := checkAlert(a, one)
		if err != nil {
			return err
		}
		if r.Earlier > 0 {
			earlier++
			fmt.Fprintf(w, pick(st, "%s  not computed: an earlier version of Kizashi judged it, by a method that this one does not repeat\n", "%s  再計算なし: 旧バージョンの Kizashi による判定で、本バージョンはその計算方法を再現しない\n"), one.ID)
			continue
		}
		n++
		if show {
			if err := r.Show(w, string(st.Lang)); err != nil {
				return err
			}
		}
		if !r.Ok() {
			bad++
		}
		tellReport(w, one, r, st, show)
	}
	fmt.Fprintf(w, pick(st, "%[3]s computed again, %[2]d with faults.\n", "アラート %[1]d 件を再計算し、不一致は %[2]d 件。\n"), n, bad, explain.Plural(n, "alert"))
	if earlier > 0 {
		fmt.Fprintf(w, pick(st, "%[1]s of an earlier version: what is told of them is as it was stored.\n", "旧バージョンのアラート %[2]d 件: 内容は保存されたもののまま。\n"), explain.Plural(earlier, "alert"), earlier)
	}
	if bad > 0 {
		return errFound
	}
	return nil
}

func checkAlert(a archive, one kizashi.Alert) (verify.Report, error) {
	_, j, err := a.Find(one.ID)
	if err != nil {
		return verify.Report{}, err
	}
	cfg, err := a.Config(&j)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Check(one, j, cfg), nil
}

func tellReport(w io.Writer, a kizashi.Alert, r verify.Report, st explain.Style, shown bool) {
	word := pick(st, "holds", "一致")
	if !r.Ok() {
		word = pick(st, "DOES NOT HOLD", "不一致")
	}
	fmt.Fprintf(w, pick(st, "%s  %s: %d steps, %d declared", "%s  %s: 計算 %d、申告値 %d"), a.ID, word, len(r.Steps), len(r.Declared))
	if r.Largest.Path != "" {
		fmt.Fprintf(w, pick(st, ", largest difference from the samples %.2g", "、計測値からの再計算との最大差 %.2g"), r.Largest.Off)
	}
	if len(r.ByWord) > 0 {
		fmt.Fprintf(w, pick(st, "; taken at its word: %s", "、検知器の申告のみ: %s"), explain.Clean(strings.Join(r.ByWord, ", ")))
	}
	fmt.Fprintln(w)
	if shown {
		return
	}
	for _, f := range r.Faults {
		fmt.Fprintln(w, "    "+explain.Clean(f))
	}
}
