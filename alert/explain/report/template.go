package report

// source is the file. Lengths are in points and millimeters: it is meant for
// paper as much as for a screen.
const source = `<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
@page { size: A4; margin: 15mm; }
* { box-sizing: border-box; }
body { font: 10pt/1.5 "Hiragino Sans", "Yu Gothic", "Noto Sans CJK JP", "Noto Sans JP", Meiryo, Arial, sans-serif; color: #222; max-width: 180mm; margin: 0 auto; padding: 8mm 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
h1 { font-size: 18pt; margin: 0; }
h2 { font-size: 13pt; margin: 9mm 0 2mm; padding-bottom: 1mm; border-bottom: 1.5pt solid #1b3a57; overflow-wrap: anywhere; }
h3 { font-size: 10.5pt; margin: 0 0 1mm; overflow-wrap: anywhere; }
h4 { font-size: 9pt; margin: 3mm 0 1mm; color: #555; }
p { margin: 0 0 1.5mm; white-space: pre-line; overflow-wrap: anywhere; }
.span, .id, .legend, footer { color: #555; font-size: 9pt; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; }
th, td { padding: .8mm 2mm; border-bottom: .5pt solid #ccc; text-align: right; vertical-align: top; }
th { color: #555; font-weight: normal; border-bottom: 1pt solid #888; }
th.t, td.t { text-align: left; overflow-wrap: anywhere; }
tr.total td { font-weight: bold; border-top: 1pt solid #888; }
tr.held td { color: #888; }
thead { display: table-header-group; }
tr, figure, .lead { break-inside: avoid; }
h2, h3, h4 { break-after: avoid; }
figure { margin: 2mm 0; }
svg { width: 100%; height: auto; display: block; }
.legend span { margin-right: 4mm; white-space: nowrap; }
.legend i { display: inline-block; width: 4mm; height: 2.5mm; margin-right: 1mm; }
.alert { margin: 4mm 0; padding: 3mm 4mm; border: .5pt solid #ccc; border-left: 2pt solid #c0392b; }
.manager { background: #f3f6f9; padding: 2mm 3mm; }
.why { font-size: 9pt; }
.out { float: right; margin-left: 3mm; padding: 0 2mm; border: .5pt solid #888; font-size: 9pt; }
footer { margin-top: 9mm; padding-top: 2mm; border-top: .5pt solid #ccc; }
</style>
</head>
<body>
<header>
<h1>{{.Title}}</h1>
<p class="span">{{.Span}}</p>
</header>
{{- $w := .W}}{{$labelled := .Labelled}}{{$inherited := .Inherited}}
<h2>{{$w.Summary}}</h2>
{{- if .Rows}}
<table>
<thead><tr><th class="t">{{$w.Series}}</th>{{if $inherited}}<th class="t">{{$w.Rule}}</th>{{end}}<th>{{$w.Alerts}}</th><th>{{$w.Weekly}}</th>
{{- if $labelled}}<th>{{$w.CaughtN}}</th><th>{{$w.Missed}}</th><th>{{$w.Undecided}}</th><th>{{$w.Delay}}</th>{{end}}</tr></thead>
<tbody>
{{- range .Rows}}
<tr{{if .Total}} class="total"{{end}}>{{if .First}}<td class="t" rowspan="{{.Span}}">{{.Name}}</td>{{end}}{{if $inherited}}<td class="t">{{.Rule}}</td>{{end}}<td>{{.Alerts}}</td><td>{{.Weekly}}</td>
{{- if $labelled}}<td>{{.Caught}}</td><td>{{.Missed}}</td><td>{{.Undecided}}</td><td>{{.Delay}}</td>{{end}}</tr>
{{- end}}
</tbody>
</table>
{{- else}}
<p>{{$w.NoSeries}}</p>
{{- end}}
{{- if not $labelled}}
<p class="span">{{$w.Unlabelled}}</p>
{{- end}}
{{- $colors := .Colors}}
{{- range .Sections}}
<section>
<h2>{{.Name}}</h2>
{{- if .Chart}}
<figure>{{.Chart}}
<figcaption class="legend"><span><i style="background:{{$colors.value}}"></i>{{$w.Value}}</span><span><i style="background:{{$colors.band}};border:.5pt solid {{$colors.limit}}"></i>{{$w.Band}}</span><span><i style="height:0;border-top:1pt dashed {{$colors.expected}};vertical-align:middle"></i>{{$w.Expected}}</span><span><i style="background:{{$colors.alert}}"></i>{{$w.Alert}}</span>{{if $labelled}}<span><i style="background:{{$colors.label}}"></i>{{$w.Label}}</span>{{end}}</figcaption>
</figure>
{{- end}}
{{- range .Alerts}}
<article class="alert" id="alert-{{.ID}}">
<div class="lead">
{{- if .Outcome}}<span class="out">{{.Outcome}}</span>{{end}}
<h3>{{.Title}}</h3>
<p class="id">{{$w.ID}} {{.ID}}</p>
<p class="manager">{{.Manager}}</p>
</div>
<h4>{{$w.Justification}}</h4>
<div class="why">
{{- range .Paragraphs}}
<p>{{.}}</p>
{{- end}}
</div>
{{- if .Moments}}
<h4>{{.Compared}}</h4>
<table>
<thead><tr><th class="t">{{$w.Hour}}</th><th>{{$w.Samples}}</th><th>{{$w.Low}}</th><th>{{$w.Median}}</th><th>{{$w.High}}</th><th class="t"></th></tr></thead>
<tbody>
{{- range .Moments}}
<tr{{if .Held}} class="held"{{end}}><td class="t">{{.When}}</td><td>{{.Count}}</td><td>{{.Low}}</td><td>{{.Median}}</td><td>{{.High}}</td><td class="t">{{.Note}}</td></tr>
{{- end}}
</tbody>
</table>
{{- end}}
</article>
{{- else}}
<p>{{$w.None}}</p>
{{- end}}
{{- if .Silent}}
<h4>{{$w.Silent}}</h4>
<table>
<thead><tr><th class="t">{{$w.When}}</th><th class="t">{{$w.Event}}</th><th class="t">{{$w.Why}}</th></tr></thead>
<tbody>
{{- range .Silent}}
<tr><td class="t">{{.When}}</td><td class="t">{{.Name}}</td><td class="t">{{.Why}}</td></tr>
{{- end}}
</tbody>
</table>
{{- end}}
</section>
{{- end}}
<footer>{{$w.Closing}}</footer>
</body>
</html>
`
