package verify_test
import ("testing";"encoding/json";"fmt")
func TestTmp(t *testing.T) {
	for _, s := range stories() { if s.name != "bounds, a static limit and guard rails" {continue}
		w := s.run(t)
		for _, a := range w.opened(t)[:8] { j := w.justifications[a.Justify]
			b, _ := json.Marshal(j.Opening); fmt.Println(a.ID, string(b))
			for _, e := range j.Evidence { if e.Claim != "held" {b, _ = json.Marshal(e); fmt.Println("   ", string(b))} } }
	}
}
