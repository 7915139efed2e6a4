package firstlook

import (
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

func (l Look) pick(en, ja string) string {
	if l.Style.Lang == explain.Japanese {
		return ja
	}
	return en
}

func (l Look) page() page {
	p := page{Lang: string(l.Style.Lang), Title: l.pick("First look: ", "初回レポート: ") + explain.Clean(l.Tenant),
		Span: l.pick("History read: ", "読み取った履歴: ") + explain.Stretch(l.From, l.To, l.Zone, l.Style.Lang) + l.pick(" ", "、") + l.Zone.String()}
	p.Parts = []part{l.watched(), l.raised(), l.unwatched(), l.cost()}
	return p
}

func (l Look) sums() (all Group) {
	for _, g := range l.Groups {
		all.Series += g.Series
		all.Judged += g.Judged
		all.Warming += g.Warming
		all.None += g.None
		all.Silent += g.Silent
	}
	return all
}

// watched tells what is judged, what is not yet, and why.
func (l Look) watched() part {
	all := l.sums()
	x := part{Head: l.pick("Watched", "監視対象")}
	x.Lines = []string{l.pick(
		fmt.Sprintf("%s series: %s judged, %s warming up, %s without an opinion, %s without a sample.", explain.Count(all.Series), explain.Count(all.Judged),
			explain.Count(all.Warming), explain.Count(all.None), explain.Count(all.Silent)),
		fmt.Sprintf("%s系列(判定中%s、学習中%s、判定不能%s、データなし%s)", explain.Count(all.Series), explain.Count(all.Judged),
			explain.Count(all.Warming), explain.Count(all.None), explain.Count(all.Silent)))}
	t := &table{Nums: 5, Head: []string{l.pick("Group", "グループ"), l.pick("series", "系列"), l.pick("judged", "判定中"), l.pick("warming up", "学習中"),
		l.pick("no opinion", "判定不能"), l.pick("no sample", "データなし"), l.pick("why", "理由")}}
	for _, g := range l.Groups {
		t.Rows = append(t.Rows, []string{g.Name, explain.Count(g.Series), explain.Count(g.Judged), explain.Count(g.Warming), explain.Count(g.None), explain.Count(g.Silent), l.why(g)})
	}
	if len(t.Rows) > 0 {
		x.Table = t
	}
	return x
}

// why tells the reasons of a group, with how many series each has.
func (l Look) why(g Group) string {
	var out []string
	for _, e := range g.Why {
		n := e.Count
		e.Count = 0
		said, err := explain.Fact(e, kizashi.Meta{}, l.Style)
		if err != nil {
			said = string(e.Claim)
		}
		out = append(out, fmt.Sprintf("%s: %s", explain.Count(n), said))
	}
	return strings.Join(out, " ")
}

// raised tells the alerts of the history.
func (l Look) raised() part {
	x := part{Head: l.pick("What this history would have raised", "この期間であれば発報していたアラート")}
	n := len(l.Alerts) + l.More
	if n == 0 {
		x.Lines = []string{l.pick("Nothing.", "ありません。")}
		return x
	}
	x.Lines = []string{l.pick(explain.Plural(n, "alert")+". What is over was not sent.", explain.Count(n)+"件。すでに解消したものは通知していません。")}
	t := &table{Keys: 4, Head: []string{l.pick("Series", "系列"), l.pick("value", "値"), l.pick("when", "期間"), l.pick("class", "区分"), l.pick("alert", "アラート")}}
	for _, a := range l.Alerts {
		when := explain.Stretch(a.From, a.To, l.Zone, l.Style.Lang)
		if a.Firing {
			when = explain.Wall(a.From, l.Zone, l.Style.Lang) + l.pick(", fires still", "から継続中")
		}
		t.Rows = append(t.Rows, []string{a.Series, a.Value, when, a.Class, a.ID})
	}
	x.Table = t
	if l.More > 0 {
		x.Notes = append(x.Notes, l.pick(fmt.Sprintf("And %s more.", explain.Count(l.More)), fmt.Sprintf("ほか%s件。", explain.Count(l.More))))
	}
	x.Notes = append(x.Notes, l.pick("kizashi explain "+l.Data+" ALERT tells each in full.", "各アラートの詳細は kizashi explain "+l.Data+" アラート で確認できます。"))
	return x
}

// unwatched tells what exists and is not read.
func (l Look) unwatched() part {
	x := part{Head: l.pick("Not watched", "監視対象外")}
	t := &table{Head: []string{l.pick("Account", "アカウント"), l.pick("namespace", "名前空間"), l.pick("metrics there are", "存在するメトリクス"), l.pick("watched", "監視対象")}}
	for _, s := range l.Sources {
		where := s.Account + " " + s.Region
		if !s.Listed {
			x.Lines = append(x.Lines, l.pick("Nothing could be listed of account "+where+".", "アカウント"+where+"は一覧を取得できていません。"))
			continue
		}
		for _, n := range s.Spaces {
			if n.Watched < n.Metrics {
				t.Rows = append(t.Rows, []string{where, n.Name, explain.Count(n.Metrics), explain.Count(n.Watched)})
			}
		}
		if s.Untagged > 0 {
			x.Notes = append(x.Notes, l.pick(where+": "+explain.Plural(s.Untagged, "resource")+" without tags.", where+": タグのないリソースが"+explain.Count(s.Untagged)+"件あります。"))
		}
		if len(s.Blind) > 0 {
			x.Notes = append(x.Notes, l.pick(where+": could not be asked: ", where+": 取得できなかったもの: ")+strings.Join(s.Blind, ", "))
		}
	}
	if len(t.Rows) > 0 {
		x.Table = t
	} else if len(x.Lines) == 0 {
		x.Lines = []string{l.pick("Everything that is listed is watched.", "一覧にあるものはすべて監視しています。")}
		return x
	}
	x.Notes = append(x.Notes, l.pick("kizashi discover names each, and why it is not watched.", "対象外の個々のメトリクスと理由は kizashi discover で確認できます。"))
	return x
}

func (l Look) cost() part {
	x := part{Head: l.pick("Cost so far", "これまでの費用")}
	en, ja := fmt.Sprintf("about USD %.2f", l.USD), fmt.Sprintf("約%.2f米ドル", l.USD)
	if l.USD > 0 && l.USD < 0.01 {
		en, ja = "less than USD 0.01", "0.01米ドル未満"
	}
	x.Lines = []string{l.pick(explain.Plural(int(l.Requests), "request")+" to AWS today (UTC), "+en+".",
		"本日(UTC)のAWSへのリクエストは"+explain.Count(int(l.Requests))+"件、"+ja+"です。")}
	if l.Doubtful {
		x.Notes = append(x.Notes, l.pick("The prices are not all held against AWS's own page.", "単価の一部はAWS公式の料金ページとの照合が済んでいません。"))
	}
	return x
}
