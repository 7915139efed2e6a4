package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
	"github.com/kizashi-ops/kizashi/ingest/mask"
)

// patternFlags are those of kizashi patterns.
type patternFlags struct {
	files, diff       paths
	out, zone, lang   string
	encoding, first   string
	year, top         int
	json, follow, dry bool
}

func patternsCommand(ctx context.Context, e env, args []string) error {
	var f patternFlags
	fs := flagSet(e, "patterns", "[flags] FILE...   (- is stdin)")
	fs.StringVar(&f.out, "out", "", "`file` for a row for each row of the input: line,pattern_id,template")
	fs.Var(&f.diff, "diff", "`file` to compare with: what is new, gone, and changed since; may be repeated")
	fs.BoolVar(&f.json, "json", false, "print all that was found as JSON")
	fs.BoolVar(&f.follow, "follow", false, "go on reading as the file grows, and tell each pattern that is new")
	fs.BoolVar(&f.dry, "mask", false, "only list what would be masked")
	fs.IntVar(&f.top, "top", 40, "patterns in the table; 0 = all")
	fs.StringVar(&f.zone, "zone", "", "time zone of times that have none (default UTC)")
	fs.IntVar(&f.year, "year", 0, "year of times that have none (default: so that the last is not after the file)")
	fs.StringVar(&f.encoding, "encoding", "", "utf-8, utf-16le, utf-16be, shift_jis or euc-jp (default: found)")
	fs.StringVar(&f.first, "first-row", "", "`regexp` that the first row of an event matches (default: indented rows and those of stack traces go on)")
	fs.StringVar(&f.lang, "lang", "", "en or ja (default: from LANG)")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if f.files = rest; len(f.files) == 0 {
		return errUsage{errors.New("no input: name log files, or - for stdin")}
	}
	if f.follow && (len(f.files) != 1 || f.files[0] == "-" || len(f.diff) > 0 || f.out != "" || f.json || f.dry) {
		return errUsage{errors.New("--follow reads one file, and goes with none of --diff, --out, --json and --mask")}
	}
	st, err := style(e, f.lang)
	if err != nil {
		return err
	}
	if f.dry {
		return f.dryRun(ctx, e)
	}
	s, err := f.survey(ctx, e)
	if s == nil {
		return err
	}
	return errors.Join(f.tell(e, s, st), err) // what came before a break is told
}

// survey reads the files.
func (f *patternFlags) survey(ctx context.Context, e env) (*survey, error) {
	if f.zone != "" {
		if _, err := calendar.Load(f.zone); err != nil {
			return nil, errUsage{fmt.Errorf("zone: %w", err)}
		}
	}
	s, err := newSurvey(f.out != "", len(f.diff) > 0, f.zone)
	if err != nil {
		return nil, err
	}
	var broken []error
	for side, files := range [][]string{f.diff, f.files} {
		for _, name := range files {
			s.begin(side == 0)
			switch read, err := f.read(ctx, e, name, s); {
			case err != nil && !read:
				return nil, err
			case err != nil:
				broken = append(broken, err)
			}
		}
	}
	s.end()
	return s, errors.Join(broken...)
}

// read reads one file into the survey. read = it was opened.
func (f *patternFlags) read(ctx context.Context, e env, name string, s *survey) (read bool, err error) {
	r, size, latest, done, err := f.open(ctx, e, name)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, done()) }()
	shown := time.Now()
	events := blockEvents
	if f.follow { // each is told when it comes
		events = 1
	}
	err = each(r, s.mask, events, func(text []byte, ev *entry) {
		if s.add(text, ev) && f.follow {
			s.announce(e.out)
		}
	}, func(read int64) error {
		if e.terminal && time.Since(shown) > time.Second/4 {
			shown = time.Now()
			showRead(e, name, read, size, s.events)
		}
		if f.follow { // it ends when the context does
			return nil
		}
		return ctx.Err()
	})
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return true, err
	}
	if e.terminal {
		fmt.Fprint(e.err, "\r\x1b[K")
	}
	s.report(name, r.Report(), latest)
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return true, fmt.Errorf("%s: %w", name, err)
}

func showRead(e env, name string, read, size int64, events int) {
	if size > 0 {
		fmt.Fprintf(e.err, "\r\x1b[K%s: %d %%, %d events", name, 100*read/size, events)
		return
	}
	fmt.Fprintf(e.err, "\r\x1b[K%s: %d MiB, %d events", name, read>>20, events)
}

// open opens a file, or stdin. size 0 = not known; latest = when it was written last.
func (f *patternFlags) open(ctx context.Context, e env, name string) (r *logfile.Reader, size int64, latest kizashi.Time, done func() error, err error) {
	o := logfile.Options{Name: name, Encoding: f.encoding, Zone: f.zone, Year: f.year, Live: f.follow}
	if f.first != "" {
		if o.First, err = regexp.Compile(f.first); err != nil {
			return nil, 0, 0, nil, errUsage{fmt.Errorf("--first-row: %w", err)}
		}
	}
	in, done := e.in, func() error { return nil }
	o.Latest = kizashi.TimeOf(time.Now())
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, 0, 0, nil, err
		}
		st, err := file.Stat()
		if err == nil && st.IsDir() {
			err = fmt.Errorf("%s is a folder: name the files in it", name)
		}
		if err != nil {
			return nil, 0, 0, nil, errors.Join(err, file.Close())
		}
		in, size, done, o.Latest = file, st.Size(), file.Close, kizashi.TimeOf(st.ModTime())
		if f.follow {
			in, size = &growing{ctx: ctx, f: file}, 0
		}
	}
	if r, err = logfile.Open(in, o); err != nil {
		return nil, 0, 0, nil, errors.Join(fmt.Errorf("%s: %w", name, err), done())
	}
	return r, size, o.Latest, done, nil
}

// growing reads a file that is still written, until the context is done.
type growing struct {
	ctx context.Context
	f   *os.File
}

func (g *growing) Read(b []byte) (int, error) {
	for {
		n, err := g.f.Read(b)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		select {
		case <-g.ctx.Done():
			return 0, io.EOF
		case <-time.After(time.Second / 4):
		}
	}
}

// dryRun lists what would be masked: file, row, kind and text, and counts.
func (f *patternFlags) dryRun(ctx context.Context, e env) error {
	m, err := mask.New(mask.Config{})
	if err != nil {
		return err
	}
	var total mask.Counts
	for _, name := range f.files {
		r, _, _, done, err := f.open(ctx, e, name)
		if err != nil {
			return err
		}
		var ev logfile.Event
		var buf []byte
		for err = r.Next(&ev); err == nil && ctx.Err() == nil; err = r.Next(&ev) {
			m.Find(ev.Text, func(k mask.Kind, from, to int) {
				if f.json {
					b, _ := json.Marshal(maskedAt{name, ev.Row, string(k), string(ev.Text[from:to])}) // plain strings
					fmt.Fprintf(e.out, "%s\n", b)
					return
				}
				fmt.Fprintf(e.out, "%s:%d\t%s\t%s\n", name, ev.Row, k, shown(string(ev.Text[from:to]), 80))
			})
			buf = m.Append(buf[:0], ev.Text)
		}
		if err = errors.Join(noEOF(err), done(), ctx.Err()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	total = m.Counts()
	if !f.json {
		fmt.Fprintf(e.out, "masked in %s\n", total.String())
	}
	return nil
}

// maskedAt is a finding of the dry run.
type maskedAt struct {
	File string `json:"file"`
	Row  int    `json:"row"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
