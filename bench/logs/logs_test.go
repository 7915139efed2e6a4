package logs

import (
	"fmt"
	"os"
	"sort"
	"testing"
)

// samples is where Loghub's samples lie, if anywhere.
const samples = "../../../shared/data/loghub"

func systems(t testing.TB) []System {
	t.Helper()
	ss, err := Load(samples)
	if os.IsNotExist(err) {
		t.Skipf("NOT TESTED: the samples are not there: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func TestDebug(t *testing.T) {
	for _, mode := range []string{"content", "full"} {
		var sum Score
		ss := systems(t)
		for _, s := range ss {
			lines := s.Content
			if mode == "full" {
				lines = s.Full
			}
			f := Mine(lines)
			sc := s.Judge(f)
			sum.GA += sc.GA / float64(len(ss))
			sum.FGA += sc.FGA / float64(len(ss))
			sum.PA += sc.PA / float64(len(ss))
			sum.FTA += sc.FTA / float64(len(ss))
			fmt.Printf("%-8s %-12s GA %.3f FGA %.3f PA %.3f FTA %.3f\n", mode, s.Name, sc.GA, sc.FGA, sc.PA, sc.FTA)
			if os.Getenv("SHOW") == s.Name && os.Getenv("MODE") == mode {
				show(&s, f)
			}
		}
		fmt.Printf("%-8s %-12s GA %.3f FGA %.3f PA %.3f FTA %.3f\n", mode, "mean", sum.GA, sum.FGA, sum.PA, sum.FTA)
	}
}

// show lists true groups that are not found as they are, and templates that differ.
func show(s *System, f Found) {
	truth := map[string]map[string]int{}
	tmpl := map[string]string{}
	back := map[string]map[string]int{}
	for i := range s.Event {
		k := s.Event[i] + " " + s.True[i]
		g := f.ID[i].String() + " " + f.Template[i]
		if truth[k] == nil {
			truth[k] = map[string]int{}
		}
		truth[k][g]++
		if back[g] == nil {
			back[g] = map[string]int{}
		}
		back[g][k]++
		tmpl[k] = s.True[i]
	}
	var ks []string
	for k := range truth {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	for _, k := range ks {
		bad := len(truth[k]) != 1
		for g := range truth[k] {
			if len(back[g]) != 1 {
				bad = true
			}
		}
		if bad {
			fmt.Println("GROUP ", k)
			for g, n := range truth[k] {
				fmt.Println("      ", n, g, "also", len(back[g])-1)
			}
		} else {
			for g, n := range truth[k] {
				if !Same(g[17:], tmpl[k]) {
					fmt.Println("TMPL  ", n, tmpl[k])
					fmt.Println("      ", g[17:])
				}
			}
		}
	}
}
