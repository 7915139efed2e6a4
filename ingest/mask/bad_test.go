package mask

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// Whatever a line holds, the time for it grows with its length alone.
func TestLongLinesTakeLinearTime(t *testing.T) {
	const size = 1 << 17
	m, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	took := func(unit string, n int) time.Duration {
		line := bytes.Repeat([]byte(unit), n/len(unit))
		best := time.Hour
		for range 2 {
			from := time.Now()
			m.Append(nil, line)
			best = min(best, time.Since(from))
		}
		return best
	}
	for _, unit := range []string{"x", "\x00", "\xff", "@", "a@", "a@b.", "eyJ", "eyJ.", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("A", 64) + "\n", "password=", "password=\"", "password=,",
		"://", "a://b:", "a://b:c@", "0", "0 ", "1 ", "0-", "4111 ", "090 ", "=", "：", "０", "--a ", "--password ", "<password>", "a>", "bearer ", "AKIAIOSFODNN7EXAMPLE ", "Cookie: a=", "1234567 口座", "口座1234567 ", "123-4567 ", "%40", "token: \\\"", "secret '"} {
		short, long := took(unit, size/16), took(unit, size)
		if long > 200*short && long > 2*time.Second {
			t.Errorf("%q: %s for %d KiB, but %s for %d", unit, short, size>>14, long, size>>10)
		}
		if long > 20*time.Second {
			t.Errorf("%q: %s for 128 KiB", unit, long)
		}
	}
}

func TestLinesThatAreNoText(t *testing.T) {
	m, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	big := append(bytes.Repeat([]byte("x"), 5<<20), " card 4111111111111111"...)
	if got := m.Append(nil, big); !bytes.HasSuffix(got, []byte("x card <card>")) || len(got) != len(big)-10 {
		t.Errorf("a line of 5 MiB ends as %q", got[len(got)-20:])
	}
	for _, l := range []said{
		{"", ""},
		{"\x00a@example.com\x00", "\x00<email>\x00"},
		{"\xff\xfea@example.com\xed\xa0\x80", "\xff\xfe<email>\xed\xa0\x80"},
		{"\xe3\x80 \xef \xef\xbc 口\xe5", "\xe3\x80 \xef \xef\xbc 口\xe5"},
	} {
		if got := string(m.Append(nil, []byte(l.line))); got != l.want {
			t.Errorf("%q: got %q, want %q", l.line, got, l.want)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{
		"a@b.co 090-1234-5678", "password=\"x\\\"y\"", "Authorization: Basic abcd", "https://a:b@c/", "4111-1111-1111-1111", "-----BEGIN PRIVATE KEY-----\nAAAA",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "〒100-0001", "口座 1234567", "+81(0)90-1234-5678", "<password>x</password>", "--token abcdef1", "ｔ＠ｅ．ｊｐ", "x=<email>",
	} {
		f.Add([]byte(s))
	}
	m, err := New(Config{Own: []Rule{{"own", `id=(\w*\d)`}, {"word", `\bzz\w+`}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		at := 0
		m.Find(line, func(k Kind, from, to int) {
			if from < at || to <= from || to > len(line) {
				t.Fatalf("%s: [%d, %d) after %d of %d", k, from, to, at, len(line))
			}
			at = to
		})
		once := m.Append(nil, line)
		if twice := m.Append(nil, once); !bytes.Equal(once, twice) {
			t.Fatalf("%q\nis masked as %q\nand that as   %q", line, once, twice)
		}
	})
}
