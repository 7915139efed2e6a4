package peers

import "time"

// rule is a recording rule: its result is stored under its name, one series for
// each series that is watched.
type rule struct {
	record, expr string
	every        time.Duration // 0 = at each evaluation
}

// What Grafana's promql-anomaly-detection computes, with its own constants
// (Apache-2.0; the expressions are written again from what its rules do): no
// value that is not above 0, a band of two filtered standard deviations, or of
// half the mean where none passed the filter, and as wide as the bands of the
// day and of the week before.
const raw = "watched"

var longTerm = []rule{
	{"mean:1h", `avg_over_time(value[1h])`, 0},
	{"sd:1h", `stddev_over_time(value[1h])`, 0},
	{"upper:long", `(mean:1h offset 23h30m + 2 * sd:1h offset 23h30m) > (mean:1h offset 167h30m + 2 * sd:1h offset 167h30m) or (mean:1h offset 167h30m + 2 * sd:1h offset 167h30m) or (mean:1h offset 23h30m + 2 * sd:1h offset 23h30m)`, 5 * time.Minute},
	{"lower:long", `(mean:1h offset 23h30m - 2 * sd:1h offset 23h30m) < (mean:1h offset 167h30m - 2 * sd:1h offset 167h30m) or (mean:1h offset 167h30m - 2 * sd:1h offset 167h30m) or (mean:1h offset 23h30m - 2 * sd:1h offset 23h30m)`, 5 * time.Minute},
}

var adaptive = ruleSet{
	rules: append([]rule{{"value", raw + ` > 0`, 0}}, append(longTerm[:2:2],
		rule{"sd:kept", `sd:1h > 0.5 * mean:1h`, 0},
		rule{"sd:26h", `avg_over_time(sd:kept[26h])`, 0},
		longTerm[2], longTerm[3],
		rule{"upper:short", `mean:1h + 2 * sd:26h or mean:1h * 1.5`, 0},
		rule{"lower:short", `mean:1h - 2 * sd:26h or mean:1h * 0.5`, 0},
		rule{"upper", `upper:long > upper:short or upper:short`, 0},
		rule{"lower", `clamp_min(lower:long < lower:short or lower:short, 0)`, 0},
	)...),
	is: "value", center: "mean:1h",
}

var robust = ruleSet{
	rules: append([]rule{{"value", raw + ` > 0`, 0}}, append(longTerm[:4:4],
		rule{"median:24h", `quantile_over_time(0.5, value[24h])`, 0},
		rule{"deviation", `abs(value - median:24h)`, 0},
		rule{"mad:24h", `quantile_over_time(0.5, deviation[24h])`, 0},
		rule{"median:1h", `quantile_over_time(0.5, value[1h])`, 0},
		rule{"upper:short", `median:24h + 2 * mad:24h > median:24h * 1.5 or median:24h * 1.5`, 0},
		rule{"lower:short", `median:24h - 2 * mad:24h < median:24h * 0.5 or median:24h * 0.5`, 0},
		rule{"upper", `upper:long > upper:short or upper:short`, 0},
		rule{"lower", `clamp_min(lower:long < lower:short or lower:short, 0)`, 0},
	)...),
	is: "median:1h", center: "median:24h",
}

// ruleSet is what is computed, and what is compared with its band: is, about
// center. Its score is how many half bands it lies off: 1 is the rules' own
// limit.
type ruleSet struct {
	rules      []rule
	is, center string
}
