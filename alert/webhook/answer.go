package webhook

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// complaint says why the body of an answer of 2xx speaks of a failure, "" if
// it does not. It does if it is a JSON object that has at its top
//
//   - ok or success, and it is false;
//   - error, errors or error_message, and it is neither empty, null, false nor 0;
//   - status, state or result, and it is error, fail, failed or failure;
//   - errcode, and it is not 0;
//
// or a text that begins with "error" or "fail", or says "delivery failed", as
// Microsoft Teams does. Everything else is taken for consent.
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
	var top map[string]any
	if json.Unmarshal(body, &top) != nil {
		return ""
	}
	for _, rule := range rules {
		if v, ok := top[rule.name]; ok && rule.fails(v) {
			return rule.name
		}
	}
	return ""
}

var (
	failing = regexp.MustCompile(`(?i)^(error|fail(ed|ure)?)\b|delivery failed`)

	rules = []struct {
		name  string
		fails func(any) bool
	}{
		{"ok", isFalse}, {"success", isFalse},
		{"error", isSomething}, {"errors", isSomething}, {"error_message", isSomething},
		{"status", isFailure}, {"state", isFailure}, {"result", isFailure},
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
	switch s {
	case "error", "fail", "failed", "failure":
		return true
	}
	return false
}
