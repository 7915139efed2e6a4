package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"mime"
	"net/url"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/kizashi-ops/kizashi/alert"
)

// layout is a user's template. What it puts out is escaped for the kind of
// body that it makes, so that a title with a quote in it cannot add a field:
// within the quotes of a JSON text, for a form, for HTML; in other kinds
// control characters are taken out.
type layout struct {
	t    *template.Template
	json bool
}

// Functions of templates, beside Go's own (printf, len, index, eq ...):
//
//	json  a value as JSON, quotes and all: {{json .Alert.Labels}}
//	line  a text on one line, without control characters: {{line .Summary}}
//	cut   a text of at most so many characters: {{cut 80 .Title}}
//	calm  a text in which no @name or <!name> calls anybody in a chat: {{calm .Text}}
var functions = template.FuncMap{
	"json": func(v any) (string, error) { b, err := alert.JSON(v); return string(b), err },
	"line": alert.Clean,
	"cut":  func(n int, s string) string { return alert.Cut(s, n) },
	"calm": strings.NewReplacer("@", "@\u200b", "<!", "<\u200b!", "<#", "<\u200b#").Replace,
}

// escapeName is not to be used in templates: newLayout adds it.
const escapeName = "_kizashi_escape"

// newLayout reads a template and tries it with a made-up notification. Errors
// name the template and the line.
func newLayout(name, text, kind string) (*layout, error) {
	media, _, err := mime.ParseMediaType(kind)
	if err != nil {
		return nil, fmt.Errorf("Content-Type %q: %w", kind, err)
	}
	l := &layout{json: media == "application/json" || strings.HasSuffix(media, "+json")}
	t, err := template.New(name).Funcs(functions).Funcs(template.FuncMap{escapeName: l.escaper(media)}).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	for _, each := range t.Templates() {
		if each.Tree != nil {
			escapeAll(each.Tree.Root)
		}
	}
	l.t = t
	_, err = l.lay(bodyOf(example()))
	return l, err
}

func (l *layout) escaper(media string) func(any) (string, error) {
	switch {
	case l.json:
		return func(v any) (string, error) {
			b, err := alert.JSON(fmt.Sprint(v))
			return strings.TrimSuffix(strings.TrimPrefix(string(b), `"`), `"`), err
		}
	case media == "application/x-www-form-urlencoded":
		return func(v any) (string, error) { return url.QueryEscape(fmt.Sprint(v)), nil }
	case strings.HasSuffix(media, "html") || strings.HasSuffix(media, "xml"):
		return func(v any) (string, error) { return html.EscapeString(alert.CleanLines(fmt.Sprint(v))), nil }
	}
	return func(v any) (string, error) { return alert.CleanLines(fmt.Sprint(v)), nil }
}

// escapeAll ends each pipeline that puts something out with the escaper, but
// for those that end with json.
func escapeAll(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, each := range n.Nodes {
			escapeAll(each)
		}
	case *parse.IfNode:
		escapeBranches(&n.BranchNode)
	case *parse.RangeNode:
		escapeBranches(&n.BranchNode)
	case *parse.WithNode:
		escapeBranches(&n.BranchNode)
	case *parse.ActionNode:
		last := n.Pipe.Cmds[len(n.Pipe.Cmds)-1]
		id, ok := last.Args[0].(*parse.IdentifierNode)
		if len(n.Pipe.Decl) > 0 || ok && id.Ident == "json" {
			return
		}
		n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
			NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{parse.NewIdentifier(escapeName).SetPos(n.Pos)},
		})
	}
}

func escapeBranches(n *parse.BranchNode) {
	escapeAll(n.List)
	escapeAll(n.ElseList)
}

// lay makes a body. It fails if the template does, makes too much of it, or
// makes no JSON where it should.
func (l *layout) lay(b Body) ([]byte, error) {
	var out bounded
	if err := l.t.Execute(&out, b); err != nil {
		return nil, err
	}
	body := bytes.TrimSpace(out.Bytes())
	if len(body) == 0 {
		return nil, errors.New("it puts out nothing")
	}
	if l.json && !json.Valid(body) {
		return nil, fmt.Errorf("it puts out no JSON: %s", whereBroken(body))
	}
	return body, nil
}

// whereBroken quotes the surroundings of the first mistake.
func whereBroken(body []byte) string {
	var v any
	err := json.Unmarshal(body, &v)
	var at *json.SyntaxError
	if !errors.As(err, &at) {
		return fmt.Sprint(err)
	}
	i := int(at.Offset)
	near := strings.ToValidUTF8(string(body[max(0, i-20):min(len(body), i+10)]), "")
	return fmt.Sprintf("%v, near %q; a text stands in quotes, or is put out by json", err, near)
}

// bounded is a buffer that takes as much as a body may have.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > longestBody {
		return 0, fmt.Errorf("it puts out more than %d bytes", longestBody)
	}
	return b.Buffer.Write(p)
}
