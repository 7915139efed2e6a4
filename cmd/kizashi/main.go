// Command kizashi is the one binary: the service, the backtest, and the
// commands that read what they found.
package main

import (
	"os"

	"github.com/kizashi-ops/kizashi/cmd/kizashi/program"
)

func main() { os.Exit(program.Main()) }
