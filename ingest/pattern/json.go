package pattern

import "bytes"

// What of a JSON line is read: deeper or longer ones are lines like any other.
const (
	maxDepth  = 64
	maxLeaves = 128
)

// leaf is a value of a JSON line.
type leaf struct {
	path   span // in jsonReader.paths
	hash   uint64
	value  []byte
	str    bool // between quotes
	escape bool // with \ in it
	role   role
}

// role is what a key is known for.
type role uint8

const (
	field role = iota
	roleMessage
	roleLevel
	roleTime
	roleHost
	rolePID
	roleComponent
	roleStatus
)

var roles = func() map[string]role {
	m := map[string]role{}
	for r, s := range map[role]string{
		roleMessage:   "message msg log event text メッセージ",
		roleLevel:     "level lvl severity loglevel log_level log.level levelname severitytext severity_text レベル",
		roleTime:      "time timestamp ts @timestamp datetime date eventtime asctime t 時刻",
		roleHost:      "host hostname host.name",
		rolePID:       "pid process_id process.pid",
		roleComponent: "logger logger_name component module log.logger caller",
		roleStatus:    "status status_code statuscode http.status http.status_code response.status http_status",
	} {
		for w := range set(s) {
			m[w] = r
		}
	}
	return m
}()

// jsonReader reads a line that is one JSON object into its leaves.
type jsonReader struct {
	b       []byte
	p       int
	paths   []byte
	leaves  [maxLeaves]leaf
	n       int
	message int // the leaf, -1 = none
	low     []byte
}

// try reads a line; false = it is no JSON object, or one too deep or too long
// to be read as one.
func (r *jsonReader) try(text []byte, match *Match) bool {
	if !opensJSON(text) {
		return false
	}
	i := bytes.IndexByte(text, '{')
	r.b, r.p, r.n, r.paths, r.message = text, i, 0, r.paths[:0], -1
	if !r.object(span{}, 0) || r.blank() < len(text) {
		return false
	}
	match.JSON = true
	for i := range r.n {
		r.facet(&r.leaves[i], i, match)
	}
	return true
}

// opensJSON says whether a line may be an object: { is what it begins with.
func opensJSON(text []byte) bool {
	for i, c := range text {
		if !isSpace(c) {
			return text[i] == '{'
		}
	}
	return false
}

func (r *jsonReader) blank() int {
	for r.p < len(r.b) && (r.b[r.p] <= ' ') {
		r.p++
	}
	return r.p
}

// object reads {...}; its keys go below path.
func (r *jsonReader) object(path span, depth int) bool {
	r.p++
	for first := true; ; first = false {
		if r.blank() >= len(r.b) {
			return false
		}
		if r.b[r.p] == '}' {
			r.p++
			return true
		}
		if !first {
			if r.b[r.p] != ',' {
				return false
			}
			r.p++
			r.blank()
		}
		if r.p >= len(r.b) || r.b[r.p] != '"' {
			return false
		}
		key, _, ok := r.quoted()
		if !ok || r.blank() >= len(r.b) || r.b[r.p] != ':' {
			return false
		}
		r.p++
		s := len(r.paths)
		if path.e > path.s {
			r.paths = append(append(r.paths, r.paths[path.s:path.e]...), '.')
		}
		r.paths = append(r.paths, key[:min(len(key), 128)]...)
		if len(r.paths) > 16<<10 || !r.value(span{s, len(r.paths)}, depth) {
			return false
		}
	}
}

func (r *jsonReader) value(path span, depth int) bool {
	if r.blank() >= len(r.b) || depth >= maxDepth {
		return false
	}
	switch c := r.b[r.p]; c {
	case '{':
		return r.object(path, depth+1)
	case '[':
		return r.list(path, depth+1)
	case '"':
		v, esc, ok := r.quoted()
		return ok && r.leaf(path, v, true, esc)
	default:
		s := r.p
		for r.p < len(r.b) && r.b[r.p] > ' ' && r.b[r.p] != ',' && r.b[r.p] != '}' && r.b[r.p] != ']' {
			r.p++
		}
		if v := r.b[s:r.p]; isNumberJSON(v) || string(v) == "true" || string(v) == "false" || string(v) == "null" {
			return r.leaf(path, v, false, false)
		}
		return false
	}
}

func isNumberJSON(b []byte) bool {
	for i, c := range b {
		if !isDigit(c) && c != '-' && c != '+' && c != '.' && c|0x20 != 'e' || i == 0 && c != '-' && !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}

func (r *jsonReader) list(path span, depth int) bool {
	r.p++
	for first := true; ; first = false {
		if r.blank() >= len(r.b) {
			return false
		}
		if r.b[r.p] == ']' {
			r.p++
			return true
		}
		if !first {
			if r.b[r.p] != ',' {
				return false
			}
			r.p++
		}
		if !r.value(path, depth) {
			return false
		}
	}
}

// quoted reads "..." and returns what is between the quotes.
func (r *jsonReader) quoted() (v []byte, escaped, ok bool) {
	r.p++
	s := r.p
	for ; r.p < len(r.b); r.p++ {
		switch r.b[r.p] {
		case '"':
			r.p++
			return r.b[s : r.p-1], escaped, true
		case '\\':
			escaped = true
			r.p++
		}
	}
	return nil, false, false
}

func (r *jsonReader) leaf(path span, v []byte, str, esc bool) bool {
	if r.n >= maxLeaves {
		return false
	}
	name := r.paths[path.s:path.e]
	r.low = r.low[:0]
	for _, c := range name {
		if isUpper(c) {
			c |= 0x20
		}
		r.low = append(r.low, c)
	}
	r.leaves[r.n] = leaf{path: path, value: v, str: str, escape: esc, role: roles[string(r.low)]}
	if r.leaves[r.n].role == roleMessage && str && r.message < 0 {
		r.message = r.n
	}
	r.n++
	return true
}

// facet keeps what a known key says.
func (r *jsonReader) facet(f *leaf, i int, match *Match) {
	match.Fields = append(match.Fields, Field{Path: r.paths[f.path.s:f.path.e], Value: f.value})
	fc := &match.Facets
	switch f.role {
	case roleLevel:
		if fc.Level == None {
			fc.Level = levelValue(f.value, f.str)
		}
	case roleTime:
		fc.Stamp = first(fc.Stamp, f.value)
	case roleHost:
		fc.Host = first(fc.Host, f.value)
	case rolePID:
		fc.PID = first(fc.PID, f.value)
	case roleComponent:
		fc.Component = first(fc.Component, f.value)
	case roleStatus:
		if n := parseNumber(f.value); allDigits(f.value) && n >= 100 && n < 600 {
			fc.Status = int32(n)
		}
	}
}

func first(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}
