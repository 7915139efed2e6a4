package program

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
)

// An alert on a day of a kind of its own, and a silence within hours, are
// computed again by the calendar of the configuration, with the samples too.
func TestVerifyKnowsTheCalendar(t *testing.T) {
	from := kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	n, err := gen.Family("gauss", 7, gen.Options{Start: from, Period: 5 * time.Minute, Weeks: 4})
	if err != nil {
		t.Fatal(err)
	}
	hour := func(h float64) kizashi.Time { return from.Add(time.Duration(h * float64(time.Hour))) }
	for i := range 8 {
		n.Shift(20, 20*time.Minute, hour(340+24.7*float64(i)))
	}
	var b strings.Builder
	b.WriteString("timestamp,value\n")
	for _, s := range gen.Drop(n.Samples(1), hour(579), hour(584)) { // a Thursday, from 03:00 to 08:00
		fmt.Fprintf(&b, "%s,%.4f\n", s.At.UTC().Format("2006-01-02 15:04:05"), 100+5*s.Value)
	}
	data := write(t, "load.csv", b.String())
	rules := write(t, "rules.yaml", `
calendars: [{name: own, special: [{name: paying out, rule: "Mon-Thu"}]}]
hours: [{name: office, zone: UTC, open: ["Mon-Fri 02:00-20:00"], calendar: own}]
detect: {rules: [{calendar: own, schedule: {hours: office, late: 30m}}]}
`)
	code, found, errs := call(t, "backtest", "--input", data, "--config", rules, "--json")
	if code != exitOK {
		t.Fatalf("backtest: %d %s", code, errs)
	}
	out := write(t, "out.json", found)
	code, text, errs := call(t, "verify", out, "--data", data, "--show", "--lang", "en")
	if code != exitOK || errs != "" {
		t.Fatalf("verify: %d %s\n%.3000s", code, errs, text)
	}
	if !strings.Contains(text, "paying out") || !strings.Contains(text, "silence") {
		t.Errorf("no alert is of a special day, or none a silence: the test shows nothing\n%.2000s", text)
	}
}
