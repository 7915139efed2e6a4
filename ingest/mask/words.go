package mask

import (
	"bytes"
	"slices"
	"strings"
)

// words say what a number after them is.
type words struct {
	within int      // bytes before the number
	wide   [][]byte // Japanese
	latin  []string // as the end of a name, in lower case, without _ - and blanks
}

func wordsOf(within int, latin []string, wide ...string) *words {
	w := &words{within: within, latin: latin}
	for _, x := range wide {
		w.wide = append(w.wide, []byte(x))
	}
	return w
}

var (
	licenceWords   = wordsOf(48, []string{"licence", "license", "licensenumber", "licencenumber", "licenseno", "licenceno", "dlnumber", "dlno", "menkyo", "menkyosho", "menkyobango"}, "免許")
	myNumberWords  = wordsOf(48, []string{"mynumber", "individualnumber", "kojinbango", "kojinbangou"}, "マイナンバー", "個人番号")
	accountWords   = wordsOf(24, []string{"account", "accountid", "awsaccount", "owner", "ownerid", "accountnumber"})
	corporateWords = wordsOf(48, []string{"corporatenumber", "houjinbangou", "hojinbango", "houjinbango", "hojinbangou", "houjin", "hojin", "corporate", "corpno", "corpnumber", "corpid", "corporateno", "companynumber", "corporateid"}, "法人番号", "登録番号")
	postalWords    = wordsOf(24, []string{"postalcode", "postcode", "zip", "zipcode", "postal", "yubin", "yubinbango", "yuubinbangou"}, "〒", "郵便番号")
	bankWords      = wordsOf(72, []string{"accountnumber", "accountno", "acctno", "bankaccount", "accountnum", "acct", "kouza", "koza", "kouzabangou", "kozabango"}, "口座", "普通", "当座", "預金")
	phoneWords     = wordsOf(32, []string{"tel", "phone", "phonenumber", "telephone", "fax", "mobile", "msisdn", "telno", "phoneno", "contact", "caller", "callee", "cell", "cellphone", "mobilephone", "denwa", "denwabangou", "keitai"}, "電話", "携帯", "連絡先", "ファックス", "TEL", "ＴＥＬ")
)

// says says whether one of the words stands before i.
func (s *scan) says(i int, w *words) bool {
	t := s.text[max(s.floor, i-w.within):i]
	if nl := bytes.LastIndexByte(t, '\n'); nl >= 0 {
		t = t[nl+1:]
	}
	t = afterMasked(t)
	if !ascii(t) {
		for _, x := range w.wide {
			if bytes.Contains(t, x) {
				return true
			}
		}
	}
	return s.saysLatin(t, w.latin)
}

func ascii(t []byte) bool {
	for _, c := range t {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// afterMasked cuts t behind its last placeholder: the words before that are
// about what is masked. One that ends t is an element: <phone>0312345678.
func afterMasked(t []byte) []byte {
	for k := len(t) - 2; k > 0; k-- {
		if t[k] != '>' {
			continue
		}
		if from := bytes.LastIndexByte(t[:k], '<'); from >= 0 && slices.Contains(names[:], Kind(t[from+1:k])) {
			return t[k+1:]
		}
	}
	return t
}

// saysLatin looks at the names just before a number, up to three words of them
// ("postal code is 1234567"), as one and apart.
func (s *scan) saysLatin(t []byte, words []string) bool {
	var n name
	for k := len(t); k > 0 && n.n < maxKey; k-- {
		c := lower(t[k-1])
		if isAlnum(c) {
			n.n++
			n.buf[maxKey-n.n] = c
			if k > 1 && isAlnum(t[k-2]) && !(isLower(t[k-2]) && isUpper(t[k-1])) {
				continue
			}
			if hasWord(&n, words) {
				return true
			}
			if !mayGoOn(&n, words) {
				return false
			}
		}
	}
	return false
}

// hasWord says whether what was read so far begins with one of the words, and
// no more than filling words follow it.
func hasWord(n *name, words []string) bool {
	have := n.buf[maxKey-n.n:]
	for _, w := range words {
		if len(have) >= len(w) && string(have[:len(w)]) == w && filling(have[len(w):]) {
			return true
		}
	}
	return false
}

// mayGoOn says whether what was read so far can be the end of one of the words,
// with or without filling words behind it.
func mayGoOn(n *name, words []string) bool {
	have := string(n.buf[maxKey-n.n:])
	if filling([]byte(have)) {
		return true
	}
	for _, w := range words {
		for k := len(have); k > 0; k-- {
			if strings.HasSuffix(w, have[:k]) && filling([]byte(have[k:])) {
				return true
			}
		}
	}
	return false
}

// filling are words that may stand between what a number is and the number.
func filling(b []byte) bool {
	switch string(b) {
	case "", "is", "no", "number", "num", "of", "id", "code", "value", "jp", "card", "numberis", "nois":
		return true
	}
	return false
}
