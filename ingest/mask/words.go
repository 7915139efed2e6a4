package mask

import (
	"bytes"
	"slices"
)

// words say what a number after them is.
type words struct {
	within int      // bytes before the number
	wide   [][]byte // Japanese
	// Names in lower case, without _ - and blanks, as they stand before a number: a
	// word with filling words behind it says what the number is, the end of one may do
	// so with what stands before it.
	names map[string]bool // true = it says so
	ends  [1 << 10]bool   // the last two letters of those: most names are told by them alone
}

// fillings are words that may stand between what a number is and the number.
var fillings = [...]string{"", "is", "no", "number", "num", "of", "id", "code", "value", "jp", "card", "numberis", "nois"}

func wordsOf(within int, latin []string, wide ...string) *words {
	w := &words{within: within, names: map[string]bool{}}
	for _, x := range wide {
		w.wide = append(w.wide, []byte(x))
	}
	for _, f := range fillings {
		for _, x := range latin {
			for k := range x {
				w.add(x[k:]+f, k == 0)
			}
		}
		w.add(f, false)
	}
	return w
}

// add takes in what may stand before a number.
func (w *words) add(name string, says bool) {
	w.names[name] = w.names[name] || says
	if n := len(name); n > 1 {
		w.ends[lastTwo(name[n-2], name[n-1])] = true
	}
}

func lastTwo(a, b byte) int { return int(a&31)<<5 | int(b&31) }

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
	return w.before(t)
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

// before looks at the names that end t, up to three words of them ("postal code
// is 1234567"), as one and apart.
func (w *words) before(t []byte) bool {
	var n name
	for k := len(t); k > 0 && n.n < maxKey; k-- {
		c := lower(t[k-1])
		if isAlnum(c) {
			n.n++
			n.buf[maxKey-n.n] = c
			if k > 1 && isAlnum(t[k-2]) && !(isLower(t[k-2]) && isUpper(t[k-1])) {
				continue
			}
			if n.n > 1 && !w.ends[lastTwo(n.buf[maxKey-2], n.buf[maxKey-1])] {
				return false
			}
			says, mayGoOn := w.names[string(n.buf[maxKey-n.n:])]
			if says || !mayGoOn {
				return says
			}
		}
	}
	return false
}
