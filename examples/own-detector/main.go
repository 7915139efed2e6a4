// Command own-detector is Kizashi with one more detector in its table. It takes
// the same commands: own-detector serve, own-detector backtest, and so on.
package main

import (
	"os"

	"example.com/own-detector/saturated"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/program"
)

func main() { os.Exit(program.Main(saturated.Row())) }
