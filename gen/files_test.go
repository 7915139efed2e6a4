package gen

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
)

// folder keeps files in memory.
type folder map[string]*file

type file struct {
	bytes.Buffer
	closed bool
}

func (f *file) Close() error { f.closed = true; return nil }

func (d folder) create(name string) (io.WriteCloser, error) {
	d[name] = &file{}
	return d[name], nil
}

func written(t *testing.T, a *Account) folder {
	t.Helper()
	d := folder{}
	if err := a.WriteFiles(d.create); err != nil {
		t.Fatal(err)
	}
	for name, f := range d {
		if !f.closed {
			t.Errorf("%s was left open", name)
		}
	}
	return d
}

func rows(t *testing.T, d folder, name string) [][]string {
	t.Helper()
	if d[name] == nil {
		t.Fatalf("no file %s", name)
	}
	rs, err := csv.NewReader(bytes.NewReader(d[name].Bytes())).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return rs
}

// Every value reads back as it was, bit for bit, and no value is no row.
func TestFilesReadBack(t *testing.T) {
	a := NewAccount(1)
	d := written(t, a)
	if len(d) != len(a.Series)+3 {
		t.Errorf("%d files for %d series and a log group", len(d), len(a.Series))
	}
	lines := strings.Split(strings.TrimSuffix(d["logs/"+LogFile+".log"].String(), "\n"), "\n")
	i := 0
	for m := a.From; m < a.To; m = m.Add(time.Minute) {
		for _, l := range a.Logs.Minute(m) {
			if i >= len(lines) || lines[i] != l.Text {
				t.Fatalf("line %d of the log is not %q", i+1, l.Text)
			}
			i++
		}
	}
	if i != len(lines) {
		t.Errorf("the log has %d lines, want %d", len(lines), i)
	}
	for _, s := range a.Series {
		rs := rows(t, d, s.File())
		if strings.Join(rs[0], ",") != "timestamp,value" {
			t.Fatalf("%s: header %v", s.File(), rs[0])
		}
		want := s.Samples(1)
		if len(rs)-1 != len(want) {
			t.Fatalf("%s: %d rows for %d samples", s.File(), len(rs)-1, len(want))
		}
		for i, r := range rs[1:] {
			at, err := time.Parse(time.RFC3339, r[0])
			if err != nil {
				t.Fatal(err)
			}
			v, err := strconv.ParseFloat(r[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			if at.UnixMilli() != int64(want[i].At) || math.Float64bits(v) != math.Float64bits(want[i].Value) {
				t.Fatalf("%s row %d: %v, want %s %v", s.File(), i+1, r, want[i].At, want[i].Value)
			}
		}
	}
}

// entry is one of the mapping's, as its reader takes it.
type entry struct {
	LogGroup                                                                        string `yaml:"log_group"`
	Match, Tenant, Account, Region, Namespace, Metric, Statistic, Unit, Zone, Group string
	Period, Settle                                                                  time.Duration
	Dimensions                                                                      map[string]string
	Lower, Upper                                                                    *float64
}

func bound(v *float64) kizashi.Num {
	if v == nil {
		return kizashi.None()
	}
	return kizashi.Num(*v)
}

// spec of the entry's file.
func (e entry) spec() Spec {
	return Spec{
		Short: strings.TrimSuffix(e.Match, ".csv"), Tenant: e.Tenant, Account: e.Account, Region: e.Region,
		Namespace: e.Namespace, Metric: e.Metric, Dimensions: kizashi.LabelsOf(e.Dimensions), Statistic: e.Statistic,
		Unit: e.Unit, Period: e.Period, Settle: e.Settle, Zone: e.Zone, Group: e.Group, Lower: bound(e.Lower), Upper: bound(e.Upper),
	}
}

// The mapping is YAML that says of each file what its spec says.
func TestMappingReadsBack(t *testing.T) {
	a := NewAccount(1)
	d := written(t, a)
	var m struct{ Files []entry }
	dec := yaml.NewDecoder(bytes.NewReader(d[MappingFile].Bytes()))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if len(m.Files) != len(a.Series)+1 {
		t.Fatalf("%d entries for %d series and a log group", len(m.Files), len(a.Series))
	}
	if l := m.Files[len(a.Series)]; l.LogGroup != a.Logs.Name || l.Match != LogFile+".log" || l.Zone != a.Zone || l.Group != "shop" {
		t.Errorf("the log's entry is %+v", l)
	}
	for i, e := range m.Files[:len(a.Series)] {
		want := a.Series[i].Spec
		want.Name = "" // follows from the rest
		if got := fmt.Sprintf("%+v", e.spec()); got != fmt.Sprintf("%+v", want) {
			t.Errorf("%s, want %+v", got, want)
		}
	}
}

// The labels are the incidents, by a glob that finds the series they are of.
func TestLabelsAreTheIncidents(t *testing.T) {
	a := NewAccount(1)
	rs := rows(t, written(t, a), LabelsFile)
	incidents := append(a.Of(Incident), a.Of(InLogs)...)
	if len(rs) != 1+len(incidents) || strings.Join(rs[0], ",") != "series,from,to,name" {
		t.Fatalf("labels %v", rs)
	}
	for i, e := range incidents {
		r := rs[1+i]
		if r[1] != e.From.String() || r[2] != e.To.String() || r[3] != e.Name {
			t.Errorf("row %v, want %s from %s to %s", r, e.Name, e.From, e.To)
		}
		for _, name := range e.Series {
			ok, err := path.Match(r[0], name)
			if r[0] != "" && (err != nil || !ok) {
				t.Errorf("%s: the glob %q does not find %s: %v", e.Name, r[0], name, err)
			}
		}
	}
}

type full struct{ closed *bool }

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
func (f full) Close() error            { *f.closed = true; return nil }

// What goes wrong with a file names the file, and the file is closed.
func TestWriteFilesErrors(t *testing.T) {
	a := NewAccount(1)
	var closed bool
	err := a.WriteFiles(func(name string) (io.WriteCloser, error) {
		if name == MappingFile {
			return full{&closed}, nil
		}
		return folder{}.create(name)
	})
	if err == nil || err.Error() != "mapping.yaml: no space left" || !closed {
		t.Errorf("error %v, closed %v", err, closed)
	}
	err = a.WriteFiles(func(name string) (io.WriteCloser, error) { return nil, errors.New("permission denied") })
	if err == nil || err.Error() != "web-1.CPUUtilization.csv: permission denied" {
		t.Errorf("error %v", err)
	}
}
