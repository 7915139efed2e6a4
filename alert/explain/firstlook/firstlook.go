// Package firstlook writes what Kizashi makes of a tenant when it has read its
// history for the first time: what is watched, what is not yet and why, what
// the last weeks would have raised, what is not watched, and what that cost.
//
// It writes text and HTML from the same data, in the tenant's language. Names
// come from outside: HTML goes through html/template, text through
// [explain.Clean].
package firstlook

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

// Look is all that the report says.
type Look struct {
	Style    explain.Style
	Tenant   string
	Data     string // the service's data directory, for who asks further
	Zone     *time.Location
	From, To kizashi.Time // the history
	Groups   []Group
	Alerts   []Found
	More     int // alerts that are not listed
	Sources  []Source
	USD      float64 // estimated, of today so far; the back-fill is in it
	Requests int64
	Doubtful bool // a price was not held against AWS's own page
}

// Group is a group of series and what can be said of them.
type Group struct {
	Name    string
	Series  int
	Judged  int
	Warming int
	None    int // no opinion
	Silent  int // no sample came over the history
	Why     []kizashi.Evidence
}

// Found is an alert that the history would have raised.
type Found struct {
	ID, Series string
	Value      string
	From, To   kizashi.Time
	Class      string
	Firing     bool
}

// Source is an account's region.
type Source struct {
	Account, Region string
	Listed          bool
	Spaces          []Space
	Untagged        int
	Blind           []string
}

// Space is a namespace: metrics that exist, and those that are watched.
type Space struct {
	Name             string
	Metrics, Watched int
}

// page is the report in words.
type page struct {
	Lang, Title, Span string
	Parts             []part
}

type part struct {
	Head  string
	Lines []string
	Table *table
	Notes []string
}

type table struct {
	Head []string
	Rows [][]string
	Nums int // so many columns from the second on are numbers
	Keys int // so many columns, the last ones, are short and not broken
}

// Text writes it for a terminal or a mail.
func (l Look) Text(w io.Writer) error {
	p := l.page()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", p.Title, p.Span)
	for _, x := range p.Parts {
		fmt.Fprintf(&b, "\n%s\n", x.Head)
		for _, line := range x.Lines {
			fmt.Fprintf(&b, "  %s\n", explain.Clean(line))
		}
		if x.Table != nil {
			for _, row := range x.Table.Rows {
				fmt.Fprintf(&b, "  - %s\n", explain.Clean(l.row(x.Table.Head, row)))
			}
		}
		for _, line := range x.Notes {
			fmt.Fprintf(&b, "  %s\n", explain.Clean(line))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// row in words: columns of two widths do not line up in two scripts.
func (l Look) row(head, row []string) string {
	out := row[0]
	for i := 1; i < len(row); i++ {
		if row[i] == "" {
			continue
		}
		sep := ", "
		if l.Style.Lang == explain.Japanese {
			sep = "、"
		}
		if i == 1 {
			sep = ": "
		}
		out += sep + head[i] + " " + row[i]
	}
	return out
}

// HTML writes it as one file that needs nothing beside it.
func (l Look) HTML(w io.Writer) error { return tmpl.Execute(w, l.page()) }

var tmpl = template.Must(template.New("firstlook").Parse(source))

const source = `<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
@page { size: A4; margin: 15mm; }
* { box-sizing: border-box; }
body { font: 10pt/1.5 "Hiragino Sans", "Yu Gothic", "Noto Sans CJK JP", "Noto Sans JP", Meiryo, Arial, sans-serif; color: #222; max-width: 180mm; margin: 0 auto; padding: 8mm 4mm; }
h1 { font-size: 18pt; margin: 0; }
h2 { font-size: 13pt; margin: 9mm 0 2mm; padding-bottom: 1mm; border-bottom: 1.5pt solid #1b3a57; break-after: avoid; }
p { margin: 0 0 1.5mm; overflow-wrap: anywhere; }
.span, .note { color: #555; font-size: 9pt; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; margin: 2mm 0; }
th, td { padding: .8mm 2mm; border-bottom: .5pt solid #ccc; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { color: #555; font-weight: normal; border-bottom: 1pt solid #888; white-space: nowrap; }
.n { text-align: right; }
.k { white-space: nowrap; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p class="span">{{.Span}}</p>
{{range .Parts}}<h2>{{.Head}}</h2>
{{range .Lines}}<p>{{.}}</p>
{{end}}{{with .Table}}{{$t := .}}<table>
<thead><tr>{{range $i, $h := .Head}}<th{{with $t.Class $i}} class="{{.}}"{{end}}>{{$h}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr>{{range $i, $c := .}}<td{{with $t.Class $i}} class="{{.}}"{{end}}>{{$c}}</td>{{end}}</tr>
{{end}}</tbody>
</table>
{{end}}{{range .Notes}}<p class="note">{{.}}</p>
{{end}}{{end}}</body>
</html>
`

// Class is how a column is set.
func (t table) Class(i int) string {
	switch {
	case i > 0 && i <= t.Nums:
		return "n"
	case i >= len(t.Head)-t.Keys:
		return "k"
	}
	return ""
}
