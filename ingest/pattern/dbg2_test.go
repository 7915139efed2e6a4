package pattern

import (
	"fmt"
	"testing"
	"unsafe"
)

func TestSize(t *testing.T) {
	fmt.Println("slot", unsafe.Sizeof(slot{}), "pattern", unsafe.Sizeof(pattern{}), "node", unsafe.Sizeof(node{}), "hole", unsafe.Sizeof(hole{}))
}
