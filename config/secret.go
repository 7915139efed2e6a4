package config

import (
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
	set := func(n *yaml.Node, s string) {
		switch {
		case into.Set():
			w.Fail(n, "%s.%s: give it or %s_file, not both", name, key, key)
		case s == "":
			w.Fail(n, "%s.%s: must not be empty", name, key)
		case strings.ContainsAny(s, "\r\n\x00"):
			w.Fail(n, "%s.%s: it has more than one line", name, key)
		}
		into.text = &s
	}
	fields[key] = func(n *yaml.Node) {
		if s, ok := w.Scalar(n, name+"."+key); ok {
			set(n, s)
		}
	}
	fields[key+"_file"] = func(n *yaml.Node) {
		var file string
		w.needed(&file, name+"."+key+"_file")(n)
		if file == "" {
			return
		}
		b, err := os.ReadFile(w.beside(file))
		if err != nil {
			w.Fail(n, "%s.%s_file: %s", name, key, err)
			return
		}
		set(n, strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"))
	}
}
