-- Each mark is a row of its own: who marks never waits for who works out.
ALTER TABLE network_stale RENAME TO network_stale_once;
CREATE TABLE network_stale (mark TEXT PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL);
INSERT INTO network_stale (mark, kind, id) SELECT kind || '/' || id, kind, id FROM network_stale_once;
DROP TABLE network_stale_once;
CREATE INDEX network_stale_of ON network_stale (kind, id);
