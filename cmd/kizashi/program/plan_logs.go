package program

import (
	"context"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// logPlan is what the logs of one region of an account take.
type logPlan struct {
	Tenant  string `json:"tenant"`
	Account string `json:"account"`
	Region  string `json:"region"`
	logs.Plan
}

// planLogs asks which log groups there are.
func planLogs(ctx context.Context, a config.Account, session *access.Session, region string) (l logPlan, err error) {
	found, blind, err := logs.List(ctx, session.Region(region), a.Discover.Tags || a.Logs.ByTags())
	if err == nil && blind != nil && a.Logs.ByTags() {
		err = blind
	}
	if err != nil {
		return l, err
	}
	c, err := service.LogsOf(a, session, region)
	if err != nil {
		return l, err
	}
	l = logPlan{Tenant: a.Tenant, Account: a.ID, Region: region}
	l.Plan, err = c.PlanOf(found, time.Now())
	return l, err
}

// logs tells what reading them takes. No price of FilterLogEvents is known:
// what AWS asks for logs is asked when they are ingested.
func (t *planText) logs() {
	if len(t.r.Logs) == 0 {
		return
	}
	t.say("\nLogs (FilterLogEvents: no price a call is known here; AWS asks for logs as they are ingested, which nothing here changes):",
		"\nログ (FilterLogEvents: 呼び出し単位の料金は確認されていません。ログの料金は取り込み時に発生し、本製品による増減はありません):")
	for _, l := range t.r.Logs {
		t.say("  %s %s %s: %s of %s log groups read, about %s a day; a read of each every %s, %s calls a day at %.1f a second at the most.",
			"  %s %s %s: ロググループ %[5]s 件中 %[4]s 件を読み取り (約 %[6]s/日)。各グループを %[7]s ごとに読み取り、呼び出しは %[8]s 回/日 (上限 %.1[9]f 回/秒)。",
			l.Tenant, l.Account, l.Region, num(int64(l.Read)), num(int64(l.Listed)), sizeText(l.BytesADay), explain.Duration(l.Every, t.st.Lang), num(int64(l.CallsADay)), l.PerSecond)
		if l.History > 0 {
			t.say("    History, once: %s of it, about %s in %s calls, about %s.", "    履歴 (初回のみ): %s分、約 %s、呼び出し %s 回、所要時間は約 %s。",
				explain.Duration(l.History, t.st.Lang), sizeText(l.Bytes), num(int64(l.Calls)), explain.Duration(l.Takes, t.st.Lang))
		}
		if l.History < l.Asked {
			t.say("    The budget has no room for the %s that were asked for. An export of the log groups to S3, read as files, is the cheap way to more history.",
				"    設定された %s分の履歴は予算 (budget) に収まりません。より長い履歴は、ロググループを S3 にエクスポートしてファイルとして読み込むのが安価です。", explain.Duration(l.Asked, t.st.Lang))
		}
		if l.Undersized {
			t.say("    NOT ENOUGH CALLS: the logs would fall behind. Read fewer groups, raise share, or have AWS raise the quota of FilterLogEvents.",
				"    呼び出し回数が不足しています。ログの読み取りが遅延します。対象グループを減らすか、share を上げるか、FilterLogEvents のクォータ引き上げを AWS に申請してください。")
		}
		if l.Refusable > 0 {
			t.say("    %s of them are not of the log class STANDARD: AWS may refuse to read them.", "    うち %s 件はログクラスが STANDARD ではなく、AWS に読み取りを拒否される可能性があります。", num(int64(l.Refusable)))
		}
	}
}

// sizeText is a size in the units in which CloudWatch bills.
func sizeText(bytes float64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", bytes/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.1f MB", bytes/1e6)
	}
	return fmt.Sprintf("%.1f kB", bytes/1e3)
}
