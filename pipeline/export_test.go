package pipeline

// Promptly changes how many alerts of a group at one tick are told with their
// justification.
func (p *Pipeline) Promptly(n int) { p.promptly = n }
