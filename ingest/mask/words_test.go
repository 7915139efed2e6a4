package mask

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What the tables say of names before a number is what holding each word against
// them says.
func TestWordsBeforeANumber(t *testing.T) {
	latin := []string{"postalcode", "zip", "tel", "phone", "accountno"}
	w := wordsOf(48, latin, "〒")
	filling := func(s string) bool { return slices.Contains(fillings[:], s) }
	naive := func(text string) bool {
		have := ""
		for i := len(text) - 1; i >= 0; i-- {
			c := lower(text[i])
			if !isAlnum(c) {
				continue
			}
			have = string(c) + have
			if i > 0 && isAlnum(text[i-1]) && !(isLower(text[i-1]) && isUpper(text[i])) {
				continue
			}
			mayGoOn := filling(have)
			for _, x := range latin {
				if rest, ok := strings.CutPrefix(have, x); ok && filling(rest) {
					return true
				}
				for k := 1; k <= len(have); k++ {
					mayGoOn = mayGoOn || strings.HasSuffix(x, have[:k]) && filling(have[k:])
				}
			}
			if !mayGoOn {
				return false
			}
		}
		return false
	}
	r := rand.New(rand.NewPCG(1, 1))
	bits := []string{"postal", "code", "Code", "zip", "tel", "Tel", "phone", "account", "no", "No", "is", "number", "of", "id", "x", "order", "l", "e"}
	said := 0
	for range 100_000 {
		var text string
		for range 1 + r.IntN(4) {
			text += bits[r.IntN(len(bits))] + []string{"", " ", "_", "-", ": "}[r.IntN(5)]
		}
		if want := naive(text); w.before([]byte(text)) != want {
			t.Fatalf("%q: want %v", text, want)
		} else if want {
			said++
		}
	}
	if said < 1000 {
		t.Errorf("only %d say what the number is", said)
	}
}
