-- What the tables run and task_now do not know yet: one row per transaction, with the newest state of each row that it
-- changed (see redo.ts). Read and emptied at each start.
CREATE TABLE redo (n INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;

-- What no query asks for goes into the body (see run-row.ts): a value bound costs as much as the row itself.
CREATE TABLE run_packed (
  n INTEGER PRIMARY KEY,
  task_n INTEGER NOT NULL,
  owner_n INTEGER NOT NULL,
  key ANY NOT NULL,
  line TEXT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL,
  ended_at INTEGER,
  logged INTEGER NOT NULL,
  body TEXT NOT NULL,
  result TEXT
) STRICT;
INSERT INTO run_packed (n, task_n, owner_n, key, line, origin, state, ended_at, logged, body, result)
  SELECT n, task_n, owner_n, key, line, origin, state, ended_at, logged,
    substr(body, 1, length(body) - 1) || ',' || ifnull(queued_at, 'null') || ',' || ifnull(retry_at, 'null') || ','
      || fence || ',' || json_quote(token) || ',' || boot || ',' || seq || ',' || task_seq || ']',
    result
  FROM run ORDER BY n;
DROP TABLE run;
ALTER TABLE run_packed RENAME TO run;
CREATE UNIQUE INDEX run_key ON run (task_n, key);
CREATE INDEX run_owner ON run (owner_n);
CREATE INDEX run_held ON run (task_n, line) WHERE state = 'held';
