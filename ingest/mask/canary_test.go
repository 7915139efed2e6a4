package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// dice makes canaries: values that never were anybody's.
type dice struct{ *rand.Rand }

func (d dice) of(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.IntN(len(alphabet))]
	}
	return string(b)
}

func (d dice) one(of ...string) string { return of[d.IntN(len(of))] }

const (
	digitsOnly = "0123456789"
	small      = "abcdefghijklmnopqrstuvwxyz"
	capital    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base64All  = capital + small + digitsOnly + "+/"
	urlAll     = capital + small + digitsOnly + "-_"
)

func wideForm(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xFEE0
		}
		return r
	}, s)
}

// canary is a secret, and how it stands in a text: %s.
type canary struct{ secret, in string }

// canaries makes one of each kind.
var canaries = map[Kind]func(d dice) canary{
	Email: func(d dice) canary {
		a := d.of(small, 5) + d.one("", ".", "_", "+") + d.of(small+digitsOnly, 4) + "@" + d.of(small, 6) + d.one(".com", ".co.jp", ".example.org", "-x.net")
		return canary{d.one(a, a, wideForm(a), strings.Replace(a, "@", "%40", 1)), d.one("%s", "to <%s>", "mail=%s", "メール：%sへ", "mailto:%s")}
	},
	AWSKey: func(d dice) canary {
		return canary{d.one("AKIA", "ASIA") + d.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), d.one("%s", "key %s", "AWS_ACCESS_KEY_ID=%s", "Credential=%s/20260101", "'%s'")}
	},
	AWSSecret: func(d dice) canary {
		return canary{d.of(base64All, 40), d.one("aws_secret_access_key=%s", "AWS_SECRET_ACCESS_KEY: %s", "SecretAccessKey=%s", "secretKey = %s", "AKIAIOSFODNN7EXAMPLE %s")}
	},
	JWT: func(d dice) canary {
		part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
		return canary{part(`{"alg":"HS256","kid":"`+d.of(small, 5)+`"}`) + "." + part(`{"sub":"`+d.of(digitsOnly, 9)+`"}`) + "." + d.of(urlAll, 43), d.one("%s", "id %s", "Bearer%%20%s", "cookie is %s")}
	},
	Token: func(d dice) canary {
		return canary{d.of(urlAll, 16+d.IntN(30)), d.one("Authorization: Bearer %s", "authorization=%s", "GET /x?access_token=%s&a=1", "token=%s", "X-Api-Key: %s", "client_secret: %s", "bearer %s1", "refreshToken = %s", "--token %s", "トークン=%s")}
	},
	Password: func(d dice) canary {
		return canary{d.of(small+capital, 5) + d.of(digitsOnly+"!#$%*@^", 4) + d.of(small, 2), d.one("password=%s", "DB_PASSWORD=%s", "passwd: %s", "pwd=%s;", "--password %s", "パスワード：%s", "spring.datasource.password = %s", "user=a, password=%s, host=b")}
	},
	PrivateKey: func(d dice) canary {
		rows := []string{d.of(base64All, 64), d.of(base64All, 64), d.of(base64All, 64), d.of(base64All, 30) + "=="}
		kind := d.one("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")
		body := strings.Join(rows, "\n")
		end := d.one("\n-----END "+kind+"PRIVATE KEY-----", "\n-----END "+kind+"PRIVATE KEY-----", "")
		return canary{body, "-----BEGIN " + kind + "PRIVATE KEY-----\n%s" + end}
	},
	UserInfo: func(d dice) canary {
		return canary{d.of(small, 4) + ":" + d.of(small+digitsOnly, 8), d.one("https", "postgres", "redis", "amqp", "jdbc:mysql") + "://%s@" + d.one("db.example.com:5432/app", "10.0.0.1/x", "host")}
	},
	Card: func(d dice) canary {
		p := d.one("4", "51", "2221", "34", "37", "3528", "36", "6011", "62")
		n := map[string]int{"34": 15, "37": 15, "36": 14}[p]
		if n == 0 {
			n = 16
		}
		c := p + d.of(digitsOnly, n-1-len(p))
		for check := '0'; ; check++ {
			x := digits{n: n}
			copy(x.d[:], c+string(check))
			if luhn(&x) {
				c += string(check)
				break
			}
		}
		cut := map[int][]int{16: {4, 8, 12}, 15: {4, 10}, 14: {4, 10}}[n]
		apart := c
		for i := len(cut) - 1; i >= 0; i-- {
			apart = apart[:cut[i]] + "-" + apart[cut[i]:]
		}
		return canary{d.one(c, c, apart, strings.ReplaceAll(apart, "-", " "), wideForm(c), wideForm(apart)), d.one("%s", "card=%s", "カード番号%sの", "pan: %s.", "(%s)")}
	},
	MyNumber: func(d dice) canary {
		x := digits{n: 12}
		copy(x.d[:], d.of("3456789", 1)+d.of(digitsOnly, 10)+"0")
		for !myNumberCheck(&x) {
			x.d[11]++
		}
		c := string(x.d[:12])
		apart := c[:4] + "-" + c[4:8] + "-" + c[8:]
		return canary{d.one(c, apart, strings.ReplaceAll(apart, "-", " "), wideForm(c)), d.one("%s", "個人番号：%s", "mynumber=%s", "マイナンバー%sを登録")}
	},
	Corporate: func(d dice) canary {
		c := d.of(digitsOnly, 12)
		sum := 0
		for n := 1; n <= 12; n++ {
			sum += int(c[12-n]-'0') * (2 - n%2)
		}
		c = fmt.Sprint(9-sum%9) + c
		if c[0] == '1' {
			return canary{d.one(c, wideForm(c)), d.one("法人番号：%s", "corporate_number=%s", "T%s")}
		}
		return canary{d.one(c, c[:1]+"-"+c[1:5]+"-"+c[5:9]+"-"+c[9:], wideForm(c)), d.one("%s", "法人番号：%s", "corporate_number=%s")}
	},
	Phone: func(d dice) canary {
		four := func() string { return d.of("23456789", 1) + d.of(digitsOnly, 3) }
		c := d.one("03-"+four()+"-"+four(), "090-"+four()+"-"+four(), "080"+four()+four(), "045-"+four()[:3]+"-"+four(), "0422-"+four()[:2]+"-"+four(),
			"+81-3-"+four()+"-"+four(), "+8190"+four()+four(), "03("+four()+")"+four(), "090 "+four()+" "+four())
		return canary{d.one(c, c, wideForm(c)), d.one("%s", "tel:%s", "電話%sまで", "phone=%s", "(%s)")}
	},
	PostalCode: func(d dice) canary {
		c := d.of(digitsOnly, 3) + "-" + d.of(digitsOnly, 4)
		return canary{d.one(c, wideForm(c), strings.ReplaceAll(c, "-", "")), d.one("〒%s 東京都", "郵便番号：%s", "zip=%s", "postal_code: %s")}
	},
	BankAccount: func(d dice) canary {
		c := d.of(digitsOnly, 7)
		return canary{d.one(c, wideForm(c)), d.one("口座番号：%s", "普通 %s", "account_number=%s", "口座: 東京支店(101) 普通%s", "accountNo: %s")}
	},
	Licence: func(d dice) canary {
		c := d.of("123456789", 1) + d.of(digitsOnly, 11)
		return canary{d.one(c, wideForm(c)), d.one("免許証番号：%s", "運転免許 %s", "driver_license=%s", "license number: %s")}
	},
}

// places are where canaries are planted.
var places = map[string]func(k Kind, in string) string{
	"line":  func(_ Kind, in string) string { return "2026-11-30 09:15:00,123 INFO [main] c.e.App - " + in },
	"alone": func(_ Kind, in string) string { return in },
	"json": func(_ Kind, in string) string {
		b, err := json.Marshal(map[string]any{"ts": 1772409600000, "level": "info", "msg": "got " + in, "n": 1})
		if err != nil {
			panic(err)
		}
		return string(b)
	},
	"json in json": func(_ Kind, in string) string {
		b, _ := json.Marshal(in)
		b, _ = json.Marshal(map[string]string{"msg": `{"inner":` + string(b) + `}`})
		return string(b)
	},
	"stack trace": func(_ Kind, in string) string {
		return "java.lang.IllegalStateException: " + in + "\n\tat com.example.Foo.bar(Foo.java:12)\nCaused by: java.io.IOException: " + in + "\n\t... 12 more"
	},
}

// jsonKeys are the keys under which a value stands alone.
var jsonKeys = map[Kind]string{Token: "access_token", Password: "password", AWSSecret: "SecretAccessKey", PostalCode: "zipCode", BankAccount: "accountNumber", Licence: "licenseNumber", Corporate: "corporateNumber"}

func TestNoCanaryIsLeft(t *testing.T) {
	const n = 120
	for _, k := range Kinds() {
		m, err := New(Config{})
		if err != nil {
			t.Fatal(err)
		}
		d := dice{rand.New(rand.NewPCG(7, uint64(len(k))))}
		planted := 0
		for range n {
			c := canaries[k](d)
			for place, in := range places {
				planted++
				left(t, m, k, place, c.secret, in(k, fmt.Sprintf(c.in, c.secret)))
			}
			if key := jsonKeys[k]; key != "" {
				b, _ := json.Marshal(map[string]any{"a": 1, key: c.secret, "z": "x"})
				left(t, m, k, "json value", c.secret, string(b))
			}
		}
		c := m.Counts()
		t.Logf("%s: %d planted, %s", k, planted, c.String())
	}
}

// left fails where something of a canary can be read in what is masked: the
// whole of it, or a row.
func left(t *testing.T, m *Masker, k Kind, place, secret, line string) {
	t.Helper()
	got := m.Append(nil, []byte(line))
	for _, row := range strings.Split(secret, "\n") {
		quoted, _ := json.Marshal(row)
		for _, s := range []string{row, string(quoted[1 : len(quoted)-1])} {
			if bytes.Contains(got, []byte(s)) {
				t.Errorf("%s in a %s: %q is left of\n%s\nas\n%s", k, place, s, line, got)
				return
			}
		}
	}
	if again := m.Append(nil, got); !bytes.Equal(again, got) {
		t.Errorf("%s in a %s: masked once\n%s\nand twice\n%s", k, place, got, again)
	}
}
