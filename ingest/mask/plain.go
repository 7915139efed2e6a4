package mask

// plainNumber passes over what most digits are (a time, a counter, columns of
// numbers), by the lengths of the groups alone, and returns where they end; 0 =
// they have to be looked at.
func (s *scan) plainNumber(i int) int {
	t := s.text
	if i > 0 && (t[i-1] == '+' || t[i-1] == '%' || t[i-1] == '(' || t[i-1] == 'B' || t[i-1] >= 0x80) { // +81
		return 0
	}
	before, zero := 0, false // digits of the group before, and whether it begins with 0
	for groups := 0; ; groups++ {
		k := i
		for k < len(t) && isDigit(t[k]) {
			k++
		}
		n := k - i
		if groups == 0 && i >= 2 && (t[i-1] == '_' || t[i-1] == '-' && t[i-2] == '_') {
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
