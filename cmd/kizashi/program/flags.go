package program

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

// paths is a flag that takes several values, also as the arguments that
// follow it.
type paths []string

// String is for the flag package.
func (p *paths) String() string { return strings.Join(*p, " ") }

// Set adds one.
func (p *paths) Set(s string) error { *p = append(*p, s); return nil }

// flagSet makes a flag set that says how a command is used.
func flagSet(e env, name, use string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(e.err)
	fs.Usage = func() {
		fmt.Fprintf(e.err, "Usage: kizashi %s %s\n\n", name, use)
		fs.PrintDefaults()
	}
	return fs
}

// parse reads flags and arguments in any order and returns the arguments.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, errUsage{errors.New("see above")}
			}
			return nil, errUsage{err}
		}
		args = fs.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// inputFlags say which files are read, and how.
type inputFlags struct {
	in        paths
	mapping   string
	zone      string
	timestamp string
	values    paths
	encoding  string
	selects   paths
	from, to  string
}

func (f *inputFlags) add(fs *flag.FlagSet, name string) {
	fs.Var(&f.in, name, "`path` of a file or folder, or - for stdin; may be repeated, and more may follow")
	fs.StringVar(&f.mapping, "mapping", "", "YAML `file` that says what the files are")
	fs.StringVar(&f.zone, "zone", "", "time zone of timestamps that have none (default UTC)")
	fs.StringVar(&f.timestamp, "timestamp", "", "`column` of the timestamps (default: found)")
	fs.Var(&f.values, "value", "`column` of values; may be repeated (default: all that hold numbers)")
	fs.Var(&f.selects, "select", "`matcher` such as job=\"web\", for OpenMetrics text and TSDB directories; may be repeated")
	fs.StringVar(&f.encoding, "encoding", "", "utf-8 or cp932 (default: found)")
	fs.StringVar(&f.from, "from", "", "`time` of the first sample to read")
	fs.StringVar(&f.to, "to", "", "`time` before which samples are read")
}

// options of the replay source. Arguments without a flag are inputs too.
func (f *inputFlags) options(e env, rest []string) (replay.Options, error) {
	o := replay.Options{Paths: append(f.in, rest...), Stdin: e.in, Zone: f.zone, Timestamp: f.timestamp, Values: f.values, Encoding: f.encoding}
	if len(o.Paths) == 0 {
		return o, errUsage{errors.New("no input; name files or folders, or - for stdin")}
	}
	var err error
	if o.From, err = f.time(f.from); err != nil {
		return o, errUsage{fmt.Errorf("--from: %w", err)}
	}
	if o.To, err = f.time(f.to); err != nil {
		return o, errUsage{fmt.Errorf("--to: %w", err)}
	}
	for _, text := range f.selects {
		m, err := kizashi.ParseMatcher(text)
		if err != nil {
			return o, errUsage{fmt.Errorf("--select: %w", err)}
		}
		o.Select = append(o.Select, m)
	}
	if f.from != "" && f.to != "" && o.To <= o.From {
		return o, errUsage{fmt.Errorf("--to %s is not after --from %s", f.to, f.from)}
	}
	if f.mapping != "" {
		o.Mapping, err = replay.LoadMapping(f.mapping)
	}
	return o, err
}

// time of a flag in the zone of the input; "" is 0, no bound.
func (f *inputFlags) time(s string) (kizashi.Time, error) {
	if s == "" {
		return 0, nil
	}
	loc := time.UTC
	if f.zone != "" {
		z, err := calendar.Load(f.zone)
		if err != nil {
			return 0, err
		}
		loc = z.Location()
	}
	return backtest.ParseTime(s, loc)
}

// style of what is printed: --lang, else what the environment says.
func style(e env, lang string) (explain.Style, error) {
	if lang == "" {
		for _, v := range [...]string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			if lang = e.getenv(v); lang != "" {
				break
			}
		}
		return explain.Style{Lang: explain.ParseLang(lang)}, nil
	}
	s := explain.Style{Lang: explain.Lang(lang)}
	if err := s.Check(); err != nil {
		return s, errUsage{err}
	}
	return s, nil
}

// pick returns the text of the language.
func pick(s explain.Style, en, ja string) string {
	if s.Lang == explain.Japanese {
		return ja
	}
	return en
}
