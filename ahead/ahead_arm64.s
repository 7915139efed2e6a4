#include "textflag.h"

// func lines(p unsafe.Pointer, n uintptr)
TEXT ·lines(SB), NOSPLIT, $0-16
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	ADD R0, R1, R1
	AND $~63, R0, R0
next:
	PRFM (R0), PLDL1KEEP
	ADD $64, R0, R0
	CMP R1, R0
	BLT next
	RET

// func at(p unsafe.Pointer, places *uint16, n int)
TEXT ·at(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R0
	MOVD places+8(FP), R1
	MOVD n+16(FP), R2
next:
	MOVHU.P 2(R1), R3
	ADD R0, R3, R3
	PRFM (R3), PLDL1KEEP
	SUB $1, R2
	CBNZ R2, next
	RET
