// Package program is the program kizashi: the service, the backtest, and the
// commands that read what they found. The command itself passes nothing to it; a
// main package elsewhere passes detectors of its own (docs/own-detectors.md), and
// is Kizashi with those in its table.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones on a machine that has no database of them

	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1 // failed, or found a fault
	exitUsage = 2
)

// env is what a command may use of the process.
type env struct {
	out, err io.Writer
	in       io.Reader
	getenv   func(string) string
	terminal bool // err is one: progress is shown
	own      []detect.Row
}

// table is that of all detectors.
func (e env) table() []detect.Row { return append(models.All(), e.own...) }

// ownNames are those of the detectors that are not Kizashi's.
func (e env) ownNames() (names []string) {
	for _, r := range e.own {
		names = append(names, r.Name)
	}
	return names
}

// load reads a configuration, which may name all of the table's detectors.
func (e env) load(file string) (*config.Config, error) { return config.Load(file, e.ownNames()...) }

// command is a row in the table of commands.
type command struct {
	name  string
	about string
	run   func(ctx context.Context, e env, args []string) error
}

// commands is the table, in the order in which they are told.
func commands() []command {
	return append([]command{
		{"demo", "a generated account with weeks of history and incidents through the real path", demoCommand},
		{"serve", "the service", serveCommand},
		{"discover", "what exists in the accounts, what of it is watched, and why the rest is not", discoverCommand},
		{"check", "a configuration: what it means, or what is wrong with it", checkCommand},
		{"plan", "what watching will cost at AWS, before it is switched on", planCommand},
		{"backtest", "run the engine over files: what would have fired", backtestCommand},
		{"calibrate", "false alerts: how many the targets state, and how many came", calibrateCommand},
		{"patterns", "the patterns of log files: how often, since when, what is new against another file", patternsCommand},
		{"explain", "an alert in words", explainCommand},
		{"anomalies", "alerts about log lines, as CloudWatch lists anomalies, with what they rest on", anomaliesCommand},
		{"verify", "compute alerts again from their own evidence, or from the samples", verifyCommand},
		{"why", "what was said of one moment, alert or not", whyCommand},
		{"models", "the detectors and their sources", modelsCommand},
		{"switch", "a detector off for all series, or on again", switchCommand},
		{"status", "how the service does: how far it has read, what is open, what is still to be told, what is muted", statusCommand},
		{"backup", "a copy of the data directory, while the service runs", backupCommand},
		{"routes", "who would be told of an alert, and why", routesCommand},
		{"notify", "a test message through every way by which people are told", notifyCommand},
		{"acts", "what was said of alerts, by whom and why; what is muted and watched, with days left", actsCommand},
	}, sayingCommands()...)
}

// errUsage marks an error of the command line.
type errUsage struct{ error }

// errFound marks a fault that was looked for and found; it was told already.
var errFound = errors.New("fault found")

// Main runs the command that the process was started with and returns its exit
// code. Rows are detectors of one's own; the table is Kizashi's with these behind.
// A row that cannot stand there is refused before anything runs.
func Main(own ...detect.Row) int {
	e := osEnv()
	if _, err := models.With(own...); err != nil {
		fmt.Fprintf(e.err, "kizashi: %v\n", err)
		return exitUsage
	}
	e.own = own
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, e, os.Args[1:])
}

func osEnv() env {
	info, err := os.Stderr.Stat()
	return env{out: os.Stdout, err: os.Stderr, in: os.Stdin, getenv: os.Getenv,
		terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// run finds the command and turns its error into an exit code.
func run(ctx context.Context, e env, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(e.out)
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return exitCode(e, c.name, c.run(ctx, e, args[1:]))
		}
	}
	fmt.Fprintf(e.err, "kizashi: unknown command %q\n\n", args[0])
	usage(e.err)
	return exitUsage
}

func exitCode(e env, name string, err error) int {
	var u errUsage
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFound):
		return exitFault
	case errors.As(err, &u):
		fmt.Fprintf(e.err, "kizashi %s: %v\n", name, err)
		return exitUsage
	}
	fmt.Fprintf(e.err, "kizashi %s: %v\n", name, err)
	return exitFault
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Usage: kizashi COMMAND [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.about)
	}
	fmt.Fprint(w, "\nkizashi COMMAND -h tells the flags. Exit codes: 0 fine, 1 failed or found fault, 2 usage.\n")
}
