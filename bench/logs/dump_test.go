package logs
import ("testing";"os";"strings")
func TestDump(t *testing.T) {
	if os.Getenv("DUMP")=="" { t.Skip() }
	os.WriteFile(os.Getenv("DUMP"), []byte(strings.Join(Redraw(systems(t), 4000, 1), "\n")), 0644)
}
