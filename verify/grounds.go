package verify

// evidenceShares are what the evidence votes have of the false-alert target, in
// the unit of which a side of band or spike has 3.
var evidenceShares = map[string]float64{}
