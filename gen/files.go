package gen

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// The names of the two files that WriteFiles adds to the series' own.
const (
	MappingFile = "mapping.yaml"
	LabelsFile  = "labels.csv"
)

// File is the name of the series' file: "web-1.CPUUtilization.csv".
func (s *Spec) File() string { return s.Short + ".csv" }

// WriteFiles writes the account as files: a CSV file a series
// (timestamp,value; RFC 3339 in UTC), the mapping that gives them the identity
// of the live series, and the incidents as labels. create opens a file of the
// name given; WriteFiles closes it. The error names the file.
func (a *Account) WriteFiles(create func(name string) (io.WriteCloser, error)) error {
	for _, s := range a.Series {
		if err := writeFile(create, s.File(), s.WriteCSV); err != nil {
			return err
		}
	}
	if err := writeFile(create, "logs/"+LogFile+".log", a.writeLog); err != nil {
		return err
	}
	if err := writeFile(create, MappingFile, a.writeMapping); err != nil {
		return err
	}
	return writeFile(create, LabelsFile, a.writeLabels)
}

// LogFile is the name of the log group's file, without its ending.
const LogFile = "shop"

// writeLog writes the lines of the log group, as its program writes them.
func (a *Account) writeLog(w io.Writer) error {
	for m := a.From; m < a.To; m = m.Add(time.Minute) {
		for _, l := range a.Logs.Minute(m) {
			if _, err := io.WriteString(w, l.Text+"\n"); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(create func(string) (io.WriteCloser, error), name string, write func(io.Writer) error) error {
	f, err := create(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w := bufio.NewWriterSize(f, 64<<10)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// WriteCSV writes the values that there are, a row each, under the header
// timestamp,value. Numbers read back the same.
func (s *Series) WriteCSV(w io.Writer) error {
	row := []byte("timestamp,value\n")
	if _, err := w.Write(row); err != nil {
		return err
	}
	for i, v := range s.Values {
		if math.IsNaN(v) {
			continue
		}
		row = s.At(i).UTC().AppendFormat(row[:0], time.RFC3339)
		row = append(row, ',')
		row = strconv.AppendFloat(row, v, 'f', -1, 64)
		row = append(row, '\n')
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}

// writeLabels writes the incidents: series,from,to,name.
func (a *Account) writeLabels(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"series", "from", "to", "name"}}
	for _, t := range a.Of(Incident) {
		rows = append(rows, []string{t.System, t.From.String(), t.To.String(), t.Name})
	}
	for _, t := range a.Of(InLogs) {
		rows = append(rows, []string{LogFile, t.From.String(), t.To.String(), t.Name})
	}
	return c.WriteAll(rows)
}

// writeMapping writes an entry a file. All strings are quoted, for an account
// id is no number.
func (a *Account) writeMapping(w io.Writer) error {
	if _, err := io.WriteString(w, "# What each file is, as CloudWatch would say it.\nfiles:\n"); err != nil {
		return err
	}
	for _, s := range a.Series {
		if _, err := io.WriteString(w, s.mappingEntry()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "  - match: \"%s.log\"\n    tenant: %q\n    account: %q\n    region: %q\n    log_group: %q\n    zone: %q\n    group: \"shop\"\n", LogFile, a.Tenant, a.ID, a.Region, a.Logs.Name, a.Zone)
	return err
}

func (s *Series) mappingEntry() string {
	var b strings.Builder
	line := func(indent, key, value string) { fmt.Fprintf(&b, "%s%s: %s\n", indent, key, value) }
	text := func(key, value string) {
		if value != "" {
			line("    ", key, strconv.Quote(value))
		}
	}
	bound := func(key string, n kizashi.Num) {
		if n.Ok() {
			line("    ", key, strconv.FormatFloat(float64(n), 'f', -1, 64))
		}
	}
	line("  - ", "match", strconv.Quote(s.File()))
	text("tenant", s.Tenant)
	text("account", s.Account)
	text("region", s.Region)
	text("namespace", s.Namespace)
	text("metric", s.Metric)
	b.WriteString("    dimensions:\n")
	for _, d := range s.Dimensions {
		line("      ", d.Name, strconv.Quote(d.Value))
	}
	text("statistic", s.Statistic)
	text("unit", s.Unit)
	text("period", s.Period.String())
	text("settle", s.Settle.String())
	text("zone", s.Zone)
	text("group", s.Group)
	bound("lower", s.Lower)
	bound("upper", s.Upper)
	return b.String()
}
