package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kizashi-ops/kizashi/bench/peers"
)

// peersTable holds Kizashi against others on a seeded tenth of the incidents.
func peersTable(w io.Writer, s sizes) error {
	set := s.setting()
	set.Seeds, set.Periods = max(1, s.seeds/10), s.periods
	r, err := peers.NewRun(set)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "### Peers\n\n%d seeds, %d families, %d noises, %s: the first and second incident of each pair, at as many false alerts elsewhere as Kizashi has in the same run (%d, %.0f stated). Each cell: found by Kizashi, by the peer, and the chance of such a difference (McNemar, exact, two-sided).\n\n",
		set.Seeds, len(set.Families), len(set.Noises), minutes(set.Periods[0]), r.Episodes, r.Expected)
	var against []*peers.Against
	names := []string{"kind", "incidents"}
	all := peers.Peers(s.jar)
	if s.cheap {
		all = all[2:]
		fmt.Fprint(w, "Grafana's rules were left out of this comparison.\n\n")
	}
	for _, p := range all {
		a, err := r.Compare(p)
		if errors.Is(err, peers.ErrAbsent) {
			fmt.Fprintf(w, "%s: absent, not measured (%v).\n\n", p.Name, err)
			continue
		}
		if err != nil {
			return err
		}
		against = append(against, a)
		names = append(names, fmt.Sprintf("%s, threshold %.3g, %d false", a.Peer, a.Threshold, a.Episodes))
	}
	head(w, names...)
	for i, k := range against[0].Kinds {
		cells := []string{k.Kind, fmt.Sprint(k.Of)}
		for _, a := range against {
			p := a.Kinds[i]
			verdict := "no difference beyond chance"
			if p.Fewer() {
				verdict = "FEWER"
			} else if p.More() {
				verdict = "more"
			}
			cells = append(cells, fmt.Sprintf("%d, %d, p %.2g: %s", p.Ours, p.Theirs, p.P, verdict))
		}
		row(w, cells...)
	}
	fmt.Fprintln(w)
	return costTable(w, s)
}

// costTable says what each costs.
func costTable(w io.Writer, s sizes) error {
	sc := peers.StandardScale()
	if s.held < sc.Held { // a test
		sc = peers.Scale{Series: 2, Minutes: 2, Held: s.held, Repeat: 1}
	}
	costs, err := peers.Costs(sc, s.jar)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "One minute; rules over %d series at once. Memory of rules: two hours of what they record in the head of the store; of k sigma and MAD the day they look back to.\n\n", sc.Series)
	head(w, "detector", "CPU a sample", "times Kizashi's", "memory a series")
	ours := costs[0]
	for _, c := range costs {
		if c.Absent != "" {
			row(w, c.Name, "absent: "+c.Absent, "-", "-")
			continue
		}
		row(w, c.Name, fmt.Sprintf("%.2f us", float64(c.PerSample)/float64(time.Microsecond)), fmt.Sprintf("%.1f", float64(c.PerSample)/float64(ours.PerSample)), fmt.Sprintf("%.1f KiB", c.Bytes/1024))
	}
	fmt.Fprintln(w)
	return nil
}
