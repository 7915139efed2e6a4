package mask

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what is masked; its placeholder is <kind>.
type Kind string

// The kinds, as configuration and placeholders name them.
const (
	Email       Kind = "email"            // addresses with a domain whose last part is letters; %40 and full-width too
	AWSKey      Kind = "aws-key"          // access key ids: AKIA, ASIA, ABIA, ACCA and 16 more
	AWSSecret   Kind = "aws-secret"       // secret access keys, by the name of the key or beside an access key id
	JWT         Kind = "jwt"              // JSON web tokens
	Token       Kind = "token"            // what follows Bearer, Authorization:, token=, api_key=, secret=, cookies
	Password    Kind = "password"         // what follows password=, "passwd":, パスワード: ...
	PrivateKey  Kind = "private-key"      // PEM blocks, also over rows, and rows of 64 or 76 such letters alone
	UserInfo    Kind = "userinfo"         // of URLs: what stands before the @
	Card        Kind = "card"             // 13 to 19 digits of a card issuer, with Luhn's check digit
	MyNumber    Kind = "mynumber"         // 個人番号: 12 digits with their check digit
	Corporate   Kind = "corporate-number" // 法人番号: 13 digits with their check digit
	Phone       Kind = "phone"            // Japanese: 03-1234-5678, 090..., +81...
	PostalCode  Kind = "postal-code"      // after 〒 or a word that says so
	BankAccount Kind = "bank-account"     // 7 digits after a word that says so
	Licence     Kind = "licence"          // 運転免許証番号: 12 digits after a word that says so
)

const (
	email = iota
	awsKey
	awsSecret
	jwt
	token
	password
	privateKey
	userInfo
	card
	myNumber
	corporate
	phone
	postalCode
	bankAccount
	licence
	kinds
)

var names = [kinds]Kind{Email, AWSKey, AWSSecret, JWT, Token, Password, PrivateKey, UserInfo, Card, MyNumber, Corporate, Phone, PostalCode, BankAccount, Licence}

// Kinds lists them all.
func Kinds() []Kind { return slices.Clone(names[:]) }

func (m *Masker) turnOff(off []Kind) error {
	var unknown []string
	for _, k := range off {
		i := slices.Index(names[:], k)
		if i < 0 {
			unknown = append(unknown, fmt.Sprintf("%q", k))
			continue
		}
		m.off[i] = true
	}
	if len(unknown) == 0 {
		return nil
	}
	var all []string
	for _, k := range names {
		all = append(all, string(k))
	}
	return fmt.Errorf("mask: off: %s: no such kind (want one of %s)", strings.Join(unknown, ", "), strings.Join(all, ", "))
}

// Counts say what was masked so far.
type Counts struct {
	Lines  int        // looked at
	Masked int        // of them those in which something was masked
	kinds  [kinds]int // stretches
	Own    []OwnCount // of the user's rules, in their order
}

// OwnCount counts what one of the user's rules masked.
type OwnCount struct {
	Name  string
	Count int
}

func (c *Counts) add(kind int) {
	if kind >= own {
		c.Own[kind-own].Count++
		return
	}
	c.kinds[kind]++
}

// Of says how many stretches of a kind, or by a rule of that name, were masked.
func (c *Counts) Of(k Kind) int {
	if i := slices.Index(names[:], k); i >= 0 {
		return c.kinds[i]
	}
	for _, o := range c.Own {
		if o.Name == string(k) {
			return o.Count
		}
	}
	return 0
}

// Merge adds what another Masker counted.
func (c *Counts) Merge(d Counts) {
	c.Lines += d.Lines
	c.Masked += d.Masked
	for i, n := range d.kinds {
		c.kinds[i] += n
	}
	for _, o := range d.Own {
		i := slices.IndexFunc(c.Own, func(x OwnCount) bool { return x.Name == o.Name })
		if i < 0 {
			c.Own = append(c.Own, o)
			continue
		}
		c.Own[i].Count += o.Count
	}
}

// String is "12 of 3400 lines: email 9, token 4".
func (c *Counts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d lines", c.Masked, c.Lines)
	sep := ": "
	tell := func(name string, n int) {
		if n > 0 {
			fmt.Fprintf(&b, "%s%s %d", sep, name, n)
			sep = ", "
		}
	}
	for i, n := range c.kinds {
		tell(string(names[i]), n)
	}
	for _, o := range c.Own {
		tell(o.Name, o.Count)
	}
	return b.String()
}

// Counts returns what was masked so far.
func (m *Masker) Counts() Counts {
	c := m.counts
	c.Own = slices.Clone(c.Own)
	return c
}
