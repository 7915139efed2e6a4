package pattern

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// mine adds lines, one a second, and returns the miner with its templates and
// counts: "12 Accepted publickey for <*> ...", in the order of the templates.
func mine(lines ...string) (*Miner, []string) {
	m := New(Config{})
	var match Match
	for i, l := range lines {
		m.Add([]byte(l), kizashi.Time(i)*1000, &match)
	}
	return m, templates(m)
}

func templates(m *Miner) []string {
	var out []string
	for p := range m.Patterns() {
		if p.ID != OtherID {
			out = append(out, fmt.Sprintf("%d %s", p.Lines, p.Template))
		}
	}
	return out
}

// numbered repeats a form with %d for the line's number.
func numbered(n int, form string) (out []string) {
	for i := range n {
		out = append(out, strings.ReplaceAll(form, "%d", fmt.Sprint(1000+i*7)))
	}
	return out
}

func each(form string, words ...string) (out []string) {
	for _, w := range words {
		out = append(out, strings.ReplaceAll(form, "%s", w))
	}
	return out
}

func concat(of ...[]string) (out []string) {
	for _, l := range of {
		out = append(out, l...)
	}
	return out
}

var stories = []struct {
	says  string
	lines []string
	want  []string
}{
	{"what has a digit varies, a list is one run, a name with one digit stays",
		concat(numbered(3, "disk sda%d: read 12%d sectors in 3.%d ms via eth0"), []string{"disk sdb7: read 5 sectors in 1 ms via eth0"}),
		[]string{"4 disk <*>: read <*> sectors in <*> ms via eth0"}},
	{"a user's name varies from the second one on",
		each("session opened for user %s by (uid=0)", "root", "news", "root"),
		[]string{"3 session opened for user <*> by (uid=<*>)"}},
	{"so does a name between for and from, beside other forms of the line",
		concat(each("Failed password for %s from 10.0.0.1 port 22 ssh2", "root", "games", "root"), each("Failed password for invalid user %s from 10.0.0.1 port 22 ssh2", "bob", "eve")),
		[]string{"3 Failed password for <*> from <*> port <*> ssh2", "2 Failed password for invalid user <*> from <*> port <*> ssh2"}},
	{"a word is a slot where a masked value stood in its place",
		[]string{"accepted key for <email> from 10.0.0.1", "accepted key for carol from 10.0.0.2"},
		[]string{"2 accepted key for <*> from <*>"}},
	{"four words are four patterns, the fifth makes them one",
		each("link %s after reset of port", "up", "down", "flapping", "lost"),
		[]string{"1 link up after reset of port", "1 link down after reset of port", "1 link flapping after reset of port", "1 link lost after reset of port"}},
	{"the fifth",
		each("link %s after reset of port", "up", "down", "flapping", "lost", "idle"),
		[]string{"5 link <*> after reset of port"}},
	{"states in capitals stay apart for longer",
		each("task 7 went from NEW to %s", "RUNNING", "KILLED", "FAILED", "DONE", "LOST", "IDLE"),
		[]string{"1 task <*> went from NEW to RUNNING", "1 task <*> went from NEW to KILLED", "1 task <*> went from NEW to FAILED", "1 task <*> went from NEW to DONE", "1 task <*> went from NEW to LOST", "1 task <*> went from NEW to IDLE"}},
	{"a word that no variable touches is not swallowed by one beside it",
		concat(numbered(3, "adding task %d"), numbered(3, "adding task set %d")),
		[]string{"3 adding task <*>", "3 adding task set <*>"}},
	{"one that it touches is",
		concat(numbered(3, "synchronized to 10.0.0.%d, stratum 3"), []string{"synchronized to LOCAL(0), stratum 10"}),
		[]string{"4 synchronized to <*>, stratum <*>"}},
	{"a key is never a slot, its value is; an empty value is one too",
		[]string{"auth failure; uid=0 ruser= rhost=10.0.0.1", "auth failure; uid=0 ruser=bob rhost=10.0.0.1", "auth failure; uid=0 tty= rhost=10.0.0.1"},
		[]string{"2 auth failure; uid=<*> ruser= rhost=<*>", "1 auth failure; uid=<*> tty= rhost=<*>"}},
	{"units and dates go with their numbers",
		[]string{"sent 12 bytes (1.2 KB) on Tue Mar 3", "sent 7 KB on Wed Apr 14", "sent 3 MB on Thu Apr 15"},
		[]string{"3 sent <*> on <*>"}},
	{"paths, addresses, hosts and e-mails vary",
		[]string{"GET http://a.example.com/x?q=1&r=2 by ops@example.com from /var/log/x.log at web.example.org ", "GET https://b.example.com/ by dev@example.com from /tmp/y at db.example.org"},
		[]string{"2 GET <*> by <*> from <*> at <*>"}},
	{"two names at once: the rest of the line is known",
		concat(each("job %s finished with code 0", "alpha", "beta", "gamma"), []string{"job kiku finished by momo ok", "job sora finished by hana ok", "job yuki finished by kaze ok", "job mizu finished by tori ok", "job tsuki finished by neko ok", "job hoshi finished by inu ok"}),
		[]string{"3 job <*> finished with code <*>", "6 job <*> finished by <*> ok"}},
	{"Japanese needs no spaces",
		[]string{"2024-02-28 04:05:06 ERROR バッチ日次集計が異常終了しました(終了コード=12)", "2024-02-28 04:05:07 ERROR バッチ日次集計が異常終了しました(終了コード=1)", "2024-02-28 04:05:07 INFO バッチ日次集計が正常終了しました(終了コード=0)"},
		[]string{"2 バッチ日次集計が異常終了しました(終了コード=<*>)", "1 バッチ日次集計が正常終了しました(終了コード=<*>)"}},
	{"Japanese users, wide digits",
		each("ユーザー「%s」がログインしました。接続数:１２", "田中", "鈴木", "佐藤"),
		[]string{"3 ユーザー「<*>」がログインしました。接続数:<*>"}},
	{"JSON with a message is its message",
		[]string{`{"level":"error","ts":1709093106,"msg":"cannot reach 10.0.0.1:5432","retry":3}`, `{"ts":1709093107,"retry":4,"msg":"cannot reach 10.0.0.2:5432","level":"error"}`},
		[]string{"2 cannot reach <*>"}},
	{"JSON without one is its keys, in whatever order",
		[]string{`{"action":"login","user":{"id":17,"name":"bob"},"ok":true}`, `{"ok":false,"user":{"name":"bob","id":4},"action":"login"}`},
		[]string{"2 action=login ok=<*> user.id=<*> user.name=bob"}},
	{"lines of nothing are lines too",
		[]string{"", "", "   ", "----", "----", "17", "18 19", "\x00\x00"},
		[]string{"3 ", "1 \x00\x00", "2 ----", "1 <*>", "1 <*> <*>"}},
}

func TestStories(t *testing.T) {
	for _, s := range stories {
		_, got := mine(s.lines...)
		if !sameSet(got, s.want) {
			t.Errorf("%s\n  got  %s\n  want %s", s.says, strings.Join(got, "\n       "), strings.Join(s.want, "\n       "))
		}
	}
}

func sameSet(a, b []string) bool {
	n := map[string]int{}
	for _, s := range a {
		n[s]++
	}
	for _, s := range b {
		n[s]--
	}
	for _, v := range n {
		if v != 0 {
			return false
		}
	}
	return true
}
