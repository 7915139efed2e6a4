package program

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/detect"
)

// switchCommand lets the running service switch a detector off for all series, or
// on again.
func switchCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "switch", "NAME off|on --reason TEXT")
	var f clientFlags
	f.add(fs)
	var ask service.Switching
	fs.StringVar(&ask.Author, "author", "", "`name` of who says it (default: the user of this machine)")
	fs.StringVar(&ask.Reason, "reason", "", "`text`: why")
	rest, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case len(rest) != 2 || rest[1] != "on" && rest[1] != "off":
		return errUsage{errors.New("want the name of a detector, and on or off")}
	case strings.TrimSpace(ask.Reason) == "":
		return errUsage{errors.New("--reason is needed: the journal says why")}
	}
	if _, err := named(e.table(), rest[:1]); err != nil && rest[1] == "off" {
		return errUsage{err} // one that is off may be gone from the table
	}
	if ask.Model, ask.On = rest[0], rest[1] == "on"; ask.Author == "" {
		ask.Author = osUser(e)
	}
	c, _, err := f.client(e)
	if err != nil {
		return err
	}
	if err := c.call(ctx, "/api/models", ask, &ask); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s is %s from now on, for all series. The other way: kizashi switch %s %s --reason TEXT\n",
		ask.Model, rest[1], ask.Model, map[bool]string{true: "off", false: "on"}[ask.On])
	return err
}

// howDetector tells how one does; "" = there is nothing to say.
func howDetector(d service.Detector) string {
	var parts []string
	if o := d.Off; o != nil {
		parts = append(parts, fmt.Sprintf("is OFF for all series since %s, by %s: %s", o.At, o.Author, o.Reason))
	}
	if d.Faults > 0 {
		parts = append(parts, "failed "+times(d.Faults)+" since the start")
	}
	if d.LeftOut > 0 {
		parts = append(parts, "is left out of "+explain.Count(d.LeftOut)+" series, where it failed three times")
	}
	if d.Took > 0 && d.Off == nil {
		parts = append(parts, "takes "+time.Duration(d.Took).String()+" a sample")
	}
	if len(parts) == 0 {
		return ""
	}
	return explain.Clean(d.Name + " " + strings.Join(parts, "; "))
}

// live asks the running service how the detectors that are told of do there.
func live(ctx context.Context, e env, f *clientFlags, rows []detect.Row) error {
	c, _, err := f.client(e)
	if err != nil {
		return err
	}
	var st service.Status
	if err := c.call(ctx, "/api/status", nil, &st); err != nil {
		return err
	}
	said := 0
	for _, d := range st.Detectors {
		known := slices.ContainsFunc(rows, func(r detect.Row) bool { return r.Name == d.Name })
		if text := howDetector(d); text != "" && (known || len(rows) == len(e.table())) {
			fmt.Fprintln(e.out, text)
			said++
		}
	}
	if said == 0 {
		fmt.Fprintln(e.out, "None of them failed since the service started, and none is off.")
	}
	return nil
}
