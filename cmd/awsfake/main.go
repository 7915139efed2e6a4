// Command awsfake is AWS on loopback: the emulator of package awsfake with a
// world out of a file or a generated fleet, in virtual time, with faults.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/clock"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	os.Exit(code)
}

// options of the command line.
type options struct {
	listen, world, faults, regions, start string
	accounts, series                      int
	speed                                 float64
}

func (o *options) flags(out io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("awsfake", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&o.listen, "listen", "127.0.0.1:4566", "loopback `address`; port 0 takes a free one")
	f.StringVar(&o.world, "world", "", "`file` of accounts, YAML or JSON")
	f.StringVar(&o.faults, "faults", "", "`file` of faults, YAML or JSON: a list")
	f.IntVar(&o.accounts, "accounts", 0, "generated accounts: 100000000001 and on")
	f.StringVar(&o.regions, "regions", "ap-northeast-1", "regions of each generated account, with commas")
	f.IntVar(&o.series, "series", 100, "generated series in each region")
	f.StringVar(&o.start, "start", "", "virtual `time` at which it begins, RFC 3339; now if not said")
	f.Float64Var(&o.speed, "speed", 1, "virtual seconds a second")
	f.Usage = func() { fmt.Fprint(out, about); f.PrintDefaults(); fmt.Fprint(out, files) }
	return f
}

// run is main without the process.
func run(ctx context.Context, out, errs io.Writer, args []string) int {
	var o options
	f := o.flags(errs)
	for _, a := range args {
		if a == "-h" || a == "-help" || a == "--help" {
			f.SetOutput(out)
			o.flags(out).Usage()
			return exitOK
		}
	}
	if err := f.Parse(args); err != nil {
		return exitUsage // the flag set has told why
	}
	if f.NArg() > 0 {
		fmt.Fprintf(errs, "awsfake: %q is not a flag; awsfake --help tells them\n", f.Arg(0))
		return exitUsage
	}
	if err := serve(ctx, out, o); err != nil {
		fmt.Fprintln(errs, "awsfake:", strings.TrimPrefix(err.Error(), "awsfake: "))
		return exitFault
	}
	return exitOK
}

// serve makes the world and answers until ctx ends.
func serve(ctx context.Context, out io.Writer, o options) error {
	if o.speed <= 0 || math.IsInf(o.speed, 0) || math.IsNaN(o.speed) {
		return fmt.Errorf("--speed %v: want more than 0", o.speed)
	}
	if o.accounts < 0 || o.series < 0 {
		return fmt.Errorf("--accounts %d, --series %d: want 0 or more", o.accounts, o.series)
	}
	begin := time.Now().UTC()
	start := begin
	if o.start != "" {
		var err error
		if start, err = time.Parse(time.RFC3339, o.start); err != nil {
			return fmt.Errorf("--start %q: want a time such as 2026-11-20T12:00:00Z", o.start)
		}
	}
	now := func() time.Time { return start.Add(time.Duration(float64(time.Since(begin)) * o.speed)) }
	cloud := awsfake.NewCloud(now)
	cloud.Clocks(nil, func(ctx context.Context, d time.Duration) error {
		return clock.Sleep(ctx, time.Duration(float64(d)/o.speed))
	})
	ids, err := fill(cloud, o, start)
	if err != nil {
		return err
	}
	s, err := awsfake.New(o.listen, cloud)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "AWS at %s, %s, %g virtual seconds a second\n", s.URL, start.Format(time.RFC3339), o.speed)
	for _, id := range ids {
		key, secret := cloud.Account(id).Keys()
		fmt.Fprintf(out, "account %s: AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n", id, key, secret)
	}
	<-ctx.Done()
	tell(out, cloud)
	return s.Close()
}

// fill makes the accounts and returns their ids.
func fill(cloud *awsfake.Cloud, o options, start time.Time) ([]string, error) {
	var ids []string
	if o.accounts > 0 {
		cloud.Fleet(o.accounts, strings.Split(o.regions, ","), o.series, start.AddDate(-2, 0, 0))
		for i := range o.accounts {
			ids = append(ids, fmt.Sprintf("1%011d", i+1))
		}
	}
	if o.world != "" {
		b, err := os.ReadFile(o.world)
		if err != nil {
			return nil, err
		}
		more, err := readWorld(cloud, o.world, b, start)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	if len(ids) == 0 {
		return nil, errors.New("no accounts: say --world FILE or --accounts N")
	}
	if o.faults == "" {
		return ids, nil
	}
	b, err := os.ReadFile(o.faults)
	if err != nil {
		return nil, err
	}
	faults, err := readFaults(o.faults, b)
	cloud.Script(faults...)
	return ids, err
}

// tell says what was asked, at the end.
func tell(out io.Writer, cloud *awsfake.Cloud) {
	sums := map[string]awsfake.Total{}
	for k, n := range cloud.Counts() {
		t := sums[k.Action]
		sums[k.Action] = awsfake.Total{Calls: t.Calls + n.Calls, Metrics: t.Metrics + n.Metrics, Points: t.Points + n.Points, Throttled: t.Throttled + n.Throttled}
	}
	for _, action := range sorted(sums) {
		n := sums[action]
		fmt.Fprintf(out, "%-40s calls %d  metrics %d  points %d  throttled %d\n", action, n.Calls, n.Metrics, n.Points, n.Throttled)
	}
}
