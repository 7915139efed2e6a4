// Package alert holds the life of an alert: from the crossings that the group
// loop admits to pending, firing and resolved, with a recovery rule, a peak,
// damping of flaps and a re-open inside a stated gap; and what the packages
// below it share: the Sink contract and the data of a justification.
//
// It decides on event time alone, judges no sample and writes no prose: that
// is alert/explain. Delivery is alert/deliver.
package alert
