package detect

// brief asks the rows whether their votes would stand.
func (j *judge) brief() {
	j.each(j.s.set.judging, briefRow)
}

// briefRow asks a row whether its vote would stand.
func briefRow(j *judge, row int) {
	r, set, d := &j.e.rows[row], j.s.set, &j.drafts[row]
	d.Set = false
	votes := set.asks[row] == voteAsked
	if r.Share > 0 && j.apart() {
		votes = false
	}
	if !votes && (r.Weight == 0 || set.out[row]) {
		return
	}
	j.c.Share, j.c.Draft = r.Share, d
	said, onset := j.e.layout.brief(j.s, row).Brief(&j.c)
	if onset-onset != 0 {
		j.fault(row, "a vote that is no number")
		return
	}
	j.onset += r.Weight * onset
	if votes && said != NoOpinion {
		j.opinions++
		j.stands = j.stands || said == Stands && (r.Share == 0 || j.tellable())
	}
}
