package program

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
)

// actsCommand lists what was said.
func actsCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "acts", "[--holds] [--tenant NAME] [--kind KIND]")
	var f clientFlags
	f.add(fs)
	tenant := fs.String("tenant", "", "only of this `tenant`")
	kind := fs.String("kind", "", "only of this `kind`: ack, watch, mute, exclude, expect, feedback, assign, mode, undo")
	of := fs.String("alert", "", "only of this alert, by its whole `id`")
	holds := fs.Bool("holds", false, "only what is in force")
	js := fs.Bool("json", false, "print them as JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errUsage{fmt.Errorf("%q is not understood", rest[0])}
	}
	c, _, err := f.client(e)
	if err != nil {
		return err
	}
	q := url.Values{"tenant": {*tenant}, "kind": {*kind}, "alert": {*of}, "holds": {fmt.Sprint(*holds)}}
	var h service.Heard
	if err := c.call(ctx, "/api/acts?"+q.Encode(), nil, &h); err != nil {
		return err
	}
	if *js {
		return printJSON(e.out, h)
	}
	return tellActs(e.out, h)
}

func tellActs(w io.Writer, h service.Heard) error {
	var err error
	line := func(text string) {
		if err == nil {
			_, err = fmt.Fprintln(w, text)
		}
	}
	for _, a := range h.Acts {
		text := actLine(a)
		if slices.Contains(h.Undone, a.ID) {
			text += "  (taken back)"
		} else if l := left(a, h.Now); l != "" {
			text += "  (" + l + ")"
		}
		line(text)
	}
	for _, a := range h.Declared {
		line(actLine(a) + "  (in the configuration)")
	}
	if len(h.Acts)+len(h.Declared) == 0 {
		line("Nothing was said.")
	}
	return err
}

// actLine is an act in one line.
func actLine(a alert.Act) string {
	at := "                    "
	if !a.At.IsZero() {
		at = a.At.UTC().Format(time.RFC3339)
	}
	parts := []string{a.ID, at, fmt.Sprintf("%-8s", a.Kind), a.Tenant}
	add := func(on bool, text string) {
		if on {
			parts = append(parts, text)
		}
	}
	add(a.Alert != "", "alert "+a.Alert)
	add(len(a.Match) > 0, matchOf(a.Match))
	add(a.Alert == "" && len(a.Match) == 0 && a.Kind != alert.ActUndo, "all of it")
	add(a.Undoes != "", "takes back "+a.Undoes)
	add(a.Value != "" && a.Kind != alert.ActWatch, a.Value)
	add(a.Window != "", a.Window)
	add(!a.From.IsZero(), "from "+a.From.UTC().Format(time.RFC3339))
	add(!a.Until.IsZero(), "until "+a.Until.UTC().Format(time.RFC3339))
	add(!a.Remind.IsZero(), "until further notice, asked again "+a.Remind.UTC().Format(time.RFC3339))
	add(true, "by "+a.Author)
	add(a.Request != "", "for "+a.Request)
	add(a.Ticket != "", "ticket "+a.Ticket)
	add(a.Reason != "", fmt.Sprintf("%q", a.Reason))
	return explain.Clean(strings.Join(parts, "  "))
}

// left is how long an act holds still.
func left(a alert.Act, now time.Time) string {
	if a.Until.IsZero() {
		return ""
	}
	switch d := a.Until.Sub(now); {
	case d <= 0:
		return "over"
	case d < 24*time.Hour:
		return explain.Duration(d.Round(time.Minute), explain.English) + " left"
	default:
		return explain.Plural(int(d/(24*time.Hour)), "day") + " left"
	}
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
