package awsfake

import (
	"fmt"
	"slices"
	"time"
)

// paged is an answer of one page of a list: at most per of the items after
// those that the token tells of, and the token of the next page.
func (q *request) paged(name string, all []any, tokenName string, tok any, per int) (object, error) {
	if q.effect.empty() {
		n, err := offset(tok)
		return object{{name, []any{}}, {tokenName, token(n)}}, err
	}
	page, next, err := pageOf(all, tok, per)
	if err != nil {
		return nil, err
	}
	out := object{{name, append([]any{}, page...)}}
	if next != "" {
		out = append(out, field{tokenName, next})
	}
	return out, nil
}

// limit reads how many items a page may have: least to most, or def if the
// call does not say.
func (q *request) limit(name string, least, most, def int) (int, error) {
	n, err := number(q.in[name])
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s: %w", name, err)
	case n == 0:
		return def, nil
	case int(n) < least || int(n) > most:
		return 0, fmt.Errorf("%s %v: want %d to %d", name, n, least, most)
	}
	return int(n), nil
}

// values of a filter list of {Name or Key, Values or Value}, by name.
func filters(v any, name, values string) map[string][]string {
	out := map[string][]string{}
	for _, f := range list(v) {
		out[text(dict(f)[name])] = texts(dict(f)[values])
	}
	return out
}

// tagList is tags as a list, by key.
func tagList(tags map[string]string, key, value string) []any {
	out := []any{}
	for _, k := range sortedKeys(tags) {
		out = append(out, object{{key, k}, {value, tags[k]}})
	}
	return out
}

// given drops the members of an object that are empty strings or no time.
func given(o object) object {
	return slices.DeleteFunc(o, func(f field) bool { return f.Value == "" || f.Value == time.Time{} })
}
