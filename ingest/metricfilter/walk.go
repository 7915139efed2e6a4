package metricfilter

import (
	"bytes"
	"iter"
)

// What walks JSON here was found valid before.

// into returns the value that a step leads to, nil = there is none. Of several
// with the same key the last counts.
func (s step) into(v []byte) []byte {
	if s.key == nil {
		return element(v, s.index)
	}
	i := skipBlank(v, 0)
	if v[i] != '{' {
		return nil
	}
	var found []byte
	for i = skipBlank(v, i+1); v[i] != '}'; {
		k := skipValue(v, i)
		same := bytes.Equal(v[i+1:k-1], s.key) || bytes.IndexByte(v[i:k], '\\') >= 0 && bytes.Equal(unquote(v[i:k]), s.key)
		i = skipBlank(v, k) + 1 // the colon
		i = skipBlank(v, i)
		end := skipValue(v, i)
		if same {
			found = v[i:end]
		}
		if i = skipBlank(v, end); v[i] == ',' {
			i = skipBlank(v, i+1)
		}
	}
	return found
}

// element returns the nth of an array, nil = there is none.
func element(v []byte, n int) []byte {
	for x := range elements(v) {
		if n == 0 {
			return x
		}
		n--
	}
	return nil
}

// elements yields those of an array in one pass, none of what is no array.
func elements(v []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipBlank(v, 0)
		if v[i] != '[' {
			return
		}
		for i = skipBlank(v, i+1); v[i] != ']'; {
			end := skipValue(v, i)
			if !yield(v[i:end]) {
				return
			}
			if i = skipBlank(v, end); v[i] == ',' {
				i = skipBlank(v, i+1)
			}
		}
	}
}

func skipBlank(v []byte, i int) int {
	for v[i] == ' ' || v[i] == '\t' || v[i] == '\n' || v[i] == '\r' {
		i++
	}
	return i
}

// skipValue returns where the value at i ends.
func skipValue(v []byte, i int) int {
	depth := 0
	for {
		switch v[i] {
		case '"':
			for i++; v[i] != '"'; i++ {
				if v[i] == '\\' {
					i++
				}
			}
			i++
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\n', '\r':
			i++
			continue
		default:
			for i < len(v) && v[i] != ',' && v[i] != '}' && v[i] != ']' && v[i] > ' ' {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
}
