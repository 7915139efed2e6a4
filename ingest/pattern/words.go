package pattern

import "strings"

// class is what a word is known for.
type class uint8

const (
	plain   class = iota
	levels        // + the Level: levels+Trace ... levels+Fatal
	_             // trace
	_             // debug
	_             // info
	_             // warn
	_             // error
	_             // fatal
	unit          // what a number before it is counted in: no constant word beside it
	month         //
	weekday       //
	zone          // of time, and AM, PM
	boolean       // true, false, null: a value wherever it stands
	noun          // what follows is often a name
	message       // a key whose quoted value is prose
)

func (c class) level() Level {
	if c > levels && c <= levels+class(Fatal) {
		return Level(c - levels)
	}
	return None
}

// known words by class; each is known as written, capitalised and in capitals,
// unless it comes with a capital here.
var knownWords = []struct {
	class class
	words string
}{
	{levels + class(Trace), "trace finest finer verbose vrb trc"},
	{levels + class(Debug), "debug dbg fine debug1 debug2 debug3 デバッグ"},
	{levels + class(Info), "info information informational notice inf log 情報"},
	{levels + class(Warn), "warn warning wrn 警告 注意"},
	{levels + class(Error), "error err severe failure failed fail exception エラー 異常 失敗 障害"},
	{levels + class(Fatal), "fatal critical crit emerg emergency alert panic ftl 致命的 異常終了 重大"},
	{unit, "byte bytes kb mb gb tb kib mib gib kbytes mbytes b/s kb/s mb/s kbps mbps gbps ns us ms msec msecs sec secs second seconds min mins minute minutes hour hours hr hrs " +
		"day days week weeks millis milliseconds microseconds nanoseconds percent pct hz khz mhz ghz celsius 秒 分 件 円 個 回 ミリ秒 バイト"},
	{month, "jan feb mar apr jun jul aug sep sept oct nov dec january february april june july august september october november december May March"},
	{weekday, "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday"},
	{zone, "UTC GMT JST EST EDT CST CDT PST PDT MST MDT CET CEST BST IST KST HKT SGT AEST AM PM am pm"},
	{boolean, "true false null nil none nan"},
	{noun, "user username host hostname file filename path device interface domain class user: job task thread process service queue topic table key container pod node server group " +
		"component module plugin account role database bucket cluster volume disk partition directory folder image command package ユーザー ユーザ ホスト ファイル サービス ジョブ テーブル サーバー サーバ"},
	{message, "msg message Message error err reason desc description event title text body log detail メッセージ"},
}

// wordTable finds a word's class by its hash: open addressing, as many places
// as make a probe the rule, small enough to stay near.
type wordTable struct {
	any [128]uint64 // a bit for each hash that is there, by its first 13 bits
	tag [1024]uint16
	cls [1024]class
	key [1024]uint64
}

var classes, keys = func() (t, k wordTable) {
	for _, w := range knownWords {
		to := &t
		if w.class == message {
			to = &k
		}
		for _, s := range strings.Fields(w.words) {
			to.put(s, w.class)
			if s[0] < 'A' || s[0] > 'Z' {
				to.put(strings.ToUpper(s), w.class)
				to.put(strings.ToUpper(s[:1])+s[1:], w.class)
			}
		}
	}
	return t, k
}()

func (t *wordTable) put(s string, c class) {
	h := hashBytes([]byte(s))
	tag := uint16(h>>32) | 1
	i := h >> 54
	for t.tag[i] != 0 && t.key[i] != h {
		i = (i + 1) & 1023
	}
	t.tag[i], t.key[i], t.cls[i] = tag, h, c
	t.any[h>>57] |= 1 << (h >> 51 & 63)
}

// maybe says whether a word may be known: of those that are not, one in twelve
// may.
func (t *wordTable) maybe(h uint64) bool { return t.any[h>>57]>>(h>>51&63)&1 != 0 }

// of returns a word's class. The tag tells nearly all words apart that are not
// known; the rest the whole hash does.
func (t *wordTable) of(h uint64) class {
	tag := uint16(h>>32) | 1
	for i := h >> 54; ; i = (i + 1) & 1023 {
		switch t.tag[i] {
		case 0:
			return plain
		case tag:
			if t.key[i] == h {
				return t.cls[i]
			}
		}
	}
}

// topLevel are the last labels of hosts' names that nobody takes for a file's.
var topLevel = set("com net org edu gov mil int io dev app cloud info local internal lan jp cn uk de fr kr tw hk us eu ca au in br ru ch nl se no fi it es at be dk cz pl amazonaws localdomain")

// fileEnds are two letters behind a dot that are a file's rather than a land's.
var fileEnds = set("so py rb pl js ts cc go rs sh md gz xz cs vb db ko hs ml mk")

// sourceEnds are the ends of source files, behind which a line's number stands.
var sourceEnds = set("c h cc cpp cxx hpp m mm go java scala kt rs py rb js ts php cs swift pl sh lua ex erl sql")

// reversed begins names of classes and bundles, which are written from the
// top-level label down.
var reversed = set("com org net java javax sun io jp android dfs nova scala kotlin edu gov us uk de fr cn")

func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
