package inventory

// wording is a language.
type wording struct {
	title, sum, spaces, groups, group, unwatched, untagged, tagsUnknown string
	hosts, short, capacity, blind, more, since, comma                   string
	nothing, noGroup, groupName, metrics                                string
	why                                                                 map[Why]string
	health                                                              map[Health]string
	by                                                                  map[By]string
	op                                                                  map[Op]string
	lost                                                                map[string]string // by action: what is not known without it
}

var wordings = map[string]wording{"en": english, "ja": japanese}

var english = wording{
	title:       "Account %s, region %s, at %s\n",
	sum:         "  metrics: %d, watched: %d, not watched: %d\n",
	spaces:      "Namespaces: metrics, of them watched, why the rest is not",
	groups:      "Groups of what is watched",
	group:       "%-28s %d series, %d resources",
	unwatched:   "Resources of which no metric is watched",
	untagged:    "Resources without a tag of yours",
	tagsUnknown: "Tags could not be read: which resources have none is not known, but for EC2 instances.",
	hosts:       "Machines that do not run, or do not answer",
	short:       "Auto Scaling groups that are short of instances, or failed to do what they should",
	capacity:    "%s: %d wanted, %d in service",
	blind:       "Not readable",
	more:        "and %d more",
	since:       "since %s",
	comma:       ", ",
	nothing:     "Nothing changed.",
	noGroup:     "(resources without metrics)",
	groupName:   "Group %s",
	metrics:     "(%d metrics)",
	why: map[Why]string{
		NotInCatalogue: "not in the catalogue", OtherDimensions: "under other dimensions than those watched", RecordOnly: "of class record",
		NotNamed: "not named in the configuration", NoMatch: "selected by no matcher", Untagged: "without tags to select by", Dropped: "dropped by a matcher",
		OtherAccount: "of another account", HasEnded: "of what has ended", NotReadable: "with tags that could not be read", NoMetrics: "CloudWatch has no metrics of it",
	},
	health: map[Health]string{HostDown: "the host is down", AgentUnreachable: "the agent is unreachable"},
	by:     map[By]string{ByUser: "by a user", ByGroup: "by Auto Scaling", BySchedule: "on schedule", ByAWS: "by AWS"},
	op:     map[Op]string{Added: "added   ", Removed: "removed ", Retagged: "retagged"},
	lost: map[string]string{
		GetResources: "tags are not known, so nothing can be selected or grouped by them",
		Instances:    "whether an instance runs, was stopped or terminated is not known",
		Groups:       "members and capacity of Auto Scaling groups are not known",
		Activities:   "why Auto Scaling failed or ended an instance is not known",
		Agents:       "whether an agent answers is not known",
	},
}

var japanese = wording{
	title:       "アカウント %s、リージョン %s(%s 時点)\n",
	sum:         "  メトリクス %d 件のうち、監視対象 %d 件、対象外 %d 件\n",
	spaces:      "名前空間別(メトリクス数、監視対象数、対象外の理由)",
	groups:      "監視対象のグループ",
	group:       "%-28s 系列 %d 件、リソース %d 件",
	unwatched:   "監視対象のメトリクスが 1 件もないリソース",
	untagged:    "タグが付いていないリソース",
	tagsUnknown: "タグを読み取れませんでした。EC2 インスタンス以外は、タグの有無が分かりません。",
	hosts:       "停止中、または応答のないマシン",
	short:       "台数が不足している、または処理に失敗した Auto Scaling グループ",
	capacity:    "%s: 希望 %d 台、稼働 %d 台",
	blind:       "読み取れなかった項目",
	more:        "ほか %d 件",
	since:       "%s から",
	comma:       "、",
	nothing:     "変更はありません。",
	noGroup:     "(メトリクスのないリソース)",
	groupName:   "グループ %s",
	metrics:     "(メトリクス %d 件)",
	why: map[Why]string{
		NotInCatalogue: "カタログにない", OtherDimensions: "監視対象と異なるディメンション", RecordOnly: "記録のみの区分",
		NotNamed: "設定で指定されていない", NoMatch: "選択条件に該当しない", Untagged: "選択条件のタグが付いていない", Dropped: "除外条件に該当",
		OtherAccount: "対象外のアカウント", HasEnded: "終了したリソース", NotReadable: "タグを読み取れない", NoMetrics: "CloudWatch にメトリクスがない",
	},
	health: map[Health]string{HostDown: "ホスト停止", AgentUnreachable: "エージェント応答なし"},
	by:     map[By]string{ByUser: "利用者による操作", ByGroup: "Auto Scaling による", BySchedule: "スケジュールによる", ByAWS: "AWS による"},
	op:     map[Op]string{Added: "追加", Removed: "削除", Retagged: "タグ変更"},
	lost: map[string]string{
		GetResources: "タグが分からないため、タグによる選択とグループ分けができません",
		Instances:    "インスタンスの稼働、停止、終了の状態が分かりません",
		Groups:       "Auto Scaling グループの構成と台数が分かりません",
		Activities:   "Auto Scaling が失敗した理由、インスタンスを終了した理由が分かりません",
		Agents:       "エージェントが応答しているか分かりません",
	},
}
