package config

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Secret is a text that nothing prints: neither logs, nor errors, nor what
// shows a configuration. Its zero value is none.
type Secret struct {
	text *string // behind a pointer, so that not even %+v of what holds it shows it
}

const hidden = "<secret>"

// Reveal is the text, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Set says whether there is one.
func (s Secret) Set() bool { return s.text != nil }

// String does not tell it.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return hidden
}

// GoString does not tell it either.
func (s Secret) GoString() string { return s.String() }

// MarshalText writes what String says, for JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// secret adds the key and its twin key_file to the fields of a mapping. The
// twin names a file that holds nothing but the secret; one line end behind it
// does not count. The fault of a bad one never quotes it.
func (w *walker) secret(fields map[string]func(*yaml.Node), into *Secret, name, key string) {
	w.secretThat(fields, into, name, key, oneLine)
}

// secretThat is secret with a check of its own, which says what is wrong.
func (w *walker) secretThat(fields map[string]func(*yaml.Node), into *Secret, name, key string, check func(string) string) {
	set := func(n *yaml.Node, s string) {
		switch why := check(s); {
		case into.Set():
			w.Fail(n, "%s.%s: give it or %s_file, not both", name, key, key)
		case s == "":
			w.Fail(n, "%s.%s: must not be empty", name, key)
		case why != "":
			w.Fail(n, "%s.%s: %s", name, key, why)
		}
		into.text = &s
	}
	fields[key] = func(n *yaml.Node) {
		if s, ok := w.Scalar(n, name+"."+key); ok {
			set(n, s)
		}
	}
	fields[key+"_file"] = func(n *yaml.Node) {
		if s, ok := w.secretFile(n, name+"."+key+"_file"); ok {
			set(n, s)
		}
	}
}

// addresses adds a key for a list of addresses and its twin key_file, whose
// file has one on each line: an address may hold a password.
func (w *walker) addresses(fields map[string]func(*yaml.Node), into *[]Secret, name, key string) {
	add := func(n *yaml.Node, name, s string) {
		if why := webAddress(s); why != "" {
			w.Fail(n, "%s: %s", name, why)
		}
		*into = append(*into, Secret{&s})
	}
	fields[key] = w.List(name+"."+key, func(n *yaml.Node, name string) {
		if s, ok := w.Scalar(n, name); ok {
			add(n, name, s)
		}
	})
	fields[key+"_file"] = func(n *yaml.Node) {
		if len(*into) > 0 {
			w.Fail(n, "%s.%s: give it or %s_file, not both", name, key, key)
			return
		}
		s, ok := w.secretFile(n, name+"."+key+"_file")
		for l := range strings.Lines(s) {
			if l = strings.TrimSpace(l); ok && l != "" {
				add(n, name+"."+key+"_file", l)
			}
		}
	}
}

// longestSecret in bytes: what is longer is another file.
const longestSecret = 64 << 10

// secretFile reads the file of a secret.
func (w *walker) secretFile(n *yaml.Node, name string) (string, bool) {
	var file string
	w.needed(&file, name)(n)
	if file == "" {
		return "", false
	}
	b, err := readFile(w.beside(file), longestSecret)
	if err != nil {
		w.Fail(n, "%s: %s", name, err)
		return "", false
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), true
}

// readFile reads a file of at most so many bytes; not even a device that never
// ends holds it up.
func readFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%s: it has more than %d bytes", name, most)
	}
	return b, errors.Join(err, f.Close())
}

func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n\x00") {
		return "it has more than one line"
	}
	return ""
}

// someLines is for what has a value on each line while it is being changed.
func someLines(s string) string {
	if strings.Contains(s, "\x00") {
		return "it holds a zero byte"
	}
	return ""
}

// webAddress says what is wrong with an address, without quoting it.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "want a URL such as http://127.0.0.1:9093"
	}
	return oneLine(s)
}

// HostOf is the host of an address that is a secret otherwise; "" = it has none.
func HostOf(address Secret) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	return u.Host
}
