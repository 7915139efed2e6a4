package mask

import (
	"strings"
	"testing"
)

// said is a line and what becomes of it.
type said struct{ line, want string }

func masks(t *testing.T, lines []said) {
	t.Helper()
	m, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		want := l.want
		if want == "" {
			want = l.line
		}
		got := string(m.Append(nil, []byte(l.line)))
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", l.line, got, want)
		}
		if again := string(m.Append(nil, []byte(got))); again != got {
			t.Errorf("%s\nmasked again: %s", got, again)
		}
	}
}

func TestAddresses(t *testing.T) {
	masks(t, []said{
		{"sent to taro.yamada+news@example.co.jp.", "sent to <email>."},
		{"from=<a@b.example.com>, size=1", "from=<<email>>, size=1"},
		{"連絡先:hanako@例 hanako@example.jpまで", "連絡先:hanako@例 <email>まで"},
		{"ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ です", "<email> です"},
		{"GET /u?mail=taro%40example.com&x=1", "GET /u?mail=<email>&x=1"},
		{`"john doe"@example.com wrote`, `<email> wrote`},
		{"09012345678@docomo.ne.jp", "<email>"},
		{"icon@2x.png getty@tty1.service java.lang.Object@1b2c3d user@localhost pkg@v1.2.3", ""},
		{"@ a@ @b.com a@b", ""},
		{"https://taro:p/ss@w0rd@db.example.com:5432/app?x=1", "https://<userinfo>@db.example.com:5432/app?x=1"},
		{"postgres://app:secret@db/app", "postgres://<userinfo>@db/app"},
		{"ssh://git@github.com/org/repo", "ssh://<userinfo>@github.com/org/repo"},
		{"http://host:8080/a@b/c http://example.com/@user", ""},
	})
}

func TestSecrets(t *testing.T) {
	const key = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	masks(t, []said{
		{"using AKIAIOSFODNN7EXAMPLE / wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY now", "using <aws-key> / <aws-secret> now"},
		{"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = <aws-secret>"},
		{`{"SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","AccessKeyId":"ASIAIOSFODNN7EXAMPLE"}`, `{"SecretAccessKey":"<aws-secret>","AccessKeyId":"<aws-key>"}`},
		{"XAKIAIOSFODNN7EXAMPLE AKIAIOSFODNN7EXAMPLES AKIAshort", ""},
		{"jwt " + key + ", ok", "jwt <jwt>, ok"},
		{"Authorization: Bearer " + key, "Authorization: Bearer <token>"},
		{"curl -H 'authorization: Basic dXNlcjpwYXNzd29yZA==' x", "curl -H 'authorization: Basic <token>' x"},
		{"sent bearer abc123def456 to it", "sent bearer <token> to it"},
		{"the bearer of bad news, Bearer authentication failed", ""},
		{"Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=fe5f80", "Authorization: AWS4-HMAC-SHA256 <token>"},
		{`{"user":"a","password":"p\"w,d","n":1}`, `{"user":"a","password":"<password>","n":1}`},
		{`{\"user\":\"a\",\"password\":\"hunter2\",\"n\":1}`, `{\"user\":\"a\",\"password\":\"<password>\",\"n\":1}`},
		{"{'DB_PASSWORD': 'hunter2', 'port': 1}", "{'DB_PASSWORD': '<password>', 'port': 1}"},
		{"password=P@ss,w;rd! next", "password=<password> next"},
		{"user=a,password=b,host=c", "user=a,password=<password>,host=c"},
		{"Login(name=bob, passwd=hunter2)", "Login(name=bob, passwd=<password>)"},
		{"<password>hunter2</password>", "<password><password></password>"},
		{"mysqldump --password hunter2 --host db", "mysqldump --password <password> --host db"},
		{"GET /cb?access_token=ab12cd34&state=1 HTTP/1.1", "GET /cb?access_token=<token>&state=1 HTTP/1.1"},
		{"x-api-key: 0a1b2c3d4e", "x-api-key: <token>"},
		{"Cookie: sid=31d4d96e407aad42; lang=ja", "Cookie: <token>"},
		{"パスワード：ひみつ123 です", "パスワード：<password> です"},
		{"Failed password for root from 10.0.0.1 port 22 ssh2", ""},
		{"unexpected token: ;, invalid token: expired, password: null, password=, token=***", ""},
		{"pass: 12 fail: 3 pass=12 PWD=/root pwd: ~/x, pass=hunter2 pwd=hunter2", "pass: 12 fail: 3 pass=12 PWD=/root pwd: ~/x, pass=<password> pwd=<password>"},
		{"bypass=5 compass: north tokens: 512 cookie=0x1234 cookie: 12", ""},
	})
}

func TestPrivateKeys(t *testing.T) {
	body := strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n", 3)
	masks(t, []said{
		{"java.lang.X: bad key\n\tat a.b\n-----BEGIN RSA PRIVATE KEY-----\n" + body + "abc=\n-----END RSA PRIVATE KEY-----\n\tat c.d", "java.lang.X: bad key\n\tat a.b\n<private-key>\n\tat c.d"},
		{`{"key":"-----BEGIN PRIVATE KEY-----\n` + strings.ReplaceAll(body, "\n", `\n`) + `-----END PRIVATE KEY-----\n"}`, `{"key":"<private-key>\n"}`},
		{"-----BEGIN EC PRIVATE KEY-----\n" + body + "qrs=\nand so on", "<private-key>\nand so on"},
		{"-----BEGIN PGP PRIVATE KEY BLOCK-----\n" + body + "-----END PGP PRIVATE KEY BLOCK----- x", "<private-key> x"},
		{"-----BEGIN CERTIFICATE-----", ""},
		{body[:64], "<private-key>"},
		{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ""},
	})
}

func TestNumbers(t *testing.T) {
	masks(t, []said{
		{"card 4111111111111111 ok", "card <card> ok"},
		{"card 4111-1111-1111-1111, 5500 0000 0000 0004, 3782-822463-10005", "card <card>, <card>, <card>"},
		{"カード４１１１１１１１１１１１１１１１です", "カード<card>です"},
		{"card 4111111111111112 x4111111111111111 0.4111111111111111 blk_4111111111111111 -4111111111111111", ""},
		{"a,4111111111111111,b {\"pan\":4111111111111111} 4111111111111111.", "a,<card>,b {\"pan\":<card>} <card>."},
		{"epoch 1514038530000 1772409600000000 1772409600000000000", ""},
		{"マイナンバー:123456789018", "マイナンバー:<mynumber>"},
		{"id 1234-5678-9018 and 123456789012", "id <mynumber> and 123456789012"},
		{"arn:aws:iam::123456789018:role/x account 123456789018 at 202611301553", ""},
		{"法人番号 7000012050002, T7000012050002 and 7000012050003", "法人番号 <corporate-number>, T<corporate-number> and 7000012050003"},
	})
}

func TestJapan(t *testing.T) {
	masks(t, []said{
		{"tel 03-1234-5678 / 090-1234-5678 / 0120-123-456 / 0422-12-3456", "tel <phone> / <phone> / <phone> / <phone>"},
		{"03(1234)5678 (03)1234-5678 ０９０－１２３４－５６７８ 03ー1234ー5678", "<phone> (<phone> <phone> <phone>"},
		{"Tel.03-1234-5678 TEL09012345678 x09012345678 (03-1234-5678/03-1234-5679)", "Tel.<phone> TEL<phone> x09012345678 (<phone>/<phone>)"},
		{"+81-3-1234-5678 +819012345678 +81(0)90-1234-5678 %2B819012345678 %2009012345678", "<phone> <phone> <phone> <phone> %20<phone>"},
		{`{"phone":"0312345678","n":"0312345678901"}`, `{"phone":"<phone>","n":"0312345678901"}`},
		{"0123456789 1234567890 2026-03-1234-5678 00-1234-5678 08:03-1234", ""},
		{"〒100-0001 東京都, 郵便番号 1500002, zip: 123-4567, 123-4567", "〒<postal-code> 東京都, 郵便番号 <postal-code>, zip: <postal-code>, 123-4567"},
		{"口座番号 1234567, 普通 7654321 and order 1234567", "口座番号 <bank-account>, 普通 <bank-account> and order 1234567"},
		{`{"accountNumber":"1234567","account":"7654321"}`, `{"accountNumber":"<bank-account>","account":"7654321"}`},
		{"免許証番号 301234567890 driver license 621234567890", "免許証番号 <licence> driver license <licence>"},
	})
}

func TestOwnRules(t *testing.T) {
	m, err := New(Config{Off: []Kind{Email}, Own: []Rule{{"order-number", `ORD-\d{6}`}, {"member", `member[ =](\w+)`}, {"all", `secret: (.*)`}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []said{
		{"ORD-123456 of member=taro, a@example.com", "<order-number> of member=<member>, a@example.com"},
		{"secret: card 4111111111111111 and more", "secret: <all>"},
		{"member 4111111111111111 tel 090-1234-5678", "member <member> tel <phone>"},
		{"member=<member> member=<email>", "member=<member> member=<email>"},
	} {
		got := string(m.Append(nil, []byte(l.line)))
		if got != l.want {
			t.Errorf("%s\n got %s\nwant %s", l.line, got, l.want)
		}
		if again := string(m.Append(nil, []byte(got))); again != got {
			t.Errorf("%s\nmasked again: %s", got, again)
		}
	}
	c := m.Counts()
	if got := c.String(); got != "3 of 8 lines: phone 1, order-number 1, member 2, all 1" {
		t.Errorf("counts: %s", got)
	}
	f := m.Fork()
	f.Append(nil, []byte("ORD-123456 090-1234-5678"))
	c.Merge(f.Counts())
	if c.Lines != 9 || c.Of("order-number") != 2 || c.Of(Phone) != 2 {
		t.Errorf("merged: %s", c.String())
	}
}

func TestBadRulesAreNamed(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Own: []Rule{{"x", "a("}}}, "mask: rule 1 (x): missing closing ): `a(`"},
		{Config{Own: []Rule{{"x", "a"}, {"x", "b"}}}, "mask: rule 2 (x): a rule of that name stands above"},
		{Config{Own: []Rule{{"Order No", "a"}}}, `mask: rule 1 (Order No): name "Order No": want at most 32 lower-case letters and dashes, such as order-number`},
		{Config{Own: []Rule{{"email", "a"}}}, "mask: rule 1 (email): the name is that of a kind which the program masks itself"},
		{Config{Own: []Rule{{"x", "a*"}}}, "mask: rule 1 (x): the pattern matches the empty text, and so everywhere"},
		{Config{Own: []Rule{{"x", "(a)(b)"}}}, "mask: rule 1 (x): 2 capturing groups: want at most one, around what is masked; write (?:...) for the others"},
		{Config{Off: []Kind{"phone", "cards"}}, `mask: off: "cards": no such kind (want one of email, aws-key, aws-secret, jwt, token, password, private-key, userinfo, card, mynumber, corporate-number, phone, postal-code, bank-account, licence)`},
	} {
		if _, err := New(c.config); err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v\nwant %s", c.config, err, c.want)
		}
	}
}

// What stands behind the time of a line is masked as it is where no time is passed
// over: with a bracket before it none is.
func TestBehindATime(t *testing.T) {
	m, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, time := range []string{"2026-01-02T03:04:", "2026/11/30 23:59:", "0026-01-02 03:04:", "2026-01-02 03:04-"} {
		for _, rest := range []string{"05 tel 03-1234-5678", "090-1234-5678", "05.123 4111 1111 1111 1111", "05 zip 123-4567", "+81 90 1234 5678", "05Z a@example.com", "05,678 口座 1234567", "0123456789", "05 x"} {
			want := m.Append(nil, []byte("["+time+rest))[1:]
			if got := m.Append(nil, []byte(time+rest)); string(got) != string(want) {
				t.Errorf("%s%s: got %s, want %s", time, rest, got, want)
			}
		}
	}
}
