package recur

import (
	"strings"
	"testing"
)

// TestBadWindows: what is wrong is named, in files with the file and the event.
func TestBadWindows(t *testing.T) {
	e := env(t)
	for spec, want := range map[string]string{
		"":                                  "it is empty",
		"in Asia/Tokyo":                     `"" begins no window`,
		"hours in Asia/Tokyo":               "want days and times",
		"cron in Asia/Tokyo":                `"for" is missing`,
		"always":                            `"always" begins no window; want cron, rrule, days, hours, ics, or START/END`,
		"2026-12-29T18:00/2027-01-04T08:00": "or a zone behind: in Asia/Tokyo",
		"2026-12-29T18:00+09:00/2026-12-29T18:00+09:00":                                        "does not come after the start",
		"2026-12-29/2027-01-04 in Asia/Tokyo":                                                  `start: time "2026-12-29": want such as`,
		"2026-12-29T18:00/9999-01-04T08:00 in Asia/Tokyo":                                      "from 1970 to 2199",
		"2026-12-29T18:00/2027-01-04T08:00 in Asia/Tokio":                                      `time zone "Asia/Tokio": unknown`,
		"cron 0 2 * * 2 for 2h":                                                                `"in" is missing`,
		"cron 0 2 * * 2 in Asia/Tokyo":                                                         `"for" is missing`,
		"cron 0 2 * * for 2h in Asia/Tokyo":                                                    "cron: want five fields",
		"cron TZ=UTC 0 2 * * for 2h in Asia/Tokyo":                                             "cron: want five fields",
		"cron 0 2 30 2 * for 2h in Asia/Tokyo":                                                 "it never fires",
		"cron 0 2 31 4,6,9,11 * for 2h in Asia/Tokyo":                                          "it never fires",
		"cron , 2 * * * for 2h in Asia/Tokyo":                                                  "it never fires",
		"cron 61 2 * * * for 2h in Asia/Tokyo":                                                 "end of range (61) above maximum (59)",
		"cron 0 2 * * 2#6 for 2h in Asia/Tokyo":                                                `"2#6": want a week of the month from 1 to 5`,
		"cron 0 2 * * 1-5#2 for 2h in Asia/Tokyo":                                              `"1-5#2": want one day of the week before the #`,
		"cron 0 2 * * 9#2 for 2h in Asia/Tokyo":                                                `"9#2": want one day of the week before the #`,
		"cron * * * * * for 1m in Asia/Tokyo":                                                  "it never ends",
		"cron 0 0 * * * for 24h in Asia/Tokyo":                                                 "it never ends",
		"cron 0 0 * * * for 0s in Asia/Tokyo":                                                  `length "0s": want such as 90m`,
		"cron 0 0 * * * for 400d in Asia/Tokyo":                                                `length "400d": want such as 90m`,
		"cron 0 0 * * * for -1h in Asia/Tokyo":                                                 `length "-1h": want such as 90m`,
		"rrule FREQ=WEEKLY for 2h in Asia/Tokyo":                                               `"from" is missing`,
		"rrule FREQ=DAILY from 2026-01-01T00:00 for 24h in Asia/Tokyo":                         "it never ends",
		"rrule FREQ=FORTNIGHTLY from 2026-01-01T00:00 for 2h in Asia/Tokyo":                    "rule: undefined frequency: FORTNIGHTLY",
		"rrule FREQ=MINUTELY from 2026-01-01T00:00 for 2h in Asia/Tokyo":                       "FREQ: want DAILY, WEEKLY, MONTHLY or YEARLY",
		"rrule FREQ=DAILY;COUNT=0 from 2026-01-01T00:00 for 2h in Asia/Tokyo":                  "COUNT: want 1 or more",
		"rrule FREQ=DAILY;INTERVAL=0 from 2026-01-01T00:00 for 2h in Asia/Tokyo":               "INTERVAL: want 1 to 1000",
		"rrule FREQ=DAILY;COUNT=3;UNTIL=20270101 from 2026-01-01T00:00 for 2h in Asia/Tokyo":   "COUNT and UNTIL: want one of them",
		"rrule FREQ=DAILY;UNTIL=20251231 from 2026-01-01T00:00 for 2h in Asia/Tokyo":           "it never fires",
		"rrule FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 from 2026-01-01T00:00 for 2h in Asia/Tokyo":  "it never fires",
		"rrule FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 from 2026-01-01T00:00 for 2h in Asia/Tokyo": "it never fires",
		"rrule FREQ=DAILY;BYMONTHDAY=32 from 2026-01-01T00:00 for 2h in Asia/Tokyo":            "bymonthday must be between 1 and 31",
		"rrule FREQ=DAILY;BYEASTER=1 from 2026-01-01T00:00 for 2h in Asia/Tokyo":               "rule: want parts such as",
		"rrule FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10;BYMINUTE=0,5,10,15,20,25,30,35,40,45 from 2026-01-01T00:00 for 2m in Asia/Tokyo": "they give 110 times a day",
		"rrule FREQ=WEEKLY from 2026-13-01T00:00 for 2h in Asia/Tokyo":                                                                   `time "2026-13-01T00:00": want such as`,
		"days gotoby at 00:00 for 24h in Asia/Tokyo":                                                                                     `day rule "gotoby"`,
		"days gotobi for 24h in Asia/Tokyo":                                                                                              `"at" is missing`,
		"days gotobi at 0:00 for 24h in Asia/Tokyo":                                                                                      `time of day "0:00"`,
		"days Fri at 20:00 until Mon in Asia/Tokyo":                                                                                      `until: "at" is missing`,
		"days Mon-Sun at 00:00 for 24h in Asia/Tokyo":                                                                                    "it never ends",
		"hours 00:00-24:00 in Asia/Tokyo":                                                                                                "it never ends",
		"hours holyday 00:00-24:00 in Asia/Tokyo":                                                                                        `days "holyday"`,
		"ics":                            "want the name of a file",
		"ics nowhere.ics":                "nowhere.ics: no such file",
		"ics outlook.ics while closed":   `outlook.ics: "while closed" is for change calendars`,
		"ics change-open.ics while shut": `while "shut": want open or closed`,
		"ics outlook.ics in Asia/Tokio":  `time zone "Asia/Tokio": unknown`,
		"cron 0 2 * * 2 for 2h in " + strings.Repeat("x", 5000): "it is longer than 4096 bytes",
	} {
		_, err := Parse(spec, e)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 1000 {
			t.Errorf("%s: %v\nwant %s", clip(spec), err, want)
		}
	}
	for spec, want := range map[string]string{
		"days gotobi at 00:00 for 24h in Asia/Tokyo": "there is no calendar",
		"hours business 00:00-24:00 in Asia/Tokyo":   "there is no calendar",
		"ics /etc/passwd": "files are read for the configuration alone",
	} {
		if _, err := Parse(spec, Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s, from the network: %v, want %s", spec, err, want)
		}
	}
}

// TestBadFiles: an unknown zone and other faults of an event name file and event.
func TestBadFiles(t *testing.T) {
	cal := func(lines ...string) string {
		return "BEGIN:VCALENDAR\nVERSION:2.0\n" + strings.Join(lines, "\n") + "\nEND:VCALENDAR\n"
	}
	event := func(lines ...string) string {
		return cal("BEGIN:VEVENT\nUID:u1\nSUMMARY:Patch\n" + strings.Join(lines, "\n") + "\nEND:VEVENT")
	}
	who := `f.ics: event "Patch" (UID "u1"): `
	for _, c := range []struct{ file, want string }{
		{"", "f.ics: want an iCalendar file"},
		{event("DTSTART:20260101T000000Z")[:60], "it may be cut short"},
		{cal(), "f.ics: it has no event"},
		{cal("X-CALENDAR-TYPE:DEFAULT_AJAR"), `f.ics: X-CALENDAR-TYPE "DEFAULT_AJAR": want DEFAULT_OPEN or DEFAULT_CLOSED`},
		{cal("X-WR-TIMEZONE:Asia/Tokio"), `f.ics: X-WR-TIMEZONE: time zone "Asia/Tokio": unknown`},
		{event("DTSTART;TZID=Asia/Tokio:20260101T000000", "DURATION:PT1H"), who + `DTSTART: time zone "Asia/Tokio": unknown`},
		{event("DTSTART:20260101T000000Z", "DURATION:PT1H", "EXDATE;TZID=Mars/Base:20260101T000000"), who + `EXDATE: time zone "Mars/Base": unknown`},
		{event("DTSTART:20260101T000000", "DURATION:PT1H"), who + `DTSTART: "20260101T000000" names no zone: say it behind the file`},
		{event("DTSTART;VALUE=DATE:20260101"), who + `DTSTART: "20260101" names no zone`},
		{event("DTEND:20260101T000000Z"), who + "DTSTART is missing"},
		{event("DTSTART:2026-01-01", "DURATION:PT1H"), who + `DTSTART: "2026-01-01": want such as 20260113T020000`},
		{event("DTSTART:20260230T000000Z", "DURATION:PT1H"), who + `DTSTART: "20260230T000000": want such as`},
		{event("DTSTART:20260101T000000Z"), who + "it ends where it starts, or before"},
		{event("DTSTART:20260101T000000Z", "DTEND:20251231T000000Z"), who + "it ends where it starts, or before"},
		{event("DTSTART:20260101T000000Z", "DTEND;VALUE=DATE:20260102"), who + "DTEND: "},
		{event("DTSTART:20260101T000000Z", "DURATION:1H"), who + `DURATION: "1H": want such as PT2H or P1D`},
		{event("DTSTART:20260101T000000Z", "DURATION:PT1H", "RRULE:FREQ=HOURLY"), who + "RRULE: rule: FREQ: want DAILY"},
		{event("DTSTART:20260101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), who + "RRULE: it has two"},
		{event("DTSTART:20260101T000000Z", "DURATION:PT1H", "EXRULE:FREQ=DAILY"), who + "EXRULE: it is not understood; use EXDATE"},
		{event("DTSTART:20260101T000000Z", "DURATION:PT1H", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260101T000000Z"), who + "RECURRENCE-ID: RANGE is not understood"},
		{event("DTSTART:20260101T000000Z", "DURATION:P400D", "RRULE:FREQ=YEARLY"), who + "each time is longer than 366 days"},
		{event("DTSTART:99990101T000000Z", "DURATION:PT1H"), who + `DTSTART: "99990101T000000": want a year from 1970 to 2199`},
		{event("DTSTART:20260101T000000Z", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20260101T000000Z/PT1H"), who + "RDATE: "},
		{cal("BEGIN:VEVENT", "DTSTART:20260101T000000Z", "END:VTODO"), "f.ics: failed to parse event: unbalanced end"},
		{cal(strings.Repeat("X-A:b\n", 200_000)), "f.ics: it has 1200043 bytes, more than 1048576"},
	} {
		_, err := Parse("ics f.ics", Env{Read: func(string) ([]byte, error) { return []byte(c.file), nil }})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s: %v\nwant %s", c.file, err, c.want)
		}
	}
}
