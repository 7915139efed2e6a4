#include "textflag.h"

// func lines(p unsafe.Pointer, n uintptr)
TEXT ·lines(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	MOVQ n+8(FP), CX
	ADDQ AX, CX
	ANDQ $~63, AX
next:
	PREFETCHT0 (AX)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT next
	RET

// func at(p unsafe.Pointer, places *Places)
TEXT ·at(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	MOVQ places+8(FP), BX
	MOVWLZX 0(BX), CX
	PREFETCHT0 (AX)(CX*1)
	MOVWLZX 2(BX), DX
	PREFETCHT0 (AX)(DX*1)
	MOVWLZX 4(BX), SI
	PREFETCHT0 (AX)(SI*1)
	MOVWLZX 6(BX), DI
	PREFETCHT0 (AX)(DI*1)
	RET
