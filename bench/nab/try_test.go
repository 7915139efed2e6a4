package nab

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/models"
)

func TestTry(t *testing.T) {
	if os.Getenv("TRY") == "" {
		t.Skip()
	}
	rs, err := Read(corpus)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(os.Getenv("TRY"))
	sets := strings.Split(os.Getenv("W"), ";") // name=weight,...
	for _, set := range sets {
		rows := models.All()
		for _, kv := range strings.Split(set, ",") {
			k, v, _ := strings.Cut(kv, "=")
			for i := range rows {
				if rows[i].Name == k {
					rows[i].Weight, _ = strconv.ParseFloat(v, 64)
				}
			}
		}
		t0 := time.Now()
		files, err := Run(rs, rows)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(t0)
		all := Score(files)
		s := all[Standard]
		t.Logf("%-40s %5.1f %5.1f %5.1f 2f %5.1f tp %d fp %d thr %.2f (%s)", set, s.Normalised, all[LowFP].Normalised, all[LowFN].Normalised, TwoFold(files, Standard), s.TP, s.FP, s.Threshold, took.Round(time.Millisecond))
	}
	if n > 1 {
		m, _, err := Jitter(rs, n)
		t.Log(m, err)
	}
}
