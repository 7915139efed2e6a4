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

// func at(p unsafe.Pointer, places *uint16, n int)
TEXT ·at(SB), NOSPLIT, $0-24
	MOVQ p+0(FP), AX
	MOVQ places+8(FP), BX
	MOVQ n+16(FP), CX
next:
	MOVWLZX (BX), DX
	PREFETCHT0 (AX)(DX*1)
	ADDQ $2, BX
	DECQ CX
	JNZ next
	RET
