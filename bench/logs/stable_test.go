package logs

import "testing"

func TestStable(t *testing.T) {
	for _, s := range systems(t) {
		r, err := Restored(s.Full, 97)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-12s content: shuffles %.4f halves %.4f   full: shuffles %.4f halves %.4f restored %.4f", s.Name, Shuffled(s.Content, 20), Halves(s.Content), Shuffled(s.Full, 20), Halves(s.Full), r)
	}
}
