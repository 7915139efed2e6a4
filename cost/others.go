package cost

import (
	"slices"
	"time"
)

// alarmPrices are the prices of a CloudWatch anomaly alarm on a series, and of
// the model behind it.
func (d Demand) alarmPrices(p *Prices) (alarm, model Price) {
	name := AnomalyAlarm
	if d.Period > 0 && d.Period < time.Minute {
		name = AnomalyAlarmHigh
	}
	return p.Price(name, d.Region), p.Price(AnomalyDetector, d.Region)
}

// alarms is what CloudWatch's own anomaly alarms on the same series would
// cost a month: one for each.
func (d Demand) alarms(p *Prices) Money {
	alarm, model := d.alarmPrices(p)
	return alarm.of(float64(d.Count)).Plus(model.of(float64(d.Count)))
}

// stream is what the metrics would cost a month as a metric stream, which
// carries every update of every one, through Firehose.
func (e Existing) stream(p *Prices) Money {
	period := e.Period
	if period <= 0 {
		period = time.Minute
	}
	updates := float64(e.Count) * days * polls(period)
	size := p.Price(UpdateSize, e.Region)
	sent := p.Price(FirehoseGB, e.Region).of(updates * size.Value / 1e9)
	if !size.Verified {
		sent = sent.Plus(Money{Unverified: true, Notes: []string{size.name()}})
	}
	return p.Price(StreamUpdates, e.Region).of(updates).Plus(sent)
}

// streamed says whether a stream that carries what is watched carries these.
func (in Input) streamed(e Existing) bool {
	return slices.ContainsFunc(in.Demands, func(d Demand) bool { return d.place() == e.place() && d.Namespace == e.Namespace })
}
