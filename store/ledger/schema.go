package ledger

// Version is the format that this program writes: the file's user_version.
const Version = 2

// migrations[v] brings a file from format v to v+1. Format 1 is that of the first
// whole program; it is never changed. Instants are event time in milliseconds unless a comment says
// wall; series are ids as signed 64-bit integers; body is JSON as the nouns
// write it.
var migrations = [Version]string{`
CREATE TABLE declarations (
	series INTEGER NOT NULL, since INTEGER NOT NULL, tenant TEXT NOT NULL, body TEXT NOT NULL,
	PRIMARY KEY (series, since)
) WITHOUT ROWID;

CREATE TABLE alerts (
	id TEXT PRIMARY KEY, series INTEGER NOT NULL, tenant TEXT NOT NULL, grp TEXT NOT NULL, state TEXT NOT NULL,
	seq INTEGER NOT NULL, fired INTEGER NOT NULL, opened INTEGER NOT NULL, until INTEGER NOT NULL, changed INTEGER NOT NULL,
	justification TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX alerts_by_time ON alerts (until);
CREATE INDEX alerts_by_series ON alerts (series, opened);
CREATE INDEX alerts_by_justification ON alerts (justification);

CREATE TABLE alert_changes (
	id TEXT NOT NULL, seq INTEGER NOT NULL, state TEXT NOT NULL, until INTEGER NOT NULL, body TEXT NOT NULL,
	PRIMARY KEY (id, seq)
) WITHOUT ROWID;

CREATE TABLE justifications (
	hash TEXT PRIMARY KEY, alert TEXT NOT NULL, opened INTEGER NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE records (
	series INTEGER NOT NULL, hour INTEGER NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (series, hour)
) WITHOUT ROWID;
CREATE INDEX records_by_hour ON records (hour);

CREATE TABLE checkpoints (
	hash TEXT PRIMARY KEY, series INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX checkpoints_by_time ON checkpoints (at);

CREATE TABLE notes (
	series INTEGER NOT NULL, at INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL,
	PRIMARY KEY (series, at, hash)
) WITHOUT ROWID;

CREATE TABLE commands (
	n INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, body TEXT NOT NULL
);

CREATE TABLE revisions (
	series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, period INTEGER NOT NULL,
	late INTEGER NOT NULL, stored REAL, why TEXT NOT NULL,
	PRIMARY KEY (series, at, value)
) WITHOUT ROWID;
CREATE INDEX revisions_by_time ON revisions (at);

CREATE TABLE positions (
	partition TEXT PRIMARY KEY, pos INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE outbox ( -- instants are wall time
	lane TEXT NOT NULL, alert TEXT NOT NULL,
	done_seq INTEGER NOT NULL, done_state TEXT NOT NULL, outcome TEXT NOT NULL, at INTEGER NOT NULL,
	due_seq INTEGER NOT NULL, due_state TEXT NOT NULL, since INTEGER NOT NULL,
	attempts INTEGER NOT NULL, next INTEGER NOT NULL, error TEXT NOT NULL,
	PRIMARY KEY (lane, alert)
) WITHOUT ROWID;
`, `
-- What was told was kept by alert, and under other names of lanes: alerts that are
-- open are told once more, in threads.
DROP TABLE outbox;

CREATE TABLE threads ( -- changed is wall time
	lane TEXT NOT NULL, id TEXT NOT NULL, tenant TEXT NOT NULL, state TEXT NOT NULL, seq INTEGER NOT NULL,
	until INTEGER NOT NULL, changed INTEGER NOT NULL, body TEXT NOT NULL,
	PRIMARY KEY (lane, id)
) WITHOUT ROWID;
CREATE INDEX threads_by_time ON threads (changed);

CREATE TABLE members ( -- which threads an alert is or was part of
	alert TEXT NOT NULL, lane TEXT NOT NULL, thread TEXT NOT NULL,
	PRIMARY KEY (alert, lane, thread)
) WITHOUT ROWID;

CREATE TABLE outbox ( -- instants are wall time
	lane TEXT NOT NULL, thread TEXT NOT NULL,
	done_seq INTEGER NOT NULL, done_state TEXT NOT NULL, outcome TEXT NOT NULL, at INTEGER NOT NULL,
	took_seq INTEGER NOT NULL, took_state TEXT NOT NULL, kept TEXT NOT NULL,
	due_seq INTEGER NOT NULL, due_state TEXT NOT NULL, since INTEGER NOT NULL,
	attempts INTEGER NOT NULL, next INTEGER NOT NULL, error TEXT NOT NULL,
	PRIMARY KEY (lane, thread)
) WITHOUT ROWID;

CREATE TABLE acts ( -- instants are wall time
	n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, tenant TEXT NOT NULL, kind TEXT NOT NULL,
	alert TEXT NOT NULL, ends INTEGER NOT NULL, undoes TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX acts_by_alert ON acts (alert);
CREATE INDEX acts_by_undone ON acts (undoes);

CREATE TABLE spend ( -- day is wall time
	day INTEGER NOT NULL, tenant TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, action TEXT NOT NULL,
	calls INTEGER NOT NULL, metrics INTEGER NOT NULL,
	PRIMARY KEY (day, tenant, account, region, action)
) WITHOUT ROWID;
`}
