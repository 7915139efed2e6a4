package mask

// Limits of a chain of numbers. Nothing that is masked has more than most
// groups, or digits.
const (
	maxGroups = 12
	mostParts = 5
	maxDigits = 19
)

// group is a run of digits within a chain.
type group struct {
	from, to int
	n        int  // digits
	sep      byte // what stands before it: ' ' '-' '(' ')', 0 = nothing of the kind
}

// chain is what digits with single separators between them make up: a date, a
// telephone number, columns of numbers.
type chain struct {
	groups [maxGroups]group
	n      int
	plus   bool // "+" stands before it
}

// digits are those of some groups, one behind the other.
type digits struct {
	d [maxDigits + 1]byte
	n int
}

func (d *digits) is(i int, c byte) bool { return i < d.n && d.d[i] == c }

// number looks at the digits at i and returns what they are, or where to look
// on.
func (s *scan) number(i int) (sp span, to int, ok bool) {
	i = s.afterEscape(i)
	if k := s.plainNumber(i); k > 0 {
		return span{}, k, false
	}
	to = s.gather(i)
	c := &s.chain
	total := 0
	for _, g := range c.groups[:c.n] {
		total += g.n
	}
	if total < 7 {
		return span{}, to, false
	}
	for g := range c.n {
		if g > 0 && c.n == maxGroups && c.n-g < mostParts+1 {
			return span{}, c.groups[g].from, false // the rest is looked at with what follows it
		}
		if sp, ok := s.match(g); ok {
			return sp, to, true
		}
	}
	return span{}, to, false
}

// plainNumber passes over what most digits are (a time, a counter, columns of
// numbers), by the lengths of the groups alone, and returns where they end; 0 =
// they have to be looked at.
func (s *scan) plainNumber(i int) int {
	t := s.text
	if i > 0 && (t[i-1] == '+' || t[i-1] == '(' || t[i-1] == 'B' || t[i-1] >= 0x80) { // +81
		return 0
	}
	before, zero := 0, false // digits of the group before, and whether it begins with 0
	for groups := 0; ; groups++ {
		k := i
		for k < len(t) && isDigit(t[k]) {
			k++
		}
		n := k - i
		if n == 0 || groups == maxGroups || before > 0 && pair(before, n, zero) {
			return 0
		}
		switch {
		case n == 7 || n >= 12 && n <= maxDigits:
			return 0
		case n == 10 || n == 11: // of a telephone
			if t[i] == '0' {
				return 0
			}
		}
		if k+1 >= len(t) || !joins[t[k]] {
			return k
		}
		if t[k] >= 0x80 || !isDigit(t[k+1]) && joins[t[k+1]] || t[k] == '(' || t[k] == ')' {
			return 0
		}
		if !isDigit(t[k+1]) {
			return k
		}
		before, zero, i = n, t[i] == '0', k+1
	}
}

// pair says whether two groups may stand beside each other in a number.
func pair(a, b int, zero bool) bool {
	switch a {
	case 1:
		return b == 4
	case 2:
		return zero && (b == 4 || b == 8)
	case 3:
		return b == 4 || zero && (b == 3 || b == 7 || b == 8)
	case 4:
		return b == 4 || b == 6 || zero && (b == 2 || b == 3)
	case 5:
		return zero && b == 1
	}
	return false
}

// joins are the bytes with which something begins that may stand between the
// groups of a number, or a full-width digit.
var joins = func() (t [256]bool) {
	t[' '], t['-'], t['('], t[')'], t[0xE2], t[0xE3], t[wide] = true, true, true, true, true, true, true
	return t
}()

// afterEscape passes over the two digits of an escaped byte: in %2009012345678
// the number begins after the blank.
func (s *scan) afterEscape(i int) int {
	t := s.text
	if s.before(i) == '%' && i+2 < len(t) && isHex(t[i+1]) && isDigit(t[i+2]) {
		return i + 2
	}
	return i
}

// gather reads a chain at i and returns where it ends.
func (s *scan) gather(i int) int {
	c := &s.chain
	c.n, c.plus = 0, false
	var sep byte
	if i > s.floor {
		b, n := foldBefore(s.text, i)
		switch {
		case b == '+':
			c.plus = true
		case b == '(':
			sep = '('
			if i-n > s.floor {
				p, _ := foldBefore(s.text, i-n)
				c.plus = p == '+'
			}
		case b == 'B' && s.escaped(i) && s.text[i-2] == '2': // %2B
			c.plus = true
		}
	}
	for {
		g := group{from: i, sep: sep}
		for i < len(s.text) {
			if isDigit(s.text[i]) {
				g.n++
				i++
				continue
			}
			if s.text[i] != wide || !s.wideDigit(i) {
				break
			}
			g.n++
			i += 3
		}
		g.to = i
		c.groups[c.n] = g
		c.n++
		next, k := s.separator(i)
		if next == 0 || c.n == maxGroups {
			return i
		}
		sep, i = next, k
	}
}

// separator returns what stands between the digits that end at i and those that
// follow it, and where they do; 0 = nothing that holds them together.
func (s *scan) separator(i int) (byte, int) {
	if i+1 >= len(s.text) || !joins[s.text[i]] {
		return 0, i
	}
	if s.text[i] < 0x80 && isDigit(s.text[i+1]) {
		return s.text[i], i + 1
	}
	sep, k := s.mark(i)
	if sep == 0 {
		return 0, i
	}
	if sep == '(' || sep == ')' || sep == ' ' { // "03 (1234) 5678", "(03) 1234"
		if two, k2 := s.mark(k); two != 0 && two != sep {
			k = k2
			if two != ' ' {
				sep = two
			}
		}
	}
	if k >= len(s.text) {
		return 0, i
	}
	if d, _ := fold(s.text, k); !isDigit(d) {
		return 0, i
	}
	return sep, k
}

// mark reads one separator. Dashes have many forms, also the mark of a long
// vowel, which a Japanese keyboard gives first.
func (s *scan) mark(i int) (byte, int) {
	if i >= len(s.text) {
		return 0, i
	}
	c, n := fold(s.text, i)
	switch c {
	case ' ', '-', '(', ')':
		return c, i + n
	case 0:
		if i+2 >= len(s.text) {
			return 0, i
		}
		switch a, b, c := s.text[i], s.text[i+1], s.text[i+2]; {
		case a == 0xE2 && b == 0x80 && c >= 0x90 && c <= 0x95, // ‐ to ―
			a == 0xE2 && b == 0x88 && c == 0x92, // −
			a == 0xE3 && b == 0x83 && c == 0xBC, // ー
			a == 0xEF && b == 0xBD && c == 0xB0: // ｰ
			return '-', i + 3
		}
	}
	return 0, i
}

// take gathers the digits of k groups from g on; too many leave it empty.
func (s *scan) take(g, k int, d *digits) {
	d.n = 0
	for _, x := range s.chain.groups[g : g+k] {
		if d.n+x.n > maxDigits {
			d.n = 0
			return
		}
		for i := x.from; i < x.to; {
			c, n := fold(s.text, i)
			d.d[d.n] = c
			d.n++
			i += n
		}
	}
}

// shape says whether the groups from g on have these lengths.
func (s *scan) shape(g int, lengths ...int) bool {
	if g+len(lengths) > s.chain.n {
		return false
	}
	for i, n := range lengths {
		if s.chain.groups[g+i].n != n {
			return false
		}
	}
	return true
}

// even says whether one and the same separator, a dash or a blank, stands
// between k groups.
func (s *scan) even(g, k int) bool {
	gs := s.chain.groups[g : g+k]
	for _, x := range gs[1:] {
		if x.sep != gs[1].sep || x.sep != '-' && x.sep != ' ' {
			return false
		}
	}
	return true
}

// begins says whether a number may begin with group g: no name, fraction or
// other number goes on there. After a word and a dash ("TEL-03...") it is
// loose.
func (s *scan) begins(g int) (ok, loose bool) {
	x := s.chain.groups[g]
	if g > 0 {
		return x.sep == ' ' || x.sep == '(', false
	}
	i := x.from
	if i <= s.floor || s.escaped(i) {
		return true, false
	}
	b, n := foldBefore(s.text, i)
	var p byte // before that
	if i-n > s.floor {
		p, _ = foldBefore(s.text, i-n)
	}
	switch {
	case isLetter(b):
		return false, s.says(i, phoneWords) // TEL03-1234-5678
	case isWord(b):
		return false, false
	case b == '.':
		return !isDigit(p), false
	case b == '-':
		return false, isLetter(p)
	case b == ':' || b == '/':
		return !isDigit(p), false
	}
	return true, false
}

// ends says whether a number may end with group g.
func (s *scan) ends(g int) bool {
	x := s.chain.groups[g]
	if g+1 < s.chain.n {
		sep := s.chain.groups[g+1].sep
		return sep == ' ' || sep == ')' || sep == '('
	}
	if x.to >= len(s.text) {
		return true
	}
	b, n := fold(s.text, x.to)
	var p byte // after that
	if x.to+n < len(s.text) {
		p, _ = fold(s.text, x.to+n)
	}
	switch {
	case isWord(b), b == '@', b == '%' && p == '4':
		return false
	case b == '.':
		return !isDigit(p)
	case b == '-' || b == '+':
		return !isWord(p)
	}
	return true
}
