package program

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cost"
)

// tellPlan writes a plan for people.
func tellPlan(w io.Writer, r planned, st explain.Style) error {
	t := &planText{r: r, st: st}
	t.head()
	t.rows()
	t.namespaces()
	t.others()
	t.logs()
	t.whatIfs()
	t.warnings()
	t.prices()
	_, err := io.WriteString(w, t.String())
	return err
}

type planText struct {
	strings.Builder
	r  planned
	st explain.Style
}

func (t *planText) say(en, ja string, a ...any) {
	fmt.Fprintf(t, pick(t.st, en, ja)+"\n", a...)
}

func (t *planText) head() {
	all := t.r.Plan.Total
	t.say("%[1]s series watched, of %[2]s metrics that exist. Amounts are in %[3]s.", "存在するメトリクス %[2]s 件のうち %[1]s 系列を監視します。金額の単位は %[3]s です。",
		num(all.Series), num(all.Existing), t.r.Currency.Code)
	if c := t.r.Currency; c.Code != "USD" {
		day := c.AsOf
		if day == "" {
			day = pick(t.st, "day not told", "基準日の指定なし")
		}
		t.say("1 USD = %s %s (%s).", "換算レート: 1 USD = %s %s (%s)。", strconv.FormatFloat(c.Rate, 'f', -1, 64), c.Code, day)
	}
}

// rows of tenants and accounts, and the total.
func (t *planText) rows() {
	rows := [][]string{{"", pick(t.st, "metrics", "メトリクス"), pick(t.st, "series", "系列"), pick(t.st, "requested/day", "取得数/日"), pick(t.st, "calls/day", "呼び出し/日"),
		pick(t.st, "a day", "1日"), pick(t.st, "a month", "1か月"), pick(t.st, "back-fill, once", "履歴取得 (初回のみ)")}}
	add := func(name string, r cost.Row) {
		rows = append(rows, []string{name, num(r.Existing), num(r.Series), num(r.Metrics), num(r.Calls), t.money(r.Day), t.money(r.Month), t.money(r.Once)})
	}
	for _, tenant := range t.r.Plan.Tenants {
		accounts := slices.DeleteFunc(slices.Clone(t.r.Plan.Accounts), func(a cost.Row) bool { return a.Tenant != tenant.Tenant })
		add(tenant.Tenant, tenant)
		if len(accounts) > 1 {
			for _, a := range accounts {
				add("  "+a.Account, a)
			}
		} else {
			rows[len(rows)-1][0] += " " + accounts[0].Account
		}
	}
	if len(t.r.Plan.Tenants) != 1 {
		add(pick(t.st, "total", "合計"), t.r.Plan.Total)
	}
	t.table(rows)
	t.say("A month is 30 days. The back-fill asks for %s metrics in %s calls.", "1か月は30日で計算しています。履歴取得では %s メトリクスを %s 回の呼び出しで取得します。",
		num(t.r.Plan.Total.OnceMetrics), num(t.r.Plan.Total.OnceCalls))
	if t.r.Plan.Free.USD > 0 {
		t.say("Of a month, the free tier would cover %s if nothing else in the accounts used it. GetMetricData is never in it.",
			"無料枠でまかなえるのは、ほかに利用がない場合でも1か月あたり %s です。GetMetricData は無料枠の対象外です。", t.money(t.r.Plan.Free))
	}
}

func (t *planText) namespaces() {
	rows := [][]string{{pick(t.st, "namespace", "名前空間"), pick(t.st, "metrics", "メトリクス"), pick(t.st, "series", "系列"), pick(t.st, "requested/day", "取得数/日"),
		pick(t.st, "a day", "1日"), pick(t.st, "a month", "1か月"), pick(t.st, "back-fill", "履歴取得"), pick(t.st, "streams, month", "ストリーム/月"), pick(t.st, "alarms, month", "アラーム/月")}}
	var none int64
	for _, r := range t.r.Plan.Namespaces {
		if r.Series == 0 && r.Namespace != "" {
			none += r.Existing
			continue
		}
		name := r.Namespace
		if name == "" {
			if r.Month.USD == 0 {
				continue
			}
			name = pick(t.st, "(lists)", "(一覧取得)")
		}
		rows = append(rows, []string{name, num(r.Existing), num(r.Series), num(r.Metrics), t.money(r.Day), t.money(r.Month), t.money(r.Once), t.money(r.Stream), t.money(r.Alarms)})
	}
	t.table(rows)
	if none > 0 {
		t.say("%s metrics are of namespaces of which nothing is watched.", "監視対象のない名前空間のメトリクスが %s 件あります。", num(none))
	}
}

// others is the same by AWS's own means.
func (t *planText) others() {
	all := t.r.Plan.Total
	t.table([][]string{
		{pick(t.st, "the same by other means, a month", "ほかの方法との比較 (1か月)"), "", ""},
		{pick(t.st, "as planned", "この計画"), t.money(all.Month), ""},
		{pick(t.st, "metric streams", "メトリクスストリーム"), t.money(all.Stream), pick(t.st, "every update of every metric of these namespaces, with Firehose; no back-fill", "対象名前空間の全メトリクスの全更新 (Firehose を含む。履歴は取得できません)")},
		{pick(t.st, "CloudWatch anomaly alarms", "CloudWatch 異常検出アラーム"), t.money(all.Alarms), pick(t.st, "one on each series", "各系列に1つ")},
	})
}

func (t *planText) whatIfs() {
	if len(t.r.WhatIf) == 0 {
		return
	}
	rows := [][]string{{pick(t.st, "what if", "条件を変えた場合"), pick(t.st, "series", "系列"), pick(t.st, "requested/day", "取得数/日"), pick(t.st, "a month", "1か月"),
		pick(t.st, "saves a month", "節約額/月"), pick(t.st, "back-fill", "履歴取得"), pick(t.st, "saves", "節約額")}}
	base := t.r.Plan.Total
	rows = append(rows, []string{pick(t.st, "as planned", "この計画"), num(base.Series), num(base.Metrics), t.money(base.Month), "", t.money(base.Once), ""})
	for _, c := range t.r.WhatIf {
		name := c.Name
		if name == allOfThem {
			name = pick(t.st, "all of them", "すべて適用")
		}
		rows = append(rows, []string{name, num(c.Plan.Series), num(c.Plan.Metrics), t.money(c.Plan.Month), t.money(c.Saves), t.money(c.Plan.Once), t.money(c.Once)})
	}
	t.table(rows)
}

func (t *planText) warnings() {
	if len(t.r.Caps)+len(t.r.Blind)+len(t.r.Typos) > 0 {
		t.WriteString("\n")
	}
	for _, c := range t.r.Caps {
		who := strings.TrimSpace(c.Tenant + " " + c.Account)
		t.say("%s: a day needs %s and its cap is %s: classes give way, record first.", "%s: 1日に %s 必要ですが、上限は %s です。record クラスから順に取得間隔を広げます。",
			who, t.money(c.Day), t.money(cost.Money{USD: c.Cap}))
	}
	for _, x := range t.r.Typos {
		t.say("NOTHING OF %q IS WATCHED: the catalogue has no such namespace; did you mean %q?", "%q は監視対象に含まれません: カタログにない名前空間です。%q の誤りではありませんか。",
			explain.Clean(x.Namespace), x.Nearest)
	}
	for _, b := range t.r.Blind {
		t.say("NOT IN THE PLAN: %s", "計画に含まれていません: %s", explain.Clean(b))
	}
}

// prices are told with their dates and sources, and what the mark means.
func (t *planText) prices() {
	rows := [][]string{{pick(t.st, "price", "価格"), "", pick(t.st, "for", "単位"), pick(t.st, "as of", "基準日"), pick(t.st, "source", "出典")}}
	doubt := false
	for _, p := range t.r.Plan.Prices {
		name := p.Name
		if p.Region != "" {
			name += " " + p.Region
		}
		value := strconv.FormatFloat(p.Value, 'f', -1, 64)
		if p.Unit != "bytes" {
			value += " USD"
		}
		if !p.Verified {
			doubt = true
			value += "*"
		}
		rows = append(rows, []string{name, value, unitOf(t.st, p.Unit), p.AsOf, origin(t.st, p.Source)})
	}
	t.table(rows)
	if doubt {
		t.say("* Not verified: a price in it was not held against AWS's own page. A price file of yours (--prices) can say what you pay.",
			"* 未検証: AWS の価格ページと照合していない単価が含まれています。実際の単価は --prices で指定できます。")
	}
}

// unitOf is what a price is for, in the language of who reads.
func unitOf(st explain.Style, unit string) string {
	ja := map[string]string{"month": "1か月", "bytes": "バイト", "1000 metrics": "1,000メトリクス", "1000 requests": "1,000リクエスト", "1000 updates": "1,000更新"}[unit]
	return pick(st, unit, cmp.Or(ja, unit))
}

// origin is where a price is from. Price files begin it with one of these
// words; the rest is a name.
func origin(st explain.Style, source string) string {
	for _, w := range [][2]string{{"third party: ", "第三者の情報: "}, {"memory: ", "出典なし(既知の値): "}, {"memory", "出典なし(既知の値)"}, {"ours: ", "当方の見積もり: "}} {
		if rest, ok := strings.CutPrefix(source, w[0]); ok && st.Lang == explain.Japanese {
			return w[1] + rest
		}
	}
	return source
}

func (t *planText) money(m cost.Money) string { return t.r.Currency.write(m) }

func num(n int64) string { return explain.Count(int(n)) }

// table writes rows in columns, the first one and texts to the left, numbers
// to the right, with an empty line before.
func (t *planText) table(rows [][]string) {
	wide := make([]int, len(rows[0]))
	left := make([]bool, len(rows[0]))
	for i := range left {
		column := func(of func(string) bool) bool {
			return slices.ContainsFunc(rows[1:], func(row []string) bool { return row[i] != "" && of(row[i]) })
		}
		left[i] = i == 0 || column(func(c string) bool { return !strings.ContainsAny(c[:1], "-<0123456789") })
		if !left[i] && column(func(c string) bool { return strings.HasSuffix(c, "*") }) {
			for _, row := range rows { // digits stand below digits, marks below marks
				if row[i] != "" && !strings.HasSuffix(row[i], "*") {
					row[i] += " "
				}
			}
		}
		for _, row := range rows {
			wide[i] = max(wide[i], width(row[i]))
		}
	}
	t.WriteString("\n")
	for _, row := range rows {
		var line strings.Builder
		for i, c := range row {
			gap := strings.Repeat(" ", wide[i]-width(c))
			if i > 0 {
				line.WriteString("  ")
			}
			if left[i] {
				line.WriteString(c + gap)
			} else {
				line.WriteString(gap + c)
			}
		}
		t.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// width of a text in columns of a terminal: kanji and kana take two.
func width(s string) (n int) {
	for _, r := range s {
		if n++; r >= 0x1100 {
			n++
		}
	}
	return n
}
