package pattern
import ("testing";"unsafe";"fmt")
func TestSize(t *testing.T) { fmt.Println("slot", unsafe.Sizeof(slot{}), "pattern", unsafe.Sizeof(pattern{}), "node", unsafe.Sizeof(node{}), "hole", unsafe.Sizeof(hole{})) }
