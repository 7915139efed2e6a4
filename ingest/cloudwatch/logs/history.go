package logs

import (
	"fmt"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// affordable is how much history of some groups the budget has room for, by
// what CloudWatch says that they store.
func (s *Source) affordable(gs []*group, now time.Time) time.Duration {
	if s.cfg.Backfill < 0 || len(gs) == 0 {
		return 0
	}
	if s.spent >= s.cfg.Budget {
		s.nothingLeft(len(gs), now)
		return 0
	}
	var found []Found
	for _, g := range gs {
		found = append(found, g.Found)
	}
	length := Affordable(found, s.cfg.Backfill, s.cfg.Budget-s.spent, now)
	if length < s.cfg.Backfill {
		s.cfg.Log.Warn("the budget has no room for all of the history; export log groups to S3 and read the files for more of it",
			"log_groups", len(gs), "budget_bytes", s.cfg.Budget, "asked", s.cfg.Backfill.String(), "read", length.String())
	}
	return length
}

// nothingLeft says, once a day at the most, that groups begin without history as
// its budget is spent. That is no outage: nothing of what they are read for from
// now on is missing.
func (s *Source) nothingLeft(groups int, now time.Time) {
	if !s.saidSpent.IsZero() && now.Sub(s.saidSpent) < 24*time.Hour {
		return
	}
	s.saidSpent = now
	s.cfg.Log.Warn("the budget of the back-fill is spent: log groups that are found begin without history; a restart begins with a new one", "log_groups", groups, "budget_bytes", s.cfg.Budget)
}

// Affordable is how much history of some groups can be read within so many
// bytes, in whole hours, at least one: it is shortened, never sampled.
func Affordable(gs []Found, length time.Duration, budget int64, now time.Time) time.Duration {
	perHour := 0.0
	for i := range gs {
		perHour += gs[i].PerHour(now)
	}
	if perHour*length.Hours() <= float64(budget) {
		return length
	}
	return min(length, max(time.Duration(float64(budget)/perHour)*time.Hour, time.Hour))
}

// PerHour is how many bytes a group takes in an hour, by what it stores.
func (f *Found) PerHour(now time.Time) float64 {
	age := 14 * 24 * time.Hour // nobody says
	if !f.Created.IsZero() {
		age = max(now.Sub(f.Created), time.Hour)
	}
	if f.Retention > 0 {
		age = min(age, f.Retention)
	}
	return float64(f.Stored) / age.Hours()
}

// Progress is how far a back-fill has come.
type Progress struct {
	Partition       kizashi.Partition
	From, Until, To kizashi.Time // Until of [From, To) is read
	Groups, Calls   int          // calls of this run
	Left            int          // calls still to come, as it went so far
	Bytes, Budget   int64        // of all back-fills of this run
	Estimate        time.Duration
}

// note keeps the progress for who asks.
func (s *Source) note(now time.Time) {
	out := make([]Progress, 0, len(s.fills))
	for _, f := range s.fills {
		p := Progress{Partition: f.Self, From: f.begin, Until: f.until, To: f.end(now), Groups: len(f.groups), Calls: f.calls, Bytes: s.spent, Budget: s.cfg.Budget}
		if read := p.Until.Sub(p.From); read > 0 && f.calls > 0 {
			part := float64(max(p.To.Sub(p.Until), 0)) / float64(read)
			p.Left, p.Estimate = int(float64(f.calls)*part), time.Duration(float64(now.Sub(f.first))*part)
		}
		out = append(out, p)
	}
	s.mu.Lock()
	s.progress = out
	s.mu.Unlock()
}

// Progress of the back-fills that are not over. It may be asked by any
// goroutine.
func (s *Source) Progress() []Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.progress)
}

func spentReason(s *Source) string {
	return fmt.Sprintf("tenant %s, account %s, region %s: the back-fill of logs has read its budget of %d bytes; export log groups to S3 and read the files for more history",
		s.tenant, s.account, s.cfg.Region, s.cfg.Budget)
}
