package program

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// discoveredLogs is a log group that exists.
type discoveredLogs struct {
	Name     string            `json:"log_group"`
	Class    string            `json:"log_class"`
	Days     int               `json:"retention_days,omitempty"` // 0 = kept for ever
	Stored   int64             `json:"stored_bytes"`
	Tags     map[string]string `json:"tags,omitempty"`
	Read     bool              `json:"read"`
	HoldBack string            `json:"hold_back,omitempty"`
	Group    string            `json:"group,omitempty"`
}

// logs lists the log groups of a region and says which are read.
func (d *discovery) logs(ctx context.Context, a config.Account, r *access.Region) ([]discoveredLogs, error) {
	found, blind, err := logs.List(ctx, r, a.Discover.Tags || a.Logs.ByTags())
	if err == nil && a.Logs.ByTags() {
		err = blind
	}
	if err != nil {
		return nil, err
	}
	out := []discoveredLogs{}
	for i := range found {
		g := &found[i]
		x := discoveredLogs{Name: g.Name, Class: g.Class, Days: int(g.Retention / (24 * time.Hour)), Stored: g.Stored, Tags: g.Tags}
		if m, ok := service.LogMeta(a, r, g); ok {
			x.Read, x.HoldBack, x.Group = true, time.Duration(m.Settle).String(), m.Group
		}
		out = append(out, x)
	}
	return out, nil
}

func tellLogs(w io.Writer, ls []discoveredLogs, lang string) error {
	if len(ls) == 0 {
		return nil
	}
	read := 0
	for _, l := range ls {
		if l.Read {
			read++
		}
	}
	head, not, row := "\nLog groups: %d of %d are read.\n", "not read", "  %-50s %s\n"
	if lang == "ja" {
		head, not = "\nロググループ: %[2]d 件中 %[1]d 件を読み取ります。\n", "対象外"
	}
	if _, err := fmt.Fprintf(w, head, read, len(ls)); err != nil {
		return err
	}
	for _, l := range ls {
		text := not
		if l.Read {
			text = fmt.Sprintf(map[string]string{"en": "group %s, held back %s", "ja": "グループ %s、待ち時間 %s"}[lang], l.Group, l.HoldBack)
		}
		if l.Class != logs.Standard {
			text += " (" + l.Class + ")"
		}
		if _, err := fmt.Fprintf(w, row, l.Name, text); err != nil {
			return err
		}
	}
	return nil
}
