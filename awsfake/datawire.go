package awsfake

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// dataRequest reads GetMetricData: CBOR straight into its type, the other
// protocols by way of maps.
func (q *request) dataRequest(sc *scratch) (*dataRequest, error) {
	if q.proto != CBOR {
		return readData(q.in, sc)
	}
	in := &dataRequest{queries: sc.queries}
	d := &textReader{cborReader{s: string(q.body)}, sc}
	err := d.each(func(key string) (err error) {
		switch key {
		case "StartTime":
			in.from, err = d.instant()
		case "EndTime":
			in.to, err = d.instant()
		case "ScanBy":
			in.scan, err = d.text()
		case "NextToken":
			in.token, err = d.text()
		case "MaxDatapoints":
			var n float64
			n, err = d.number()
			in.max = int(n)
		case "MetricDataQueries":
			err = d.items(func() error {
				in.queries = append(in.queries, query{})
				return d.query(&in.queries[len(in.queries)-1])
			})
		default:
			err = d.skip()
		}
		return err
	})
	sc.queries = in.queries
	if err != nil {
		return nil, &failure{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	return in, nil
}

func (d *textReader) query(x *query) error {
	return d.each(func(key string) (err error) {
		switch key {
		case "Id":
			x.id, err = d.text()
		case "Label":
			x.label, err = d.text()
		case "Expression":
			x.expr, err = d.text()
		case "AccountId":
			x.account, err = d.text()
		case "ReturnData":
			var show bool
			show, err = d.flag()
			x.hidden = !show
		case "Period":
			err = d.seconds(&x.period)
		case "MetricStat":
			x.metric = true
			err = d.metricStat(x)
		default:
			err = d.skip()
		}
		return err
	})
}

func (d *textReader) metricStat(x *query) error {
	return d.each(func(key string) (err error) {
		switch key {
		case "Stat":
			x.stat, err = d.text()
		case "Unit":
			x.unit, err = d.text()
		case "Period":
			err = d.seconds(&x.period)
		case "Metric":
			err = d.each(func(key string) (err error) {
				switch key {
				case "Namespace":
					x.namespace, err = d.text()
				case "MetricName":
					x.name, err = d.text()
				case "Dimensions":
					err = d.dimensions(x)
				default:
					err = d.skip()
				}
				return err
			})
		default:
			err = d.skip()
		}
		return err
	})
}

func (d *textReader) dimensions(x *query) error {
	begin := len(d.sc.dims)
	err := d.items(func() error {
		var m dim
		err := d.each(func(key string) (err error) {
			switch key {
			case "Name":
				m.name, err = d.text()
			case "Value":
				m.value, err = d.text()
			default:
				err = d.skip()
			}
			return err
		})
		d.sc.dims = append(d.sc.dims, m)
		return err
	})
	x.dims = sortDims(d.sc.dims[begin:len(d.sc.dims):len(d.sc.dims)])
	return err
}

func sortDims(ds []dim) []dim {
	if len(ds) > 1 {
		slices.SortFunc(ds, func(a, b dim) int { return strings.Compare(a.name, b.name) })
	}
	return ds
}

// readData reads the request from maps.
func readData(in map[string]any, sc *scratch) (*dataRequest, error) {
	out := &dataRequest{scan: text(in["ScanBy"]), token: text(in["NextToken"]), queries: sc.queries}
	var err error
	if out.from, err = instant(in["StartTime"]); err != nil {
		return nil, fmt.Errorf("StartTime: %w", err)
	}
	if out.to, err = instant(in["EndTime"]); err != nil {
		return nil, fmt.Errorf("EndTime: %w", err)
	}
	n, err := number(in["MaxDatapoints"])
	if err != nil {
		return nil, fmt.Errorf("MaxDatapoints: %w", err)
	}
	out.max = int(n)
	for i, v := range list(in["MetricDataQueries"]) {
		x, err := readQuery(dict(v))
		if err != nil {
			return nil, fmt.Errorf("MetricDataQueries.member.%d: %w", i+1, err)
		}
		out.queries = append(out.queries, x)
	}
	sc.queries = out.queries
	return out, nil
}

func readQuery(in map[string]any) (query, error) {
	ms := dict(in["MetricStat"])
	m := dict(ms["Metric"])
	x := query{id: text(in["Id"]), label: text(in["Label"]), expr: text(in["Expression"]), account: text(in["AccountId"]),
		namespace: text(m["Namespace"]), name: text(m["MetricName"]), stat: text(ms["Stat"]), unit: text(ms["Unit"]),
		metric: ms != nil, dims: readDims(m["Dimensions"])}
	if show, said := flag(in["ReturnData"]); said {
		x.hidden = !show
	}
	for _, v := range []any{in["Period"], ms["Period"]} {
		p, err := number(v)
		if err != nil {
			return x, fmt.Errorf("Period: %w", err)
		}
		if p != 0 {
			x.period = int64(p)
		}
	}
	return x, nil
}

func readDims(v any) []dim {
	var out []dim
	for _, d := range list(v) {
		out = append(out, dim{text(dict(d)["Name"]), text(dict(d)["Value"])})
	}
	return sortDims(out)
}

// dataReply writes the answer: CBOR straight, the other protocols by way of
// objects.
func (q *request) dataReply(a dataAnswer, sc *scratch) (reply, error) {
	if q.proto != CBOR {
		return q.answered(a.object(sc), sc)
	}
	b := sc.out[:0]
	n := uint64(1)
	if a.next != "" {
		n++
	}
	if a.code != "" {
		n++
	}
	b = appendHead(b, 5, n)
	b = appendText(b, "MetricDataResults")
	b = appendHead(b, 4, uint64(len(a.rows)))
	for i := range a.rows {
		b = appendRow(b, &a.rows[i], sc)
	}
	if a.next != "" {
		b = appendText(appendText(b, "NextToken"), a.next)
	}
	if a.code != "" {
		b = appendMessages(b, a.code, a.note)
	}
	sc.out = b
	return q.encoded(http.StatusOK, b), nil
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, 3, uint64(len(s))), s...)
}

func appendMessages(b []byte, code, note string) []byte {
	b = append(appendText(b, "Messages"), 0x81, 0xa2)
	b = appendText(appendText(b, "Code"), code)
	return appendText(appendText(b, "Value"), note)
}

func appendRow(b []byte, r *row, sc *scratch) []byte {
	n := uint64(5)
	if r.code != "" {
		n++
	}
	b = appendHead(b, 5, n)
	b = appendText(appendText(b, "Id"), r.id)
	b = appendText(appendText(b, "Label"), r.label)
	b = appendText(appendText(b, "StatusCode"), r.status)
	b = appendHead(appendText(b, "Timestamps"), 4, uint64(r.hi-r.lo))
	for _, t := range sc.times[r.lo:r.hi] {
		b = binary.BigEndian.AppendUint64(append(b, 0xc1, 0xfb), math.Float64bits(float64(t)))
	}
	b = appendHead(appendText(b, "Values"), 4, uint64(r.hi-r.lo))
	for _, v := range sc.values[r.lo:r.hi] {
		b = binary.BigEndian.AppendUint64(append(b, 0xfb), math.Float64bits(v))
	}
	if r.code != "" {
		b = appendMessages(b, r.code, r.note)
	}
	return b
}

func (a dataAnswer) object(sc *scratch) object {
	rows := []any{}
	for _, r := range a.rows {
		at, values := []any{}, []any{}
		for i := r.lo; i < r.hi; i++ {
			at, values = append(at, time.Unix(sc.times[i], 0).UTC()), append(values, sc.values[i])
		}
		o := object{{"Id", r.id}, {"Label", r.label}, {"Timestamps", at}, {"Values", values}, {"StatusCode", r.status}}
		if r.code != "" {
			o = append(o, field{"Messages", messages(r.code, r.note)})
		}
		rows = append(rows, o)
	}
	out := object{{"MetricDataResults", rows}}
	if a.next != "" {
		out = append(out, field{"NextToken", a.next})
	}
	if a.code != "" {
		out = append(out, field{"Messages", messages(a.code, a.note)})
	}
	return out
}

func messages(code, note string) []any { return []any{object{{"Code", code}, {"Value", note}}} }
