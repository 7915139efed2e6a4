package explain

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Wall writes an instant in the wall time of loc, with the day of the week:
// "Mon 2026-09-28 15:02 JST", "2026/9/28(月) 15:02(JST)". Seconds are written
// where there are any.
func Wall(t kizashi.Time, loc *time.Location, l Lang) string {
	if t == kizashi.Never || t == kizashi.Forever {
		return "-"
	}
	at := t.UTC().In(loc)
	if l == Japanese {
		return strconv.Itoa(at.Year()) + "/" + dayJa(at) + " " + clock(at) + "(" + zoneName(at) + ")"
	}
	return dayEn(at) + " " + clock(at) + " " + zoneName(at)
}

// brief is Wall without what the reader knows by now: the zone, and in
// Japanese the year.
func brief(t kizashi.Time, loc *time.Location, l Lang) string {
	if t == kizashi.Never || t == kizashi.Forever {
		return "-"
	}
	at := t.UTC().In(loc)
	if l == Japanese {
		return dayJa(at) + " " + clock(at)
	}
	return dayEn(at) + " " + clock(at)
}

// Stretch writes [from, to) as briefly as it can be said.
func Stretch(from, to kizashi.Time, loc *time.Location, l Lang) string {
	a, b := from.UTC().In(loc), to.UTC().In(loc)
	end := clock(b)
	if to == kizashi.Forever || a.YearDay() != b.YearDay() || a.Year() != b.Year() {
		end = brief(to, loc, l)
	}
	if l == Japanese {
		return brief(from, loc, l) + "〜" + end
	}
	return brief(from, loc, l) + " to " + end
}

func dayEn(at time.Time) string { return at.Format("Mon 2006-01-02") }

func dayJa(at time.Time) string {
	return at.Format("1/2") + "(" + [...]string{"日", "月", "火", "水", "木", "金", "土"}[at.Weekday()] + ")"
}

func clock(at time.Time) string {
	if at.Second() != 0 {
		return at.Format("15:04:05")
	}
	return at.Format("15:04")
}

// zoneName is the zone's abbreviation; where it has none, its offset.
func zoneName(at time.Time) string {
	name, _ := at.Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + at.Format("-07:00")
	}
	return name
}

// part of a duration, with its names.
type part struct {
	size   time.Duration
	en, ja string
}

func parts() []part {
	return []part{{24 * time.Hour, "day", "日"}, {time.Hour, "hour", "時間"}, {time.Minute, "minute", "分"},
		{time.Second, "second", "秒"}, {time.Millisecond, "millisecond", "ミリ秒"}}
}

// Duration writes a duration in words, its two largest parts: "1 hour 30
// minutes", "1時間30分".
func Duration(d time.Duration, l Lang) string {
	if d < 0 {
		return "-" + Duration(-d, l)
	}
	var words []string
	for _, p := range parts() {
		n := int(d / p.size)
		d -= time.Duration(n) * p.size
		if n > 0 {
			words = append(words, p.words(n, l))
		}
		if len(words) == 2 || len(words) == 1 && n == 0 {
			break
		}
	}
	switch {
	case len(words) == 0:
		return part{en: "second", ja: "秒"}.words(0, l)
	case l == Japanese:
		return strings.Join(words, "")
	}
	return strings.Join(words, " ")
}

func (p part) words(n int, l Lang) string {
	if l == Japanese {
		return Count(n) + p.ja
	}
	return Plural(n, p.en)
}

// plural writes a count of English things.
// Plural counts things in English: "1 alert", "2,000 alerts".
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Count(n) + " " + thing + "s"
}

// seconds converts a fact's number.
func seconds(n kizashi.Num) time.Duration {
	if !n.Ok() {
		return 0
	}
	s := float64(n)
	if math.Abs(s) > math.MaxInt64/2e9 {
		s = math.Copysign(math.MaxInt64/2e9, s)
	}
	return time.Duration(math.Round(s*1000)) * time.Millisecond
}

// about writes a span whose ends are known only to their order: each in one
// unit, with two digits, never more exact than it is.
func about(low, high time.Duration, l Lang) string {
	p := parts()[3]
	for _, q := range parts() {
		if low >= 2*q.size || q.size == time.Second {
			p = q
			break
		}
	}
	a, b := coarse(low, p.size), coarse(high, p.size)
	if l == Japanese {
		return fmt.Sprintf("%s〜%s%s", a, b, p.ja)
	}
	return fmt.Sprintf("%s to %s %ss", a, b, p.en)
}

func coarse(d, size time.Duration) string {
	return plainNumber(math.Round(round(float64(d)/float64(size), 2)))
}
