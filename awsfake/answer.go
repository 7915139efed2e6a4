package awsfake

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reply is an answer in its wire form.
type reply struct {
	status     int
	kind       string // content type
	queryError string // X-Amzn-Query-Error
	body       []byte
}

// spaces are the XML namespaces of the query services.
var spaces = map[string]string{
	"monitoring":  "http://monitoring.amazonaws.com/doc/2010-08-01/",
	"sts":         "https://sts.amazonaws.com/doc/2011-06-15/",
	"sns":         "http://sns.amazonaws.com/doc/2010-03-31/",
	"autoscaling": "http://autoscaling.amazonaws.com/doc/2011-01-01/",
	"ec2":         "http://ec2.amazonaws.com/doc/2016-11-15/",
}

// encoded is an answer whose body is written already.
func (q *request) encoded(status int, body []byte) reply {
	switch {
	case q.proto == CBOR:
		return reply{status: status, kind: "application/cbor", body: body}
	case q.proto == JSON:
		kind := q.json
		if kind == "" {
			kind = "application/x-amz-json-1.0"
		}
		return reply{status: status, kind: kind, body: body}
	}
	return reply{status: status, kind: "text/xml", body: body}
}

// answered writes out in the protocol of the call.
func (q *request) answered(out object, sc *scratch) (reply, error) {
	switch q.proto {
	case CBOR:
		b, err := appendCBOR(sc.out[:0], out)
		sc.out = b
		return q.encoded(http.StatusOK, b), err
	case JSON:
		b, err := appendJSON(sc.out[:0], out)
		sc.out = b
		return q.encoded(http.StatusOK, b), err
	}
	b := bytes.NewBuffer(sc.out[:0])
	if q.service == "ec2" {
		fmt.Fprintf(b, `<%sResponse xmlns="%s"><requestId>%s</requestId>`, q.op, spaces[q.service], q.cloud.requestID())
		xmlValue(b, out, "item")
		fmt.Fprintf(b, `</%sResponse>`, q.op)
	} else {
		fmt.Fprintf(b, `<%sResponse xmlns="%s"><%sResult>`, q.op, spaces[q.service], q.op)
		xmlValue(b, out, "member")
		fmt.Fprintf(b, `</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`, q.op, q.cloud.requestID(), q.op)
	}
	sc.out = b.Bytes()
	return q.encoded(http.StatusOK, sc.out), nil
}

// refusal writes an error in the protocol of the call; what it has beside code
// and text goes over JSON and CBOR only.
func (q *request) refusal(f *failure, sc *scratch, more ...field) reply {
	side := "Sender"
	if f.Status >= 500 {
		side = "Receiver"
	}
	out := append(object{{"__type", f.Code}, {"message", f.Text}}, more...)
	var b []byte
	var err error
	switch q.proto {
	case CBOR:
		// The shapes of errors disagree on the case of the text's name.
		out[0].Value = "com.amazonaws." + q.service + "#" + f.Code
		out = append(out, field{"Message", f.Text})
		b, err = appendCBOR(sc.out[:0], out)
	case JSON:
		b, err = appendJSON(sc.out[:0], out)
	default:
		b = q.xmlRefusal(f, side)
	}
	if err != nil {
		panic(err) // two strings have a form in every protocol
	}
	r := q.encoded(f.Status, b)
	if q.service == "monitoring" && q.proto != Query {
		r.queryError = f.Code + ";" + side
	}
	return r
}

func (q *request) xmlRefusal(f *failure, side string) []byte {
	var b bytes.Buffer
	if q.service == "ec2" {
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error>`)
		xmlValue(&b, object{{"Code", f.Code}, {"Message", f.Text}}, "item")
		fmt.Fprintf(&b, `</Error></Errors><RequestID>%s</RequestID></Response>`, q.cloud.requestID())
		return b.Bytes()
	}
	fmt.Fprintf(&b, `<ErrorResponse xmlns="%s"><Error>`, spaces[q.service])
	xmlValue(&b, object{{"Type", side}, {"Code", f.Code}, {"Message", f.Text}}, "member")
	fmt.Fprintf(&b, `</Error><RequestId>%s</RequestId></ErrorResponse>`, q.cloud.requestID())
	return b.Bytes()
}

func (c *Cloud) requestID() string {
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", c.counter.Add(1))
}

// appendJSON appends an answer. NaN and infinity have no form in JSON: AWS
// writes them as strings.
func appendJSON(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case dictionary:
		return appendJSON(b, object(v))
	case object:
		b = append(b, '{')
		for i, f := range v {
			if i > 0 {
				b = append(b, ',')
			}
			name, err := json.Marshal(f.Name) // of a dictionary it is a user's text
			if err != nil {
				return b, err
			}
			b = append(append(b, name...), ':')
			if b, err = appendJSON(b, f.Value); err != nil {
				return b, fmt.Errorf("%s: %w", f.Name, err)
			}
		}
		return append(b, '}'), nil
	case []any:
		b = append(b, '[')
		for i := range v {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendJSON(b, v[i]); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	case time.Time:
		return strconv.AppendFloat(b, float64(v.UnixMilli())/1000, 'f', -1, 64), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strconv.AppendQuote(b, spelled(v)), nil
		}
	}
	one, err := json.Marshal(v)
	return append(b, one...), err
}

// spelled is a number as text.
func spelled(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// xmlValue writes a value; lists are members or, in EC2, items.
func xmlValue(b *bytes.Buffer, v any, item string) {
	switch v := v.(type) {
	case object:
		for _, f := range v {
			if f.Value == nil {
				continue
			}
			b.WriteString("<" + f.Name + ">")
			xmlValue(b, f.Value, item)
			b.WriteString("</" + f.Name + ">")
		}
	case dictionary:
		for _, f := range v {
			b.WriteString("<entry>")
			xmlValue(b, object{{"key", f.Name}, {"value", f.Value}}, item)
			b.WriteString("</entry>")
		}
	case []any:
		for i := range v {
			b.WriteString("<" + item + ">")
			xmlValue(b, v[i], item)
			b.WriteString("</" + item + ">")
		}
	case time.Time:
		b.WriteString(v.UTC().Format("2006-01-02T15:04:05.999Z07:00"))
	case float64:
		b.WriteString(spelled(v))
	default:
		// EscapeText fails only if the writer does, and a Buffer never does.
		_ = xml.EscapeText(b, []byte(strings.ToValidUTF8(fmt.Sprint(v), "\uFFFD")))
	}
}
