package metricfilter

import (
	"strings"
	"testing"
)

const (
	access  = `127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`
	trail   = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"cluster.name":"c","n":1e3,"flag":true,"off":false,"size":75.5,"text":"say \"hi\" \u3042","empty":"","deep":{"er":{"est":[[1,2],[3]]}}}`
	denied  = `[ERROR 400] BAD REQUEST from 10.0.0.7`
	missing = `[ERROR 419] MISSING ARGUMENTS`
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		// text
		{`ERROR`, []string{denied, missing}, []string{"[error] x", "", "ERR"}},
		{`ERROR ARGUMENTS`, []string{missing, "ARGUMENTS then ERROR"}, []string{denied}},
		{`?ERROR ?WARN`, []string{denied, "WARN x"}, []string{"INFO x", ""}},
		{`ERROR -ARGUMENTS`, []string{denied}, []string{missing, "INFO"}},
		{`-ERROR -WARN`, []string{"INFO", ""}, []string{denied, "a WARN"}},
		{`"BAD REQUEST"`, []string{denied}, []string{"BAD  REQUEST", "REQUEST BAD"}},
		{`"say \"hi\" \\"`, []string{`they say "hi" \ now`}, []string{`say hi`}},
		{`-"BAD REQUEST" ERROR`, []string{missing}, []string{denied}},
		{`" "`, []string{denied, "", "x"}, nil},
		{``, []string{denied, "", "x"}, nil},
		{`  `, []string{"", "x"}, nil},
		{`?ERROR -ARGUMENTS`, []string{denied, "INFO"}, []string{missing}}, // ?ERROR counts for nothing
		{`%ERROR [4-5]\d{2}%`, []string{denied, "ERROR 503"}, []string{"ERROR 200", "ERROR 4"}},
		{`%^\[ERROR% -%ARG|REQ%`, []string{"[ERROR] x"}, []string{denied, missing, "x [ERROR]"}},
		{`?%4\d\d% ?%5\d\d%`, []string{"404", "503"}, []string{"200"}},
		{`%100\%%`, []string{"at 100% now"}, []string{"at 100 now"}},
		{`エラー`, []string{"2026 エラー発生"}, []string{"警告"}},

		// JSON
		{`{ $.eventType = "UpdateTrail" }`, []string{trail}, []string{`{"eventType":"x"}`, `{"a":1}`, "eventType UpdateTrail", `x {"eventType":"UpdateTrail"}`, `{"eventType":"UpdateTrail"`, `"UpdateTrail"`}},
		{`{$.eventType=UpdateTrail}`, []string{trail, "  \t" + trail + "\n"}, []string{`{"eventType":["UpdateTrail"]}`}},
		{`{ $.sourceIPAddress != 123.123.* }`, []string{trail}, []string{`{"sourceIPAddress":"123.123.1.1"}`, `{"other":1}`}},
		{`{ $.sourceIPAddress = "111.*" }`, []string{trail}, []string{`{"sourceIPAddress":"11.111"}`}},
		{`{ $.a = "x*y*z" }`, []string{`{"a":"xyz"}`, `{"a":"x1y2z"}`}, []string{`{"a":"xyzz1"}`, `{"a":"zyx"}`, `{"a":"x"}`}},
		{`{ $.a = "*" }`, []string{`{"a":""}`, `{"a":"x"}`, `{"a":1}`}, []string{`{"b":""}`, `{"a":null}`}},
		{`{ $.arrayKey[0] = "value" }`, []string{trail}, []string{`{"arrayKey":["x","value"]}`, `{"arrayKey":"value"}`, `{"arrayKey":[]}`}},
		{`{ $.arrayKey[*] = "another*" }`, []string{trail}, []string{`{"arrayKey":["x"]}`, `{"arrayKey":[]}`}},
		{`{ $.objectList[1].id = 2 }`, []string{trail}, []string{`{"objectList":[{"id":2}]}`}},
		{`{ $.deep.er.est[0][1] = 2 }`, []string{trail}, []string{`{"deep":{"er":{"est":[[1]]}}}`}},
		{`{ $['cluster.name'] = "c" }`, []string{trail}, []string{`{"cluster":{"name":"c"}}`}},
		{`{ $.["cluster.name"] = "c" }`, []string{trail}, nil},
		{`{ $[1].a = 1 }`, []string{`[0,{"a":1}]`}, []string{`[{"a":1}]`, `{"a":1}`}},
		{`{ $.n = 1e3 }`, []string{trail, `{"n":1000}`, `{"n":1000.0}`}, []string{`{"n":"1000"}`, `{"n":1001}`}},
		{`{ $.n = 1e-3 }`, []string{`{"n":0.001}`}, []string{`{"n":0.01}`}},
		{`{ $.n != 1000 }`, []string{`{"n":1}`, `{"n":"1000"}`, `{"n":null}`}, []string{trail, `{}`}},
		{`{ $.size > 75 }`, []string{trail}, []string{`{"size":75}`, `{"size":"80"}`, `{}`}},
		{`{ $.size >= 75 }`, []string{trail, `{"size":75}`}, []string{`{"size":74.9}`}},
		{`{ $.size < -1.5 }`, []string{`{"size":-2}`}, []string{trail, `{"size":-1.5}`}},
		{`{ $.size <= -1.5 }`, []string{`{"size":-1.5}`}, []string{trail}},
		{`{ $.code = 4* }`, []string{`{"code":404}`, `{"code":"4x"}`}, []string{`{"code":500}`}},
		{`{ $.SomeObject IS NULL }`, []string{trail}, []string{`{"SomeObject":0}`, `{}`}},
		{`{ $.flag IS TRUE }`, []string{trail}, []string{`{"flag":"true"}`, `{"flag":false}`, `{}`}},
		{`{ $.off is false }`, []string{trail}, []string{`{"off":true}`}},
		{`{ $.Other NOT EXISTS }`, []string{trail, `{}`}, []string{`{"Other":null}`, "no JSON"}},
		{`{ $.text = "say \"hi\" あ" }`, []string{trail}, []string{`{"text":"say hi"}`}},
		{`{ $.empty = "" }`, []string{trail}, []string{`{"empty":" "}`}},
		{`{ $.eventType = %Trail$% }`, []string{trail}, []string{`{"eventType":"Trails"}`}},
		{`{ $.eventType != %^Up% }`, []string{`{"eventType":"x"}`}, []string{trail, `{}`}},
		{`{ $.n = 1000 && $.flag IS TRUE }`, []string{trail}, []string{`{"n":1000,"flag":false}`}},
		{`{ $.a = 1 || $.b = 1 && $.c = 1 }`, []string{`{"a":1}`, `{"b":1,"c":1}`}, []string{`{"b":1}`, `{"c":1}`}},
		{`{ ($.a = 1 || $.b = 1) && $.c = 1 }`, []string{`{"a":1,"c":1}`}, []string{`{"a":1}`, `{"b":1}`}},
		{`{ ($.user.id = 1) && (($.users[0].email = "a@b.c") || ($.x NOT EXISTS)) }`, []string{`{"user":{"id":1}}`}, []string{`{"user":{"id":1},"x":1}`}},
		{`{ $.a = 2 }`, []string{`{"a":1,"a":2}`, `{"\u0061":2}`}, []string{`{"a":2,"a":1}`}},

		// space-delimited
		{`[ip, server, user, timestamp, request, status, bytes]`, []string{access}, []string{"a b c", access + " x"}},
		{`[ip, server, user, timestamp, request, status = 404, bytes]`, []string{access}, []string{strings.Replace(access, "404", "200", 1)}},
		{`[ip, server, user, timestamp, request, status = 4*, bytes]`, []string{access}, []string{strings.Replace(access, "404", "200", 1)}},
		{`[ip, ..., status = 4*, bytes]`, []string{access}, []string{strings.Replace(access, "404", "200", 1), "404"}},
		{`[..., bytes > 1000]`, []string{access, "1001"}, []string{"a 1000", "a b"}},
		{`[ip = 127.0.*, ...]`, []string{access}, []string{"10.0.0.1 x"}},
		{`[ip, server, user, timestamp, request = "*html*", status, bytes]`, []string{access}, []string{strings.Replace(access, ".html", "", 1)}},
		{`[ip, server, user, timestamp = 10/Oct/*, ...]`, []string{access}, []string{"a b c d"}},
		{`[ip, server, user != frank, ...]`, []string{"a b c"}, []string{access, "a b"}},
		{`[w1=ERROR, w2]`, []string{"ERROR x"}, []string{"WARN x", "ERROR", "ERROR x y"}},
		{`[w1=ERROR || w1=%WARN%, w2]`, []string{"ERROR x", "xWARNING y"}, []string{"INFO x"}},
		{`[w1!=ERROR && w1!=WARN, w2]`, []string{"INFO x"}, []string{"ERROR x", "WARN x"}},
		{`[w1=a || (w1!=b && w1!=c), ...]`, []string{"a", "d"}, []string{"b", "c x", ""}},
		{`[..., n >= 2.5 && n <= 1e1]`, []string{"x 2.5", "10"}, []string{"x 2", "11", "x"}},
		{`[a, ..., b]`, []string{"x y", "x 1 2 y"}, []string{"x", ""}},
		{`[...]`, []string{"", "x", access}, nil},
		{`[a="", ...]`, []string{`"" x`, `[] x`}, []string{"x"}},
	} {
		f, err := Parse(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, l := range c.yes {
			if !f.Match([]byte(l)) {
				t.Errorf("%s does not match %s", c.pattern, l)
			}
		}
		for _, l := range c.no {
			if f.Match([]byte(l)) {
				t.Errorf("%s matches %s", c.pattern, l)
			}
		}
	}
}

func TestOptionalTermsBesideOthersAreTold(t *testing.T) {
	f, err := Parse(`?ERROR ?"a b" -x`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Ignored(), " "); got != `?ERROR ?"a b"` {
		t.Errorf("ignored: %s", got)
	}
}

func TestSyntaxErrorsShowThePlace(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`"BAD`, `filter pattern: at its end (character 5): want a quote " that closes the one at character 1`},
		{`%abc`, `filter pattern: at its end (character 5): want a % that closes the one at character 1`},
		{`a "b"c`, `filter pattern: at character 6, before "c": want a blank after the quote`},
		{`foo(bar)`, `filter pattern: at character 4, before "(bar)": want double quotes around a term with "[]{}()`},
		{`a -`, `filter pattern: at its end (character 4): want a term`},
		{`? a`, `filter pattern: at character 2, before " a": want a term`},
		{`%a% %b% %c%`, `filter pattern: at character 9, before "%c%": want at most 2 regular expressions in a pattern`},
		{`%a(b%`, "filter pattern: at character 2, before \"a(b%\": want a regular expression: missing closing ): `a(b`"},
		{`%(?i)a%`, `filter pattern: at character 2, before "(?i)a%": want no (?...): CloudWatch knows no flags and nothing that looks around`},
		{`{ $.a == 1 }`, `filter pattern: at character 8, before "= 1 }": want a value after the operator: = != > >= < <= are all there are, IS NULL, IS TRUE, IS FALSE or NOT EXISTS`},
		{`{ $.a }`, `filter pattern: at character 7, before "}": want an operator: = != > >= < <=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS`},
		{`{ $.a = }`, `filter pattern: at character 9, before "}": want a value: a number, a word, "a text" or %a regular expression%`},
		{`{ a = 1 }`, `filter pattern: at character 3, before "a = 1 }": want a field such as $.a.b[0], or (`},
		{`{ $a = 1 }`, `filter pattern: at character 4, before "a = 1 }": want a . or [ after $`},
		{`{ $.a[x] = 1 }`, `filter pattern: at character 7, before "x] = 1 }": want a number, * or the quoted name of a field between [ and ]`},
		{`{ $.a > "b" }`, `filter pattern: at character 9, before "\"b\" }": want a number after > >= < <=`},
		{`{ $.a IS NOT NULL }`, `filter pattern: at character 10, before "NOT NULL }": want NULL, TRUE or FALSE after IS`},
		{`{ $.a EXISTS }`, `filter pattern: at character 7, before "EXISTS }": want an operator, IS or NOT EXISTS; for a field that exists write $.field = "*"`},
		{`{ ($.あ = 1 }`, `filter pattern: at character 12, before "}": want &&, || or a ) that closes the ( at character 3`},
		{`{ $.a = 1 & $.b = 1 }`, `filter pattern: at character 11, before "& $.b = 1 }": want &&, || or the closing }`},
		{`{ $.a = 1 } x`, `filter pattern: at character 13, before "x": want nothing after the closing }`},
		{`{ $.a = 1`, `filter pattern: at its end (character 10): want &&, || or the closing }`},
		{`{}`, `filter pattern: at character 2, before "}": want a field such as $.a.b[0], or (`},
		{`[a, b`, `filter pattern: at its end (character 6): want a comma, &&, || or the closing ]`},
		{`[a, a]`, `filter pattern: at character 5, before "a]": want another name: there is a field a already`},
		{`[..., ...]`, `filter pattern: at character 7, before "...]": want one ellipsis (...) at most`},
		{`[a=1 || b=1]`, `filter pattern: at character 9, before "b=1]": want the name of this field, a`},
		{`[a && a=1]`, `filter pattern: at character 10, before "]": want a test on each side of && and ||`},
		{`[]`, `filter pattern: at character 2, before "]": want the name of a field, or ...`},
		{`[a] b`, `filter pattern: at character 5, before "b": want nothing after the closing ]`},
		{"{ " + strings.Repeat("(", 65) + "$.a = 1", `filter pattern: at character 67, before "($.a = 1": want parentheses at most 64 deep`},
		{strings.Repeat("あ", 1025), `filter pattern: at character 1025, before "あ": want at most 1024 characters`},
	} {
		if _, err := Parse(c.pattern); err == nil || err.Error() != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.pattern, err, c.want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, c := range []struct{ name, pattern, line string }{
		{"text", `ERROR -ARGUMENTS`, denied},
		{"json", `{ $.objectList[1].id = 2 && $.eventType = "Update*" }`, trail},
		{"space", `[ip, ..., status = 4*, bytes]`, access},
	} {
		f, err := Parse(c.pattern)
		if err != nil {
			b.Fatal(err)
		}
		line := []byte(c.line)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if !f.Match(line) {
					b.Fatal("it does not match")
				}
			}
		})
	}
}
