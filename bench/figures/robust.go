package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/kizashi-ops/kizashi/bench/nab"
	"github.com/kizashi-ops/kizashi/models"
)

// draws of the jitter in the figures.
const draws = 60

// robust tells what the score of the benchmark owes to its constants, to its
// files and to each detector.
func robust(w io.Writer, s sizes) error {
	fmt.Fprint(w, "### NAB: what the score rests on\n\n")
	if _, err := os.Stat(s.nab); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(w, "Not measured: %s is not there.\n\n", s.nab)
		return nil
	}
	rs, err := nab.Read(s.nab)
	if err != nil {
		return err
	}
	head(w, "", string(nab.Standard), string(nab.LowFP), string(nab.LowFN))
	files, err := nab.Run(rs, models.All())
	if err != nil {
		return err
	}
	line := func(what string, v func(nab.Profile) float64) {
		cells := []string{what}
		for _, p := range nab.Profiles() {
			cells = append(cells, fmt.Sprintf("%.1f", v(p)))
		}
		row(w, cells...)
	}
	mean, _, err := nab.Jitter(rs, draws)
	if err != nil {
		return err
	}
	line(fmt.Sprintf("mean of %d draws, every constant and weight within a quarter", draws), func(p nab.Profile) float64 { return mean[p] })
	line("two-fold by files, the threshold of the other half", func(p nab.Profile) float64 { return nab.TwoFold(files, p) })
	as, err := nab.Ablate(rs)
	if err != nil {
		return err
	}
	for _, a := range as {
		line(a.What, func(p nab.Profile) float64 { return a.All[p].Normalised })
	}
	all := nab.Score(files)
	line("in-sample, the best threshold of these files", func(p nab.Profile) float64 { return all[p].Normalised })
	fmt.Fprintln(w)
	return nil
}
