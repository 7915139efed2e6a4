package mask

// plainNumber passes over what most digits are (a time, a counter, columns of
// numbers), by the lengths of the groups alone, and returns where they end; 0 =
// they have to be looked at.
func (s *scan) plainNumber(i int) int {
	t := s.text
	named := false
	if i > 0 {
		switch p := t[i-1]; {
		case p == '+' || p == '%' || p == '(' || p == 'B' || p >= 0x80: // +81
			return 0
		case i >= 2 && (p == '_' || p == '-' && t[i-2] == '_'):
			named = true
		}
	}
	before, zero := 0, false // digits of the group before, and whether it begins with 0
	for groups := 0; ; groups++ {
		k := i
		for k < len(t) && isDigit(t[k]) {
			k++
		}
		n := k - i
		if named && groups == 0 {
			n = 6 // it goes on a name: as good as any number that is nothing
		}
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

// dated passes over the beginning of a line that starts with a time, up to its
// seconds: 2026-01-02T03:04: with a blank for the T, and / for the dashes, too.
// plainNumber would find nothing in it, nor is it a row of a key. 0 = there is none.
func dated(t []byte) int {
	const form = "0000-00-00T00:00:"
	if len(t) <= len(form) || t[4] != t[7] || t[4] != '-' && t[4] != '/' || t[13] != ':' || t[16] != ':' || t[10] != 'T' && t[10] != ' ' || t[0] == '0' {
		return 0
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(t[i]) {
			return 0
		}
	}
	return len(form)
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
