package logs
import ("testing";"fmt";"os";"strings")
func TestWho(t *testing.T) {
	for _, s := range systems(t) {
		f := Mine(s.Content)
		n := 0
		for i := range f.ID { if os.Getenv("ID") != "" && strings.Contains(s.Content[i], os.Getenv("ID")) && n < 5 { n++; fmt.Printf("%d %q %q\n", i, s.Content[i], f.Template[i])
		ix, _ := f.Miner.Lookup(f.ID[i]); p, _ := f.Miner.Pattern(ix); fmt.Printf("%+v\n", p) } }
	}
}
