package verify

import "github.com/kizashi-ops/kizashi"

func DebugRecords(a kizashi.Alert, j kizashi.Justification, cfg Config) map[kizashi.Time]*kizashi.Record {
	c := &checker{alert: a, j: j, cfg: cfg}
	c.data()
	println(len(c.chains()), len(c.changes()))
	for _, ch := range c.chains() { for _, x := range ch { print(x.At.String(), " ") }; println() }
	for _, ch := range c.changes() { println(ch.String()) }
	return c.past.records
}
