package metricfilter

// maxNesting is how deep JSON may nest: that of encoding/json.
const maxNesting = 10000

// valid says whether b is one JSON value, as encoding/json does, in a third of the
// time. open is room for what is open, and is returned to be used again.
func valid(b, open []byte) (bool, []byte) {
	open = open[:0]
	i := blankAt(b, 0)
	for {
		// A value begins here.
		if i >= len(b) {
			return false, open
		}
		if c := b[i]; c == '{' || c == '[' {
			if len(open) == maxNesting {
				return false, open
			}
			open = append(open, c+2) // what closes it
			i = blankAt(b, i+1)
			if i < len(b) && b[i] == c+2 {
				open = open[:len(open)-1]
				i++
			} else if c == '{' {
				if i = keyAt(b, i); i < 0 {
					return false, open
				}
				continue
			} else {
				continue
			}
		} else if i = scalarAt(b, i); i < 0 {
			return false, open
		}
		// A value has ended here.
		for i = blankAt(b, i); ; i = blankAt(b, i+1) {
			if len(open) == 0 {
				return i == len(b), open
			}
			if i >= len(b) {
				return false, open
			}
			if b[i] == open[len(open)-1] {
				open = open[:len(open)-1]
				continue
			}
			break
		}
		if b[i] != ',' {
			return false, open
		}
		i = blankAt(b, i+1)
		if open[len(open)-1] == '}' {
			if i = keyAt(b, i); i < 0 {
				return false, open
			}
		}
	}
}

func blankAt(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// keyAt passes over a key, its colon and blanks; -1 = there is none.
func keyAt(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	if i = stringAt(b, i); i < 0 {
		return -1
	}
	if i = blankAt(b, i); i >= len(b) || b[i] != ':' {
		return -1
	}
	return blankAt(b, i+1)
}

// scalarAt passes over a value that is no object or list; -1 = it is none.
func scalarAt(b []byte, i int) int {
	switch b[i] {
	case '"':
		return stringAt(b, i)
	case 't':
		return wordAt(b, i, "true")
	case 'f':
		return wordAt(b, i, "false")
	case 'n':
		return wordAt(b, i, "null")
	}
	return numberAt(b, i)
}

func wordAt(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func stringAt(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			if i++; i >= len(b) {
				return -1
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; i >= len(b) || b[i]-'0' > 9 && (b[i]|0x20)-'a' > 5 {
						return -1
					}
				}
			default:
				return -1
			}
		}
	}
	return -1
}

func numberAt(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	switch n := digitsFrom(b, i); {
	case n == 0, n > 1 && b[i] == '0':
		return -1
	default:
		i += n
	}
	if i < len(b) && b[i] == '.' {
		n := digitsFrom(b, i+1)
		if n == 0 {
			return -1
		}
		i += 1 + n
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		n := digitsFrom(b, i)
		if n == 0 {
			return -1
		}
		i += n
	}
	return i
}

func digitsFrom(b []byte, i int) int {
	n := 0
	for i+n < len(b) && b[i+n]-'0' <= 9 {
		n++
	}
	return n
}
