package mask

// phone finds a Japanese telephone number that begins with group g: with its
// parts apart (03-1234-5678, 090 1234 5678, 0120-123-456), a mobile number in
// one (09012345678), +81 and the rest, and ten digits where a word says what
// they are.
func (s *scan) phone(g int) (span, bool) {
	if s.chain.plus && g == 0 {
		return s.abroad()
	}
	first := s.chain.groups[g]
	if c, _ := fold(s.text, first.from); c != '0' || first.n < 2 {
		return span{}, false
	}
	var d digits
	switch first.n {
	case 11, 10:
		if s.take(g, 1, &d); !s.ends(g) || !(mobile(&d) && d.n == 11 || d.n == 10 && d.d[1] != '0' && s.says(first.from, phoneWords)) {
			return span{}, false
		}
		return s.span(phone, g, 1), true
	case 2, 3, 4, 5:
	case 14, 13: // 0081 and the rest
		if s.take(g, 1, &d); string(d.d[:4]) != "0081" || d.d[4] == '0' || !s.ends(g) {
			return span{}, false
		}
		return s.span(phone, g, 1), true
	default:
		return span{}, false
	}
	k := s.phoneParts(g)
	if k == 0 || !s.ends(g+k-1) {
		return span{}, false
	}
	s.take(g, k, &d)
	if d.d[1] == '0' {
		return span{}, false
	}
	// Columns of numbers may look alike: with blanks between the parts it is one
	// of the usual divisions, or a word says so.
	if blank := s.chain.groups[g+1].sep == ' '; blank && !(mobile(&d) && k == 3) && !s.shape(g, 2, 4, 4) && !s.says(first.from, phoneWords) {
		return span{}, false
	}
	return s.span(phone, g, k), true
}

// phoneParts says how many groups from g on are divided as a number is; 0 =
// they are not.
func (s *scan) phoneParts(g int) int {
	switch {
	case s.shape(g, 2, 4, 4), s.shape(g, 3, 3, 4), s.shape(g, 4, 2, 4), s.shape(g, 5, 1, 4), s.shape(g, 4, 3, 3), s.shape(g, 3, 4, 4):
		return 3
	case s.shape(g, 2, 8), s.shape(g, 3, 8), s.shape(g, 3, 7), s.shape(g, 4, 6):
		if s.chain.groups[g+1].sep != ' ' {
			return 2
		}
	}
	return 0
}

// mobile says whether digits begin as those of mobile, IP and pager numbers
// do: 020 to 090 with a 0 in the third place.
func mobile(d *digits) bool {
	return d.n == 11 && d.d[0] == '0' && d.d[1] >= '2' && d.d[2] == '0' && d.d[3] != '0'
}

// abroad finds what follows +81: nine or ten digits, with the 0 of the trunk or
// without.
func (s *scan) abroad() (span, bool) {
	var d digits
	for k := min(s.chain.n, mostParts); k > 0; k-- {
		if s.take(0, k, &d); d.n < 11 || !d.is(0, '8') || !d.is(1, '1') || !s.ends(k-1) {
			continue
		}
		rest := d.n - 2
		if d.is(2, '0') {
			rest--
		}
		if rest == 9 || rest == 10 {
			sp := s.span(phone, 0, k)
			_, n := foldBefore(s.text, sp.from)
			if s.escaped(sp.from) {
				n = 3
			}
			sp.from -= n
			return sp, true
		}
	}
	return span{}, false
}
