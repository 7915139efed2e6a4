package webhook

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// complaint says why the body of an answer of 2xx speaks of a failure, "" if
// it does not. It does if it is a JSON object that has at its top
//
//   - ok or success, and it is false;
//   - error, errors, error_message or errorMessage (AWS Lambda's), and it is
//     neither empty, null, false nor 0;
//   - status, state or result, and it is error, fail, failed or failure;
//   - status or statusCode, and it is 400 or more;
//   - errcode, and it is not 0;
//
// or a text that begins with "error" or "fail", or says "delivery failed", as
// Microsoft Teams does. Everything else is taken for consent. Of a body that was
// cut it is what came of it that counts.
func complaint(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return ""
	}
	if body[0] != '{' {
		if said := failing.Find(body); said != nil {
			return string(said)
		}
		return ""
	}
	top := fields(body)
	for _, rule := range rules {
		if v, ok := top[rule.name]; ok && rule.fails(v) {
			return rule.name
		}
	}
	return ""
}

// fields are those of an object, as far as they can be read.
func fields(object []byte) map[string]any {
	d, top := json.NewDecoder(bytes.NewReader(object)), map[string]any{}
	if _, err := d.Token(); err != nil { // the brace
		return top
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			break
		}
		var v any
		if d.Decode(&v) != nil {
			break
		}
		if name, ok := name.(string); ok {
			top[name] = v
		}
	}
	return top
}

var (
	failing = regexp.MustCompile(`(?i)^(error|fail(ed|ure)?)\b|delivery failed`)

	rules = []struct {
		name  string
		fails func(any) bool
	}{
		{"ok", isFalse}, {"success", isFalse},
		{"error", isSomething}, {"errors", isSomething}, {"error_message", isSomething}, {"errorMessage", isSomething},
		{"status", isFailure}, {"state", isFailure}, {"result", isFailure},
		{"status", isFault}, {"statusCode", isFault},
		{"errcode", isSomething},
	}
)

func isFalse(v any) bool { return v == false }

func isSomething(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return false
}

func isFailure(v any) bool {
	s, _ := v.(string)
	switch strings.ToLower(s) {
	case "error", "fail", "failed", "failure":
		return true
	}
	return false
}

// isFault is whether v is a status of HTTP that says no.
func isFault(v any) bool {
	n, ok := v.(float64)
	return ok && n >= 400 && n < 600
}
