package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
)

// saying is a row in the table of what can be said of alerts.
type saying struct {
	kind    alert.ActKind
	use     string // of its arguments
	about   string
	targets int  // 1 = an alert, 2 = an alert or matchers, 3 = a tenant or matchers, 0 = an act
	value   bool // the last argument is its value
	window  bool // it has a time at which it holds
}

const (
	anAct = iota
	anAlert
	alertOrMatchers
	matchersOnly
)

// sayings is the table, in the order in which commands are told.
var sayings = []saying{
	{alert.ActAck, "ALERT", "somebody is at it: no reminders, no escalation", anAlert, false, false},
	{alert.ActWatch, "ALERT --until TIME --reason TEXT", "known, wait: it comes back at that time, or when it grows worse", anAlert, false, false},
	{alert.ActMute, "ALERT|MATCHER... --until TIME|--window SPEC --reason TEXT", "tell nobody; it is judged and learned as ever", alertOrMatchers, false, true},
	{alert.ActExclude, "MATCHER... --until TIME|--window SPEC --reason TEXT", "keep a stretch of time out of the baseline; it is told as ever", matchersOnly, false, true},
	{alert.ActExpect, "MATCHER... --scale LOW..HIGH --until TIME|--window SPEC --reason TEXT", "judge against a scaled band: a load test, New Year", matchersOnly, false, true},
	{alert.ActFeedback, "ALERT true|false|owner|expected", "it was right, wrong, for another owner, or expected", anAlert, true, false},
	{alert.ActAssign, "ALERT OWNER --reason TEXT", "it has another owner", anAlert, true, false},
	{alert.ActMode, "[MATCHER...] shadow|internal|live --reason TEXT", "who hears of a tenant's, or of some series', alerts", matchersOnly, true, false},
	{alert.ActPattern, "MATCHER... \"pin ID|unpin ID|name ID TEXT|merge ID INTO|split ID SLOT VALUE|seed TEMPLATE\" --reason TEXT", "decide of patterns of log lines, of the log groups matched", matchersOnly, true, false},
	{alert.ActUndo, "ACT", "take back what was said", anAct, false, false},
}

// sayingCommands are the rows of the table of commands.
func sayingCommands() (out []command) {
	for _, s := range sayings {
		out = append(out, command{string(s.kind), s.about, func(ctx context.Context, e env, args []string) error { return s.run(ctx, e, args) }})
	}
	return out
}

// sayFlags are the flags of one of them.
type sayFlags struct {
	clientFlags
	act          alert.Act
	from, until  string
	remind       string
	all, dry, js bool
}

func (s saying) flags(e env) (*flag.FlagSet, *sayFlags) {
	fs, f := flagSet(e, string(s.kind), s.use), &sayFlags{}
	f.add(fs)
	fs.StringVar(&f.act.Author, "author", "", "`name` of who says it (default: the user of this machine)")
	fs.StringVar(&f.act.Tenant, "tenant", "", "`name` of the tenant whose alerts they are (default: the alert's, or the only one)")
	fs.StringVar(&f.act.Reason, "reason", "", "`text`: why")
	fs.StringVar(&f.act.Ticket, "ticket", "", "`id` of a ticket")
	fs.StringVar(&f.act.Request, "for", "", "`name` of whoever asked for it")
	fs.BoolVar(&f.js, "json", false, "print the act as JSON")
	if s.kind == alert.ActWatch || s.window {
		fs.StringVar(&f.until, "until", "", "`time` at which it ends, or for how long: 2026-12-01T08:00+09:00, 4h, 7d")
	}
	if s.window {
		fs.StringVar(&f.from, "from", "", "`time` at which it begins (default: now)")
		fs.StringVar(&f.act.Window, "window", "", "`spec` of when it holds: \"cron 0 2 * * 2#2 for 2h in Asia/Tokyo\", \"rrule FREQ=...\", \"ics FILE\"")
		fs.StringVar(&f.remind, "remind", "", "`time` at which to ask again, where there is no end: until further notice")
		fs.BoolVar(&f.dry, "dry-run", false, fmt.Sprintf("only tell what it would have covered in the last %d weeks", service.Weeks))
	}
	if s.targets == matchersOnly && s.kind != alert.ActMode || s.kind == alert.ActMute {
		fs.BoolVar(&f.all, "all", false, "it is about everything of the tenant: no matchers")
	}
	if s.kind == alert.ActExpect {
		fs.StringVar(&f.act.Value, "scale", "", "`factors` of the usual value: 1..3, x3, -50%, +200%")
	}
	return fs, f
}

func (s saying) run(ctx context.Context, e env, args []string) error {
	fs, f := s.flags(e)
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	f.act.Kind, f.act.Via = s.kind, "cli"
	if err := s.target(&f.act, rest, f.all); err != nil {
		return errUsage{err}
	}
	if f.act.Author == "" {
		f.act.Author = osUser(e)
	}
	if f.act.Reason == "" && s.kind != alert.ActAck && s.kind != alert.ActFeedback && s.kind != alert.ActUndo {
		return errUsage{errors.New("--reason is needed: the audit trail says why")}
	}
	if err := f.times(time.Now()); err != nil {
		return errUsage{err}
	}
	c, cfg, err := f.client(e)
	if err != nil {
		return err
	}
	if cfg != nil && len(cfg.Tenants) == 1 && f.act.Tenant == "" && f.act.Alert == "" && s.kind != alert.ActUndo {
		f.act.Tenant = cfg.Tenants[0].Name
	}
	if f.dry {
		var would service.Covered
		if err := c.call(ctx, "/api/acts/dry-run", f.act, &would); err != nil {
			return err
		}
		return tellCovered(e.out, would, f.js)
	}
	var said struct{ Act alert.Act }
	if err := c.call(ctx, "/api/acts", f.act, &said); err != nil {
		return err
	}
	if f.js {
		return printJSON(e.out, said.Act)
	}
	_, err = fmt.Fprintf(e.out, "%s\nTake it back with: kizashi undo %s\n", actLine(said.Act), said.Act.ID)
	return err
}

// target reads the arguments.
func (s saying) target(a *alert.Act, rest []string, all bool) error {
	if s.value {
		if len(rest) == 0 {
			return fmt.Errorf("want %s", s.use)
		}
		a.Value, rest = rest[len(rest)-1], rest[:len(rest)-1]
	}
	single := len(rest) == 1 && !strings.ContainsAny(rest[0], "=~")
	switch {
	case s.targets == anAct && single:
		a.Undoes = rest[0]
	case (s.targets == anAlert || s.targets == alertOrMatchers) && single:
		a.Alert = rest[0]
	case s.targets == anAct || s.targets == anAlert:
		return fmt.Errorf("want %s", s.use)
	case len(rest) == 0 && !all && s.kind != alert.ActMode:
		return errors.New("want matchers such as service=\"web\", or --all")
	case len(rest) > 0 && all:
		return errors.New("--all and matchers are two things")
	}
	if a.Alert != "" || a.Undoes != "" {
		return nil
	}
	for _, t := range rest {
		m, err := kizashi.ParseMatcher(t)
		if err != nil {
			return err
		}
		a.Match = append(a.Match, m)
	}
	return nil
}

// times reads --from, --until and --remind.
func (f *sayFlags) times(now time.Time) error {
	for _, t := range []struct {
		flag, text string
		into       *time.Time
	}{{"from", f.from, &f.act.From}, {"until", f.until, &f.act.Until}, {"remind", f.remind, &f.act.Remind}} {
		if t.text == "" {
			continue
		}
		at, err := pointInTime(t.text, now)
		if err != nil {
			return fmt.Errorf("--%s: %w", t.flag, err)
		}
		*t.into = at.UTC()
	}
	return nil
}

// timeForms of a time on the command line, those without a zone in that of
// this machine.
var timeForms = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

// pointInTime reads an instant, or a duration from now on.
func pointInTime(s string, now time.Time) (time.Time, error) {
	if d, err := kizashi.ParseDuration(s); err == nil {
		return now.Add(d), nil
	}
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: want a time such as 2026-12-01T08:00+09:00, or a duration such as 4h or 7d", s)
}

// osUser is who is at this machine.
func osUser(e env) string {
	if u := e.getenv("SUDO_USER"); u != "" {
		return u
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return e.getenv("USER")
}

// tellCovered tells what an act would have covered.
func tellCovered(w io.Writer, c service.Covered, js bool) error {
	if js {
		return printJSON(w, c)
	}
	when := fmt.Sprintf("From %s to %s it would have held %s", c.From.UTC().Format(time.RFC3339), c.To.UTC().Format(time.RFC3339), times(c.Spans))
	if c.Always {
		when = fmt.Sprintf("It is still to begin. Had it held from %s to %s,", c.From.UTC().Format(time.RFC3339), c.To.UTC().Format(time.RFC3339))
	} else {
		when += ", " + c.Held + " in all,"
	}
	fmt.Fprintf(w, "%s\nand covered %s and %s.\n", when, explain.Plural(c.NumAlerts, "alert"), explain.Count(c.NumSeries)+" series")
	for _, a := range c.Alerts {
		fmt.Fprintf(w, "  %s  %s  %s\n", a.ID, a.Opened, explain.Clean(a.Labels.String()))
	}
	if n := c.NumAlerts - len(c.Alerts); n > 0 {
		fmt.Fprintf(w, "  and %d others\n", n)
	}
	for _, name := range c.Series {
		fmt.Fprintf(w, "  %s\n", explain.Clean(name))
	}
	if n := c.NumSeries - len(c.Series); n > 0 {
		fmt.Fprintf(w, "  and %d others\n", n)
	}
	if c.NumAlerts+c.NumSeries == 0 {
		fmt.Fprintln(w, "Its matchers match nothing of these weeks: look at how labels are written.")
	}
	return nil
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
