package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi/bench/calibration"
)

// calibrationTables measures observed against stated, all votes together.
func calibrationTables(w io.Writer, s sizes) error {
	set := calibration.Standard("", s.series, calibration.Rates()[0])
	fmt.Fprintf(w, "### Calibration\n\nNormal series, one minute, %d weeks of learning, %d scored, all votes together. \"Attainable\": what the limits in force let expect, by their own tails; of counts that of the next whole number, and as many series as it takes for 20 expected episodes, at most %d. By series: least, a tenth, median, nine tenths, most. The first two weeks of a series count from its first limits on, and are not among the scored ones but of files.\n\n",
		set.Learn, set.Score, s.most*s.series)
	head(w, "family", "stated, one in", "series", "false episodes", "stated", "observed / stated", "attainable", "observed / attainable", "by series, observed / stated", "within 2 times", "first two weeks, observed / stated", "first votes")
	files := map[time.Duration]calibration.Rate{}
	for _, every := range calibration.Rates() {
		for _, f := range calibration.Continuous() {
			r, err := calibration.Standard(f, s.series, every).Clean()
			if err != nil {
				return err
			}
			rateRow(w, f, every.Hours()/24, r)
		}
		for _, f := range calibration.Counting() {
			r, err := calibration.Standard(f, s.series, every).Counts(20, s.most*s.series)
			if err != nil {
				return err
			}
			rateRow(w, f, every.Hours()/24, r)
		}
		r, err := calibration.Files(s.nab, every)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			row(w, "files", fmt.Sprintf("%.0f days", every.Hours()/24), "absent", "not measured: "+s.nab+" is not there", "-", "-", "-", "-", "-", "-", "-", "-")
		case err != nil:
			return err
		case r.Series == 0:
			row(w, "files", fmt.Sprintf("%.0f days", every.Hours()/24), "0", "not measured: none is long enough to be judged", "-", "-", "-", "-", "-", "-", "-", "-")
		default:
			rateRow(w, "files", every.Hours()/24, r)
			files[every] = r
		}
	}
	fmt.Fprintln(w)
	for _, every := range calibration.Rates() {
		if r, ok := files[every]; ok {
			worst(w, every.Hours()/24, r)
		}
	}
	return nil
}

func rateRow(w io.Writer, name string, days float64, r calibration.Rate) {
	attainable, of := "-", "-"
	if r.Attainable > 0 {
		attainable, of = fmt.Sprintf("%.1f", r.Attainable), fmt.Sprintf("%.2f", r.OfAttainable())
	}
	row(w, name, fmt.Sprintf("%.0f days", days), fmt.Sprint(r.Series), fmt.Sprint(r.Episodes), fmt.Sprintf("%.1f", r.Expected), fmt.Sprintf("%.2f", r.Ratio()), attainable, of,
		fmt.Sprintf("%.2f, %.2f, %.2f, %.2f, %.2f", r.Spread(0), r.Spread(.1), r.Spread(.5), r.Spread(.9), r.Spread(1)),
		fmt.Sprintf("%d of %d", r.Within2, r.Series), fmt.Sprintf("%.1f", r.OfYoung()), counts(r.By))
}

// worst names the files with the most false episodes.
func worst(w io.Writer, days float64, r calibration.Rate) {
	slices.SortFunc(r.Names, func(a, b calibration.Named) int { return b.Episodes - a.Episodes })
	fmt.Fprintf(w, "Files with the most false episodes at one in %.0f days (%.1f stated in all):", days, r.Expected)
	for _, n := range r.Names[:min(8, len(r.Names))] {
		fmt.Fprintf(w, " %s %d of %.1f stated;", n.Name, n.Episodes, n.Expected)
	}
	fmt.Fprint(w, "\n\n")
}
