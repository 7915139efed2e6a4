package detect

import "time"

// Budget is what a detector that is not Kizashi's may take for a sample, on
// average: about a hundred times what all of Kizashi's take together. At 100,000
// samples a minute it would be 5 s of one core.
const Budget = 50 * time.Microsecond
