package explain

import "github.com/kizashi-ops/kizashi"

// neverSeen are stories of what a series never did before.
func neverSeen() []story {
	m := metaOf("EC2 CPUUtilization i-01", "Percent")
	past := func(low, high kizashi.Num) *kizashi.Past {
		return &kizashi.Past{From: opened - 14*24*hour, To: opened - 60_000, Of: 14, Low: low, High: high}
	}
	from := opened - 60_000
	return []story{
		evident("novelty", m, 47.5, 12, 78, kizashi.Ground{Model: "novelty", Side: kizashi.Up, Stat: 2.6, Limit: 1.9, Unit: "decades",
			From: from, To: opened + 1, Usual: none, Scale: none, Past: past(none, none),
			Parts: []kizashi.Part{{From: from, To: opened + 1, Count: 2, Sum: .0001, Text: "coarse 1"}, {From: from, To: opened + 1, Count: 3, Sum: .01, Text: "fine 2"}}}),
		evident("context", m, 61.2, 12, 78, kizashi.Ground{Model: "context", Side: kizashi.Up, Stat: 1.9, Limit: 1.4, Unit: "h",
			From: opened - 180*60_000, To: opened + 1, Usual: none, Scale: none, Past: past(none, none),
			Parts: []kizashi.Part{{From: opened - 180*60_000, To: opened + 1, Count: 180, Sum: 114}}}),
		evident("extreme", m, 9, none, none, kizashi.Ground{Model: "extreme", Side: kizashi.Down, Stat: .85, Limit: .7, Unit: "decades",
			From: opened, To: opened + 1, Usual: none, Scale: none, Past: past(40, 45.1),
			Parts: []kizashi.Part{{From: opened, To: opened + 1, Count: 1, Sum: 9}}}),
	}
}
