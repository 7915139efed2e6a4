package pipeline_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
)

// input is data by partition, not cut into batches yet.
type input struct {
	parts    []kizashi.Partition
	streams  map[kizashi.Partition][]gen.Stream
	commands []kizashi.Batch // of the command partition, which must be there from the start
	ends     map[kizashi.SeriesID]kizashi.Time
	revised  map[kizashi.Partition][]kizashi.Revision // by when they were seen
	coarse   map[kizashi.Partition][]gen.Stream       // coarse histories: whole before the rest begins
	informed kizashi.Time
	config   detect.Config
	herd     bool // hosts of one kind: some are unlike the others for a while
}

func (in *input) add(p kizashi.Partition, s gen.Stream) {
	if in.streams == nil {
		in.streams = map[kizashi.Partition][]gen.Stream{}
	}
	if in.streams[p] == nil {
		in.parts = append(in.parts, p)
	}
	in.streams[p] = append(in.streams[p], s)
}

// account is a customer's three weeks, in three partitions of one class.
func account() input {
	var in input
	for _, s := range gen.NewAccount(3).Series {
		m := s.Meta(s.Labels())
		in.add(s.Partition(), gen.Stream{Meta: m, Samples: s.Samples(m.Series)})
	}
	return in
}

// herd is six hosts in two partitions whose load they share, and which moves more
// than they do. Three times one of them alone is off for an hour; all are once.
func herd() input {
	in := input{herd: true}
	start := kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))
	options := gen.Options{Start: start, Period: 5 * time.Minute, Weeks: 3}
	noise := func(family string, seed uint64) []float64 {
		n, err := gen.Family(family, seed, options)
		if err != nil {
			panic(err)
		}
		return n.Values
	}
	load := noise("ar", 1)
	for k := range 6 {
		labels := kizashi.LabelsOf(map[string]string{"metric": "CPUUtilization", "namespace": "AWS/EC2", "instance": strconv.Itoa(k)})
		m := kizashi.Meta{Series: kizashi.IDOf("acme", labels), Tenant: "acme", Identity: labels, Labels: labels, Group: "web", Unit: "Percent",
			Statistic: "Average", Period: kizashi.Duration(5 * time.Minute), Settle: kizashi.Duration(3 * time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
		p := kizashi.Partition{Tenant: "acme", Account: strconv.Itoa(k % 2), Region: "ap-northeast-1", Kind: kizashi.Metrics, Period: 5 * time.Minute, Settle: 3 * time.Minute}
		vs := noise("gauss", 10+uint64(k))
		var ss []kizashi.Sample
		for i, v := range vs {
			hour := i / 12
			x := 40 + 2*(v+3*load[i])
			if hour == 350+k*7 && k < 3 || hour == 420 {
				x += 12
			}
			ss = append(ss, kizashi.Sample{Series: m.Series, At: start.Add(time.Duration(i) * 5 * time.Minute), Period: 5 * time.Minute, Value: x})
		}
		in.add(p, gen.Stream{Meta: m, Samples: ss})
	}
	return in
}

// ending is the account in which each series is stopped in the middle of its
// own incident or stretch without samples, known beforehand; what comes
// afterwards takes it back.
func ending() input {
	in := account()
	in.ends = map[kizashi.SeriesID]kizashi.Time{}
	for p, ss := range in.streams {
		for k := range ss {
			s := &ss[k]
			n := len(s.Samples)
			from, to := n*3/4+k*17, n*3/4+k*17+300
			for i := from - 10; i < from; i++ {
				s.Samples[i].Value = s.Samples[i].Value*3 + 500
			}
			in.ends[s.Meta.Series] = s.Samples[from].At.Add(time.Duration(k%7) * 11 * time.Second)
			if k%2 == 1 { // found out late: a silence is said before
				in.ends[s.Meta.Series] = s.Samples[from].At.Add(2 * time.Hour)
			}
			s.Samples = append(s.Samples[:from:from], s.Samples[to:]...)
		}
		in.streams[p] = ss
	}
	return in
}

// corrected is the account whose source corrects values twenty minutes after
// it delivered them: some upwards, one by one over ten minutes. The worst ones
// come down to what is usual, soon.
func corrected() input {
	in := account()
	in.revised = map[kizashi.Partition][]kizashi.Revision{}
	for p, ss := range in.streams {
		ss = ss[:min(len(ss), 3)]
		in.streams[p] = ss
		for k := range ss {
			vs := ss[k].Samples
			worst, sorted := 0., make([]float64, len(vs))
			for i := range vs {
				sorted[i] = vs[i].Value
				worst = max(worst, vs[i].Value)
			}
			sort.Float64s(sorted)
			usual, high := sorted[len(sorted)/2], sorted[len(sorted)*999/1000]
			for i := len(vs) / 4; i < len(vs); i++ {
				r := kizashi.Revision{Series: vs[i].Series, At: vs[i].At, Period: vs[i].Period, Old: kizashi.Num(vs[i].Value), New: usual, Seen: vs[i].End().Add(20 * time.Minute)}
				switch {
				case (i+k*100)%3000 < 10:
					r.New = worst*2 + 10
				case vs[i].Value <= high:
					continue
				default:
					r.Seen = vs[i].End().Add(2 * vs[i].Period)
				}
				in.revised[p] = append(in.revised[p], r)
			}
		}
		sort.SliceStable(in.revised[p], func(i, j int) bool { return in.revised[p][i].Seen < in.revised[p][j].Seen })
	}
	return in
}

// revise puts each correction into the first batch whose Until reaches its
// Seen; those that no batch reaches are left out.
func revise(bs []kizashi.Batch, vs []kizashi.Revision) {
	for i := range bs {
		n := sort.Search(len(vs), func(k int) bool { return vs[k].Seen > bs[i].Until })
		bs[i].Revised, vs = vs[:n:n], vs[n:]
	}
}

// commanded is the account with commands that change what was learned and
// what is in force, in the middle of batches.
func commanded() input {
	in := account()
	a := gen.NewAccount(3)
	at := func(h float64) kizashi.Time { return a.From.Add(time.Duration(h * float64(time.Hour))) }
	reload, err := json.Marshal(detect.Config{Rules: []detect.Rule{{MofN: "2/4"}}})
	if err != nil {
		panic(err)
	}
	cs := []kizashi.Command{
		{Op: kizashi.Exclude, At: at(200.3), From: at(100), To: at(140), Reason: "load test"},
		{Op: kizashi.Target, At: at(260.7), Value: (7 * 24 * time.Hour).Seconds()},
		{Op: kizashi.Include, At: at(301.9), From: at(120), To: at(130)},
		{Op: kizashi.Reload, At: at(355.2), Body: reload},
		{Op: kizashi.Expect, At: at(370.4), From: at(371.1), To: at(376.6), Low: .5, High: 3, Reason: "sale", Act: "e1"},
		{Op: kizashi.Expect, At: at(380.2), From: at(340), To: at(390), Low: 1, High: 2, Act: "e2"},
		{Op: kizashi.Feedback, At: at(385.5), From: at(150), To: at(160), Alert: "a", As: kizashi.SaidFalse, Series: in.streams[in.parts[0]][0].Meta.Series, Act: "f1"},
		{Op: kizashi.Revoke, At: at(395.7), Act: "e2"},
		{Op: kizashi.Exclude, At: at(400), From: at(401), To: at(420), Reason: "patch window"},
	}
	p := kizashi.Partition{Tenant: a.Tenant, Kind: kizashi.Commands}
	b := kizashi.Batch{Partition: p, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p, At: a.From}}}
	for t := a.From; t < a.To.Add(12*time.Hour); {
		t = t.Add(7 * time.Hour)
		b.Pos++
		b.Until = t
		for len(cs) > 0 && cs[0].At < t {
			b.Commands, cs = append(b.Commands, cs[0]), cs[1:]
		}
		in.commands = append(in.commands, b)
		b.Roster, b.Commands = nil, nil
	}
	return in
}

// calendared is the account with commands, in which Tuesdays and Thursdays are
// days of their own and samples are expected in office hours.
func calendared() input {
	in := commanded()
	rule := detect.Rule{Calendar: "jp", Schedule: &detect.ScheduleRule{Hours: "office", Late: kizashi.Duration(20 * time.Minute)}}
	in.config = detect.Config{
		Calendars: []detect.Calendar{{Name: "jp", Special: []detect.Special{{Name: "paying out", Rule: "Tue,Thu"}}}},
		Hours:     []detect.Hours{{Name: "office", Zone: "Asia/Tokyo", Open: []string{"Mon-Fri 08:00-18:00"}}},
		Rules:     []detect.Rule{rule},
	}
	again := in.config
	again.Rules = []detect.Rule{{MofN: "2/4"}, rule}
	in.reloading(again)
	return in
}

// guarded is the account with commands, in which the balancer's response times
// are judged only where there were many requests. Those are counted in a
// partition of their own, and some response times are slow at every hour.
func guarded() input {
	in := commanded()
	for p, ss := range in.streams {
		for k := len(ss) - 1; k >= 0; k-- {
			switch ss[k].Meta.Labels.Get("metric") {
			case "TargetResponseTime":
				for i := range ss[k].Samples {
					if i%1021 < 3 {
						ss[k].Samples[i].Value *= 4 + float64(i/1021)/2 // in a first week only what was never seen is told
					}
				}
			case "RequestCount":
				counts := ss[k]
				in.streams[p] = append(ss[:k:k], ss[k+1:]...)
				ss = in.streams[p]
				of := p
				of.Source = "counts"
				in.add(of, counts)
			}
		}
	}
	volume := &kizashi.Volume{Of: "RequestCount", Least: 6000}
	in.config.Rules = []detect.Rule{{Match: matchers("metric", "TargetResponseTime"), Volume: volume}}
	in.reloading(detect.Config{Rules: append([]detect.Rule{{MofN: "2/4"}}, in.config.Rules...)})
	return in
}

func matchers(name, value string) kizashi.Matchers {
	m, err := kizashi.ParseMatcher(name + "=" + strconv.Quote(value))
	if err != nil {
		panic(err)
	}
	return kizashi.Matchers{m}
}

// reloading has the commands reload another configuration.
func (in *input) reloading(c detect.Config) {
	body, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	for i := range in.commands {
		for k := range in.commands[i].Commands {
			if c := &in.commands[i].Commands[k]; c.Op == kizashi.Reload {
				c.Body = body
			}
		}
	}
}

// real is Amazon's part of the NAB corpus, a tenant a file, as a replay of
// unmapped files has it; empty where it is not there.
func real(t *testing.T) input {
	t.Helper()
	files, err := filepath.Glob("../../shared/data/nab/data/realAWSCloudWatch/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	var in input
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".csv")
		identity := kizashi.LabelsOf(map[string]string{"name": name})
		m := kizashi.Meta{Series: kizashi.IDOf(name, identity), Tenant: name, Identity: identity, Labels: identity, Group: name,
			Lower: kizashi.None(), Upper: kizashi.None()}
		in.add(kizashi.Partition{Tenant: name, Kind: kizashi.Metrics}, gen.Stream{Meta: m, Samples: read(t, f, m.Series)})
	}
	return in
}

// read returns a file's rows in order; rows that go back are left out.
func read(t *testing.T, file string, id kizashi.SeriesID) []kizashi.Sample {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []kizashi.Sample
	sc := bufio.NewScanner(f)
	for line := 1; sc.Scan(); line++ {
		stamp, value, ok := strings.Cut(sc.Text(), ",")
		if line == 1 && ok {
			continue
		}
		at, err := time.Parse("2006-01-02 15:04:05", stamp)
		if err != nil {
			t.Fatalf("%s:%d: %v", file, line, err)
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%s:%d: %v", file, line, err)
		}
		if k := kizashi.TimeOf(at); len(out) == 0 || k > out[len(out)-1].At {
			out = append(out, kizashi.Sample{Series: id, At: k, Value: v})
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].At < out[j].At })
	return out
}
