package logs

import (
	"fmt"
	"os"
	"testing"
)

func TestWho(t *testing.T) {
	for _, s := range systems(t) {
		f := Mine(s.Content)
		n := 0
		for i := range f.ID {
			if f.ID[i].String() == os.Getenv("ID") && n < 5 {
				n++
				fmt.Printf("%d %q %q\n", i, s.Content[i], f.Template[i])
			}
		}
	}
}
