package mask

import (
	"bytes"
	"slices"
	"strings"
)

// match says what the groups from g on are, if anything.
func (s *scan) match(g int) (span, bool) {
	if !s.likely(g) {
		return span{}, false
	}
	ok, loose := s.begins(g)
	x := s.chain.groups[g]
	if !ok && !loose {
		return s.invoice(g)
	}
	if sp, ok := s.phone(g); ok {
		return sp, true
	}
	if k := s.cardGroups(g); k > 0 {
		return s.span(card, g, k), true
	}
	if loose {
		return span{}, false
	}
	switch {
	case s.shape(g, 12) && s.ends(g):
		return s.twelve(g, 1)
	case s.shape(g, 4, 4, 4) && s.even(g, 3) && s.ends(g+2) && (s.chain.n == 3 || s.chain.groups[g+1].sep == '-' || s.says(x.from, myNumberWords)):
		return s.twelve(g, 3)
	case s.shape(g, 13) && s.ends(g):
		return s.corporate(g, 1, false)
	case s.shape(g, 1, 4, 4, 4) && s.even(g, 4) && s.ends(g+3):
		return s.corporate(g, 4, true)
	case s.shape(g, 3, 4) && s.chain.groups[g+1].sep == '-' && s.ends(g+1):
		return s.postal(g, 2)
	case s.shape(g, 7) && s.ends(g):
		return s.seven(g)
	}
	return span{}, false
}

// likely is the first look at the groups from g on: how long they are.
func (s *scan) likely(g int) bool {
	c := &s.chain
	x := &c.groups[g]
	if x.n >= 7 || c.plus && g == 0 {
		return x.n != 8 && x.n != 9
	}
	if g+1 >= c.n || x.n > 5 {
		return false
	}
	if c, _ := fold(s.text, x.from); c == '0' {
		return true
	}
	next := c.groups[g+1].n
	return next == 4 && (x.n == 1 || x.n == 3 || x.n == 4) || next == 6 && x.n == 4
}

func (s *scan) span(kind, g, k int) span {
	return span{kind, s.chain.groups[g].from, s.chain.groups[g+k-1].to}
}

// invoice finds T and a corporate number: that of a qualified invoice.
func (s *scan) invoice(g int) (span, bool) {
	from := s.chain.groups[g].from
	if g > 0 || !s.shape(g, 13) || !s.ends(g) || s.before(from) != 'T' || isWord(s.before(from-1)) {
		return span{}, false
	}
	return s.corporate(g, 1, true)
}

// cardGroups says how many groups from g on are a card number; 0 = none.
func (s *scan) cardGroups(g int) int {
	n := 1
	switch x := s.chain.groups[g].n; {
	case x >= 13 && x <= 19:
	case x != 4 || g+2 >= s.chain.n:
		return 0
	case s.shape(g, 4, 4, 4, 4, 3):
		n = 5
	case s.shape(g, 4, 4, 4, 4), s.shape(g, 4, 4, 4, 1):
		n = 4
	case s.shape(g, 4, 6, 5), s.shape(g, 4, 6, 4):
		n = 3
	default:
		return 0
	}
	var d digits
	for ; n > 0; n-- {
		if n > 1 && !s.even(g, n) || !s.ends(g+n-1) {
			continue
		}
		if s.take(g, n, &d); issuer(&d) && luhn(&d) {
			return n
		}
	}
	return 0
}

// issuer says whether digits begin and are as long as those of a card: Visa,
// Mastercard, American Express, JCB, Diners, Discover, UnionPay, Maestro.
func issuer(d *digits) bool {
	if d.n < 13 {
		return false
	}
	p := 0
	for _, c := range d.d[:4] {
		p = p*10 + int(c-'0')
	}
	p2, p3 := p/100, p/10
	switch {
	case p2/10 == 4:
		return d.n == 13 || d.n == 16 || d.n == 19
	case p2 >= 51 && p2 <= 55, p >= 2221 && p <= 2720:
		return d.n == 16
	case p2 == 34 || p2 == 37:
		return d.n == 15
	case p >= 3528 && p <= 3589:
		return d.n >= 16
	case p2 == 36 || p2 == 38 || p2 == 39 || p3 >= 300 && p3 <= 305:
		return d.n == 14 || d.n == 16
	case p == 6011 || p2 == 65 || p3 >= 644 && p3 <= 649, p2 == 62 || p2 == 81:
		return d.n >= 16
	case p == 5018 || p == 5020 || p == 5038 || p == 6304 || p == 6759 || p >= 6761 && p <= 6763:
		return d.n >= 13
	}
	return false
}

// luhn checks the last digit by ISO/IEC 7812-1, annex B.
func luhn(d *digits) bool {
	sum := 0
	for i := range d.n {
		v := int(d.d[d.n-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// twelve tells a licence and My Number from other twelve digits.
func (s *scan) twelve(g, k int) (span, bool) {
	var d digits
	s.take(g, k, &d)
	from := s.chain.groups[g].from
	switch {
	case s.says(from, licenceWords):
		// 免許証番号: the first two digits are a prefecture's, 10 to 97. The rule of its
		// check digit is not published by those who issue it.
		return s.span(licence, g, k), d.d[0] != '0'
	case s.says(from, myNumberWords):
		return s.span(myNumber, g, k), true // also a mistyped one
	case !myNumberCheck(&d):
		return span{}, false
	case k == 1 && (s.inARN(g) || s.says(from, accountWords) || stampLike(&d)):
		return span{}, false
	}
	return s.span(myNumber, g, k), true
}

// myNumberCheck checks the last digit: 総務省令第85号 (2014), 5.
func myNumberCheck(d *digits) bool {
	sum := 0
	for n := 1; n <= 11; n++ {
		q := n + 1
		if n > 6 {
			q = n - 5
		}
		sum += int(d.d[11-n]-'0') * q
	}
	check := 11 - sum%11
	if check > 9 {
		check = 0
	}
	return int(d.d[11]-'0') == check
}

// inARN says whether colons stand on both sides of a group, as around the
// account in an ARN.
func (s *scan) inARN(g int) bool {
	x := s.chain.groups[g]
	return s.before(x.from) == ':' && x.to < len(s.text) && s.text[x.to] == ':'
}

// stampLike says whether twelve digits read as a time: 202611301559.
func stampLike(d *digits) bool {
	two := func(i int) int { return int(d.d[i]-'0')*10 + int(d.d[i+1]-'0') }
	century := two(0)
	return (century == 19 || century == 20) && two(4) >= 1 && two(4) <= 12 && two(6) >= 1 && two(6) <= 31 && two(8) < 24 && two(10) < 60
}

// corporate checks 13 digits: 財務省令第70号 (2014), 2: the first is the check
// digit. Milliseconds since the epoch begin with 1, and one in nine has the
// right one: these are masked only where a word says what they are, or their form
// does (said).
func (s *scan) corporate(g, k int, said bool) (span, bool) {
	var d digits
	s.take(g, k, &d)
	sum := 0
	for n := 1; n <= 12; n++ {
		sum += int(d.d[13-n]-'0') * (2 - n%2)
	}
	if int(d.d[0]-'0') != 9-sum%9 || d.d[0] == '1' && !said && !s.says(s.chain.groups[g].from, corporateWords) {
		return span{}, false
	}
	return s.span(corporate, g, k), true
}

// postal finds 123-4567 or 1234567 where 〒 or a word says so.
func (s *scan) postal(g, k int) (span, bool) {
	if !s.says(s.chain.groups[g].from, postalWords) {
		return span{}, false
	}
	return s.span(postalCode, g, k), true
}

// seven tells bank accounts and postal codes from other seven digits.
func (s *scan) seven(g int) (span, bool) {
	if sp, ok := s.postal(g, 1); ok {
		return sp, true
	}
	if !s.says(s.chain.groups[g].from, bankWords) {
		return span{}, false
	}
	return s.span(bankAccount, g, 1), true
}

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
