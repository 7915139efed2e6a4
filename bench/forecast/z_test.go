package forecast

import (
	"fmt"
	"testing"
	"time"
)

func TestZ(t *testing.T) {
	for _, k := range Stills() {
		n, part, worst := 0, 0., 0
		const series = 12
		for s := range series {
			a, p, err := FalseIn(k, uint64(s), 5*time.Minute, 364*day)
			if err != nil {
				t.Fatal(err)
			}
			n += a
			part += p / series
			worst = max(worst, a)
		}
		fmt.Printf("%-25s %.2f a series and year, worst %d, stands %.4f\n", k, float64(n)/series, worst, part)
	}
}
