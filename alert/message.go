package alert

// Message is what a person reads, written in one language by alert/explain. It
// holds no markup: a sink lays it out and escapes it for its own medium, and
// leaves parts out where the medium is small, the last ones first. Texts may
// hold what strangers wrote (labels, log lines): no sink trusts them.
type Message struct {
	Title   string   `json:"title"`             // one line
	Lead    string   `json:"lead"`              // why it comes and what is the matter: a few sentences
	Facts   []Fact   `json:"facts,omitempty"`   // in the order of their weight
	Lines   []string `json:"lines,omitempty"`   // the members, a line each, worst first
	More    string   `json:"more,omitempty"`    // "and 12 others", where not all have a line
	Next    []string `json:"next,omitempty"`    // what its owner does now; the runbook
	Actions []Action `json:"actions,omitempty"` // what can be said of it: acknowledge, watch, mute, not an anomaly
	Foot    string   `json:"foot,omitempty"`    // ids by which it is found again
	Chart   *Chart   `json:"-"`                 // of the leading alert
}

// Fact is a name and a value.
type Fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Action is a way to answer: a link, or the command that does the same.
type Action struct {
	Name    string `json:"name"`          // ack, watch, mute, feedback ...
	Label   string `json:"label"`         // what it is called
	URL     string `json:"url,omitempty"` // "" = no external address is configured
	Command string `json:"command"`       // kizashi ack ...
}

// Chart is a picture with digits and ASCII only; Alt says what it shows.
type Chart struct {
	PNG []byte
	Alt string
}
