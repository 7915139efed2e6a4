package awsfake

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// shape is the kinds of values by path, list members as one.
func shape(path string, v any, out map[string]string) map[string]string {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			shape(path+"."+k, v[k], out)
		}
	case []any:
		for _, x := range v {
			shape(path+"[]", x, out)
		}
	default:
		out[path] = fmt.Sprintf("%T", v)
	}
	return out
}

// element is any XML.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	Inner   []element `xml:",any"`
}

func (e element) tree() any {
	if len(e.Inner) == 0 {
		return e.Text
	}
	m := map[string]any{}
	for _, x := range e.Inner {
		if x.XMLName.Local == "member" || x.XMLName.Local == "item" {
			all, _ := m["[]"].([]any)
			m["[]"] = append(all, x.tree())
			continue
		}
		m[x.XMLName.Local] = x.tree()
	}
	return m
}

// tree reads any answer.
func tree(t *testing.T, p Protocol, body []byte) any {
	t.Helper()
	var v any
	var err error
	switch p {
	case CBOR:
		v, err = decodeCBOR(body)
	case JSON:
		var c call
		c, err = readStructure(call{}, body, decodeJSON)
		v = c.in
	default:
		var e element
		err = xml.Unmarshal(body, &e)
		m, _ := e.tree().(map[string]any)
		delete(m, "ResponseMetadata")
		v = m
	}
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// The fake's own answers name nothing that the recorded ones do not, and of
// the same kind. ours are the requests that the whole world is asked.
func TestAnswersHaveTheRecordedShape(t *testing.T) {
	c := wholeWorld()
	checked := 0
	for _, m := range modules() {
		dir := m.dir(t)
		for _, op := range m.ops() {
			file := filepath.Join(dir, "response_snapshot", op+".response.snap")
			if _, err := os.Stat(file); err != nil {
				continue
			}
			s := readSnap(t, file, false)
			p := protocolOf(s)
			if len(s.body) == 0 {
				checked++ // an answer without members: nothing that could differ
				continue
			}
			want := shape("", tree(t, p, s.body), map[string]string{})
			in, ok := questions[op]
			if !ok {
				t.Errorf("%s %s is not asked", m.name, op)
				continue
			}
			w := httptest.NewRecorder()
			c.ServeHTTP(w, ask(t, m, op, p, in))
			if w.Code != 200 {
				t.Errorf("%s %s: %d %s", m.name, op, w.Code, w.Body)
				continue
			}
			got := shape("", tree(t, p, w.Body.Bytes()), map[string]string{})
			for _, path := range slices.Sorted(maps.Keys(got)) {
				name := regexp.MustCompile(`(OperationalData|ExtendedStatistics)\.[^.]+`).ReplaceAllString(path, "$1.key0")
				if want[name] != got[path] && !(p == Query) || p == Query && want[name] == "" {
					t.Errorf("%s %s: %s is %s, recorded %q", m.name, op, path, got[path], want[name])
				}
			}
			checked++
		}
	}
	if checked < 20 {
		t.Errorf("%d answers were checked", checked)
	}
}
