package gen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// LogGroup is a generated log group: a service's own lines, its access log, a nightly
// job and a heartbeat. Its lines follow the hours of a working week. Every minute is a
// function of the seed and the incidents, whatever minutes are asked for before.
type LogGroup struct {
	Name  string
	Lines float64 // an hour at noon of a working day, about
	Zone  *time.Location
	Start kizashi.Time // its first day begins
	seed  uint64
	parts []logPart
	odd   []LogIncident
}

// LogIncident is something that goes wrong in a log group over [From, To).
type LogIncident struct {
	Kind LogKind
	From kizashi.Time
	To   kizashi.Time
}

// LogKind is a kind of incident.
type LogKind string

// The kinds. Their sizes stand in [LogKinds].
const (
	LogNewError LogKind = "new error"
	LogRare     LogKind = "rare"
	LogManyNew  LogKind = "many new"
	LogSurge    LogKind = "surge"
	LogDrop     LogKind = "drop"
	LogBeat     LogKind = "heartbeat absent"
	LogNightly  LogKind = "nightly line absent"
	LogStatus   LogKind = "status mix"
	LogSeverity LogKind = "severity mix"
	LogNewValue LogKind = "new value"
	LogSlow     LogKind = "numbers shift"
	LogLost     LogKind = "invariant broken"
)

// LogKinds are all of them, with how long each lasts and what happens.
func LogKinds() []struct {
	Kind  LogKind
	Lasts time.Duration
	What  string
} {
	return []struct {
		Kind  LogKind
		Lasts time.Duration
		What  string
	}{
		{LogNewError, 10 * time.Minute, "an error that was never written before, twice a minute"},
		{LogRare, 5 * time.Minute, "a warning that came on the first day alone comes again"},
		{LogManyNew, 20 * time.Minute, "eight new lines of a deployment"},
		{LogSurge, 15 * time.Minute, "one pattern ten times as often"},
		{LogDrop, 2 * time.Hour, "the busiest pattern a twentieth as often"},
		{LogBeat, time.Hour, "a line of every five minutes does not come"},
		{LogNightly, 26 * time.Hour, "the line of a nightly job does not come"},
		{LogStatus, 15 * time.Minute, "a third of the requests are answered with 503"},
		{LogSeverity, 15 * time.Minute, "a tenth of all lines are errors that are known, ten times the usual part"},
		{LogNewValue, 10 * time.Minute, "a slot of six values has a seventh"},
		{LogSlow, 15 * time.Minute, "times are six times as long"},
		{LogLost, 2 * time.Hour, "of the jobs that begin half do not end"},
	}
}

// logPart is one program's line.
type logPart struct {
	share  float64       // of the lines
	burst  float64       // overdispersion: minutes vary by so much more than by chance
	every  time.Duration // comes once each so long, and not by chance
	at     time.Duration // of the day, of a job
	only   bool          // on the first day alone
	seldom float64       // times a day, whatever the hour
	after  int           // comes a minute after each line of the part before so many
	write  func(r *rand.Rand, at time.Time, slow float64) string
}

// NewLogGroup returns a log group of about so many lines an hour at noon.
func NewLogGroup(name string, seed uint64, lines float64, odd ...LogIncident) *LogGroup {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		tokyo = time.FixedZone("JST", 9*3600)
	}
	return &LogGroup{Name: name, Lines: lines, Zone: tokyo, Start: LogStart, seed: seed, parts: shopParts(), odd: odd}
}

func stamp(at time.Time) string { return at.Format("2006-01-02 15:04:05.000") }

func oneOf(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// shopParts are those of a web shop.
func shopParts() []logPart {
	line := func(level, component, format string, args func(r *rand.Rand, slow float64) []any) func(*rand.Rand, time.Time, float64) string {
		return func(r *rand.Rand, at time.Time, slow float64) string {
			return stamp(at) + " " + level + " [" + oneOf(r, "http-1", "http-2", "http-3", "worker-7") + "] " + component + " - " + fmt.Sprintf(format, args(r, slow)...)
		}
	}
	ms := func(r *rand.Rand, slow float64) int { return int(math.Exp(3.5+.6*r.NormFloat64()) * slow) }
	return []logPart{
		{share: .35, burst: .05, write: line("INFO", "jp.example.shop.OrderService", "Order %d accepted for customer %d in %d ms", func(r *rand.Rand, slow float64) []any { return []any{r.IntN(1e7), r.IntN(1e5), ms(r, slow)} })},
		{share: .3, burst: .1, write: access("200")},
		{share: .02, burst: .1, write: access("404")},
		{share: .004, burst: .3, write: access("503")},
		{share: .12, burst: .1, write: line("INFO", "jp.example.shop.Cache", "cache %s for key item:%d", func(r *rand.Rand, _ float64) []any { return []any{oneOf(r, "hit", "hit", "hit", "miss"), r.IntN(9999)} })},
		{share: .06, burst: .2, write: line("INFO", "jp.example.pay.Gateway", "payment method=%s amount=%d yen authorised, ref %08x", func(r *rand.Rand, _ float64) []any {
			return []any{oneOf(r, "card", "card", "konbini", "bank", "wallet", "points", "coupon"), 100 * (1 + r.IntN(300)), r.Uint32()}
		})},
		{share: .05, burst: .3, write: line("WARN", "jp.example.shop.Stock", "stock of item %d is low: %d left", func(r *rand.Rand, _ float64) []any { return []any{r.IntN(9999), r.IntN(10)} })},
		{share: .01, burst: .5, write: line("ERROR", "jp.example.pay.Gateway", "決済に失敗しました: 注文番号=%d 理由=%s", func(r *rand.Rand, _ float64) []any {
			return []any{r.IntN(1e7), oneOf(r, "残高不足", "期限切れ", "通信エラー")}
		})},
		{share: .03, burst: 1.5, write: line("DEBUG", "jp.example.shop.Search", "query \"%s\" took %d ms, %d hits", func(r *rand.Rand, slow float64) []any {
			return []any{oneOf(r, "shoes", "tea", "靴", "本", "lamp"), ms(r, slow), r.IntN(500)}
		})},
		{every: 5 * time.Minute, write: line("INFO", "jp.example.ops.Heart", "alive, heap %d MB, %d threads", func(r *rand.Rand, _ float64) []any { return []any{400 + r.IntN(200), 40 + r.IntN(9)} })},
		{every: 24 * time.Hour, at: 2*time.Hour + 10*time.Minute, write: line("INFO", "jp.example.batch.Nightly", "夜間バッチが正常終了しました: %d 件, %d 秒", func(r *rand.Rand, _ float64) []any { return []any{1000 + r.IntN(9000), 60 + r.IntN(90)} })},
		{share: .05, burst: .2, write: line("INFO", "jp.example.ship.Labels", "job %d begun for order %d", func(r *rand.Rand, _ float64) []any { return []any{r.IntN(1e6), r.IntN(1e7)} })},
		{after: 1, write: line("INFO", "jp.example.ship.Labels", "job %d done, %d labels printed", func(r *rand.Rand, _ float64) []any { return []any{r.IntN(1e6), 1 + r.IntN(4)} })},
		{seldom: .4, write: line("INFO", "jp.example.ops.Config", "configuration %s reloaded by %s", func(r *rand.Rand, _ float64) []any {
			return []any{oneOf(r, "routes", "limits"), oneOf(r, "sato", "suzuki", "tanaka")}
		})},
		{seldom: 3, only: true, write: line("WARN", "jp.example.ops.License", "licence file is about to expire in %d days", func(r *rand.Rand, _ float64) []any { return []any{r.IntN(30)} })},
	}
}

// access is a line of an access log.
func access(status string) func(*rand.Rand, time.Time, float64) string {
	return func(r *rand.Rand, at time.Time, slow float64) string {
		return fmt.Sprintf("%d.%d.%d.%d - - [%s] \"%s /api/%s/%d HTTP/1.1\" %s %d %.3f", 10, r.IntN(255), r.IntN(255), r.IntN(255), at.Format("02/Jan/2006:15:04:05 -0700"),
			oneOf(r, "GET", "GET", "GET", "POST"), oneOf(r, "items", "carts", "orders"), r.IntN(99999), status, 200+r.IntN(9000), math.Exp(-3.5+.6*r.NormFloat64())*slow)
	}
}

// releaseLines are lines that a deployment brings.
var releaseLines = [...]string{
	"INFO [main] jp.example.boot.Version - starting release candidate with feature toggles",
	"INFO [main] jp.example.boot.Schema - migrating table orders to revision eleven",
	"INFO [main] jp.example.boot.Pool - connection pool warmed before taking traffic",
	"WARN [main] jp.example.boot.Flags - deprecated flag legacyCheckout still present",
	"INFO [main] jp.example.boot.Metrics - exporting histograms under new names",
	"INFO [main] jp.example.boot.Router - canary route receives five percent",
	"INFO [main] jp.example.boot.Queue - consumer group rebalanced after restart",
	"INFO [main] jp.example.boot.Done - application ready to serve requests",
}

// Minute returns the lines of a minute, in order.
func (g *LogGroup) Minute(m kizashi.Time) []kizashi.Line {
	m = m.Floor(time.Minute)
	var out []kizashi.Line
	write := func(r *rand.Rand, text func(at time.Time) string) {
		at := m.Add(time.Duration(r.IntN(60_000)) * time.Millisecond)
		out = append(out, kizashi.Line{At: at, Text: text(at.UTC().In(g.Zone))})
	}
	busy := g.busy(m)
	odd := func(k LogKind) bool { return g.during(k, m) }
	for i := range g.parts {
		p := &g.parts[i]
		r := g.chance(i, m)
		n := g.times(i, p, m, busy, r, odd)
		slow := 1.
		if odd(LogSlow) && i == 0 {
			slow = 6
		}
		for range n {
			write(r, func(at time.Time) string { return p.write(r, at, slow) })
		}
	}
	g.strange(m, write)
	sort.SliceStable(out, func(a, b int) bool { return out[a].At < out[b].At })
	for i := range out {
		out[i].ID = fmt.Sprintf("%016x%08x", uint64(m), i)
		out[i].Ingested = out[i].At.Add(2 * time.Second)
	}
	return out
}

// chance of a part in a minute.
func (g *LogGroup) chance(i int, m kizashi.Time) *rand.Rand {
	return rand.New(rand.NewPCG(g.seed^uint64(i+1)*0x9e3779b97f4a7c15, uint64(m)))
}

// times is how many lines of a part come in a minute.
func (g *LogGroup) times(i int, p *logPart, m kizashi.Time, busy float64, r *rand.Rand, odd func(LogKind) bool) int {
	local := m.UTC().In(g.Zone)
	if p.after > 0 {
		i, m := i-p.after, m.Add(-time.Minute)
		n := g.times(i, &g.parts[i], m, g.busy(m), g.chance(i, m), odd)
		if odd(LogLost) {
			n /= 2
		}
		return n
	}
	switch {
	case p.at > 0:
		t := rand.New(rand.NewPCG(g.seed, uint64(local.YearDay()))) // up to three minutes late
		if odd(LogNightly) || time.Duration(local.Hour()*60+local.Minute())*time.Minute != p.at+time.Duration(t.IntN(4))*time.Minute {
			return 0
		}
		return 1
	case p.every > 0:
		if odd(LogBeat) || m != m.Floor(p.every) {
			return 0
		}
		return 1
	case p.only:
		if g.first(m) && r.Float64() < p.seldom/1440 || odd(LogRare) && r.Float64() < .8 {
			return 1
		}
		return 0
	case p.seldom > 0:
		return int((&chance{r: r}).count(p.seldom / 1440))
	}
	mean := g.Lines / 60 * p.share * busy
	switch {
	case odd(LogSurge) && i == 4:
		mean *= 10
	case odd(LogDrop) && i == 0:
		mean /= 20
	case odd(LogStatus) && i == 1:
		mean *= 2. / 3
	case odd(LogStatus) && i == 3:
		mean += g.Lines / 60 * .1 * busy
	case odd(LogSeverity) && i == 7:
		mean *= 10
	}
	if p.burst > 0 {
		mean *= gamma(r, 1/p.burst) * p.burst
	}
	return int((&chance{r: r}).count(mean))
}

// strange writes what the parts have not.
func (g *LogGroup) strange(m kizashi.Time, write func(*rand.Rand, func(time.Time) string)) {
	r := rand.New(rand.NewPCG(g.seed^0xabcdef, uint64(m)))
	for i, o := range g.odd {
		if m < o.From || m >= o.To {
			continue
		}
		switch o.Kind {
		case LogNewError:
			for range 2 {
				write(r, func(at time.Time) string {
					return fmt.Sprintf("%s ERROR [http-2] jp.example.shop.%s - connection refused by upstream %s-%s after %d attempts", stamp(at), word(i), word(i+1), word(i+2), 1+r.IntN(5))
				})
			}
		case LogManyNew:
			n := int(m.Sub(o.From) / (2 * time.Minute))
			if n < len(releaseLines) && m.Sub(o.From)%(2*time.Minute) == 0 {
				write(r, func(at time.Time) string { return stamp(at) + " " + releaseLines[n] + " " + word(i) })
			}
		case LogNewValue:
			for range 2 {
				write(r, func(at time.Time) string {
					return fmt.Sprintf("%s INFO [http-1] jp.example.pay.Gateway - payment method=%s amount=%d yen authorised, ref %08x", stamp(at), word(i), 100*(1+r.IntN(300)), r.Uint32())
				})
			}
		}
	}
}

// word is one that no other line has.
func word(i int) string {
	const syllables = "kasatanahamayarawagazadaba"
	s := ""
	for n := i*7919 + 104729; n > 0; n /= 13 {
		s += syllables[2*(n%13) : 2*(n%13)+2]
	}
	return s
}

// during says whether an incident of the kind is on.
func (g *LogGroup) during(k LogKind, m kizashi.Time) bool {
	for _, o := range g.odd {
		if o.Kind == k && m >= o.From && m < o.To {
			return true
		}
	}
	return false
}

// LogStart is when the first day of a generated log group begins, where nobody says
// otherwise.
var LogStart = kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))

func (g *LogGroup) first(m kizashi.Time) bool { return m < g.Start.Add(24*time.Hour) }

// busy follows the hours of a working week, 1 at noon of a working day.
func (g *LogGroup) busy(m kizashi.Time) float64 {
	t := m.UTC().In(g.Zone)
	h := float64(t.Hour()) + float64(t.Minute())/60
	b := .55 - .45*math.Cos(2*math.Pi*(h-1)/24)
	if d := t.Weekday(); d == time.Saturday || d == time.Sunday {
		b *= .4
	}
	return b
}

// gamma draws from a gamma distribution of the shape a and scale 1 (Marsaglia and
// Tsang 2000).
func gamma(r *rand.Rand, a float64) float64 {
	if a < 1 {
		return gamma(r, a+1) * math.Pow(r.Float64(), 1/a)
	}
	d := a - 1./3
	for {
		x := r.NormFloat64()
		v := 1 + x/math.Sqrt(9*d)
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
