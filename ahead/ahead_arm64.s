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

// func at(p unsafe.Pointer, places *Places)
TEXT ·at(SB), NOSPLIT, $0-16
	MOVD p+0(FP), R0
	MOVD places+8(FP), R1
	MOVHU 0(R1), R2
	ADD R0, R2, R2
	PRFM (R2), PLDL1KEEP
	MOVHU 2(R1), R2
	ADD R0, R2, R2
	PRFM (R2), PLDL1KEEP
	MOVHU 4(R1), R2
	ADD R0, R2, R2
	PRFM (R2), PLDL1KEEP
	MOVHU 6(R1), R2
	ADD R0, R2, R2
	PRFM (R2), PLDL1KEEP
	RET
