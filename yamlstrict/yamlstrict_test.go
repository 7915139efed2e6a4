package yamlstrict_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

type thing struct {
	name  string
	wait  time.Duration
	count int
	on    bool
	limit kizashi.Num
	tags  []string
	words map[string]string
}

// readThing reads every kind of value once.
func readThing(text string) (x thing, err error) {
	w := &yamlstrict.Walker{File: "f"}
	root, err := w.Parse([]byte(text))
	if err != nil || root == nil {
		return x, err
	}
	w.Fields(root, "the file", map[string]func(*yaml.Node){
		"base": func(*yaml.Node) {}, // where anchors stand
		"name": w.Text(&x.name, "name"), "wait": w.Duration(&x.wait, "wait"), "count": w.Int(&x.count, "count"),
		"on": w.Bool(&x.on, "on"), "limit": w.Number(&x.limit, "limit"), "tags": w.TextList(&x.tags, "tags"), "words": w.Texts(&x.words, "words"),
	})
	return x, w.Err()
}

func TestReads(t *testing.T) {
	got, err := readThing("base: &b [x, 007]\nname: 0123\nwait: 2w\ncount: -3\non: true\nlimit: 1e3\ntags: *b\nwords: {a: yes}\n")
	want := thing{"0123", 14 * 24 * time.Hour, -3, true, 1000, []string{"x", "007"}, map[string]string{"a": "yes"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
}

func TestFaultsNameFileLineAndField(t *testing.T) {
	for text, want := range map[string]string{
		"name: a\nwiat: 1s\n":              `f:2: unknown key "wiat" in the file; did you mean "wait"?`,
		"\non: maybe\n":                    `f:2: on: want true or false, not "maybe"`,
		"count: 1.5\n":                     `f:1: count: want a whole number, not "1.5"`,
		"limit: .inf\n":                    `f:1: limit: want a number, not ".inf"`,
		"wait: -1s\n":                      `f:1: wait: want a duration such as 1m or 300s, not "-1s"`,
		"name:\n":                          `f:1: name: want a text`,
		"tags: [a,\n  {b: c}]\n":           `f:2: tags[1]: want a text`,
		"words: {a: [b]}\n":                `f:1: words a: want a text`,
		"name: a\n\n  \tcount: 1\n":        `f:3: a tab indents this line; YAML wants spaces`,
		"name: a\nname: b\n":               `f:2: key "name" stands twice in the file`,
		"name: a\n---\nname: b\n":          `f: more than one document; want one`,
		"name: \"a\n":                      `f:`,
		"count: x\non: y\nfrobnicate: 1\n": "f:1: count: want a whole number, not \"x\"\nf:2: on: want true or false, not \"y\"\nf:3: unknown key \"frobnicate\" in the file (known: base, count, limit, name, on, tags, wait, words)",
	} {
		if _, err := readThing(text); err == nil || !strings.HasPrefix(err.Error(), want) || want != "f:" && err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
