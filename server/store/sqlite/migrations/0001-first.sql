-- Instants are ms of store time. `n` columns are small keys of this file; the ids of the contract are looked up once.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE partition (partition INTEGER PRIMARY KEY, epoch TEXT NOT NULL) STRICT;

-- seq: of the topic tasks:<id>.
CREATE TABLE owner (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL) STRICT;

CREATE TABLE document (
  owner_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  value TEXT NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (owner_id, kind, id)
) STRICT;
CREATE INDEX document_expires ON document (expires_at) WHERE expires_at IS NOT NULL;

-- What changes rarely of a task.
CREATE TABLE task (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  owner_n INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  definition TEXT NOT NULL,
  segment TEXT NOT NULL,
  pause_after INTEGER,
  fingerprint TEXT NOT NULL,
  folded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX task_owner ON task (owner_n);

-- What each fire and finish changes: small rows of their own, so that a batch dirties few pages.
-- due_at: next_at while loadDue may list the task. late_live, free_live: unended late runs that are not held, unended
-- manual runs. asked: unended manual and backfill runs. kept: rows in run. seq: of the topic task:<id>.
-- last_skip: the last verdict record when it is a skip, with its day. today: the newest day's counters.
CREATE TABLE task_now (
  n INTEGER PRIMARY KEY,
  partition INTEGER NOT NULL,
  due_at INTEGER,
  next_at INTEGER,
  cursor_at INTEGER NOT NULL,
  segment_slots INTEGER NOT NULL,
  episode TEXT,
  closing TEXT,
  failures INTEGER NOT NULL,
  last_ended TEXT,
  last_late INTEGER NOT NULL,
  live INTEGER NOT NULL,
  held INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  late_live INTEGER NOT NULL,
  free_live INTEGER NOT NULL,
  asked INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  last_skip TEXT,
  today TEXT
) STRICT;
CREATE INDEX task_due ON task_now (partition, due_at) WHERE due_at IS NOT NULL;

-- Segments that another one followed; the open (or last) one is in task.
CREATE TABLE segment (n INTEGER PRIMARY KEY, task_n INTEGER NOT NULL, to_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX segment_task ON segment (task_n);

-- In order of creation, so that runs created together are claimed and ended on the same few pages.
-- key: what follows `<taskId>:` in the id, an integer for slots. token, boot: of the last claim. task_seq: seq of the
-- topic task:<id> when the run was claimed (a claim writes no task row).
CREATE TABLE run (
  n INTEGER PRIMARY KEY,
  task_n INTEGER NOT NULL,
  owner_n INTEGER NOT NULL,
  key ANY NOT NULL,
  line TEXT NOT NULL,
  state TEXT NOT NULL,
  retry_of TEXT,
  planned_at INTEGER NOT NULL,
  nominal_at INTEGER NOT NULL,
  verdict TEXT,
  day TEXT,
  created_at INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  timeout_ms INTEGER NOT NULL,
  late_after_ms INTEGER NOT NULL,
  waited_ms INTEGER NOT NULL,
  queued_at INTEGER,
  retry_at INTEGER,
  started_at INTEGER,
  ended_at INTEGER,
  late_by_ms INTEGER,
  progress REAL,
  result TEXT,
  error TEXT,
  attempts TEXT,
  attempt_no INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  losses INTEGER NOT NULL,
  token TEXT,
  boot INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  task_seq INTEGER NOT NULL,
  logged INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX run_key ON run (task_n, key);
CREATE INDEX run_task ON run (task_n);
CREATE INDEX run_owner ON run (owner_n);
CREATE INDEX run_held ON run (task_n, line) WHERE state = 'held';

CREATE TABLE run_log (
  run_n INTEGER NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  level TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (run_n, n)
) STRICT, WITHOUT ROWID;

-- code: see verdicts.ts.
CREATE TABLE verdict (
  task_n INTEGER NOT NULL,
  planned_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  code INTEGER NOT NULL,
  PRIMARY KEY (task_n, planned_at)
) STRICT, WITHOUT ROWID;

-- Days before the newest one; counts: see days.ts.
CREATE TABLE day (
  task_n INTEGER NOT NULL,
  day TEXT NOT NULL,
  counts TEXT NOT NULL,
  PRIMARY KEY (task_n, day)
) STRICT, WITHOUT ROWID;

-- One row per transaction and partition. n: partition * 2^44 + position.
CREATE TABLE event (n INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;

-- What is to be deleted in the background. before_at null: all rows of the task.
CREATE TABLE purge (n INTEGER PRIMARY KEY, task_n INTEGER NOT NULL, before_at INTEGER) STRICT;

-- Where the topic of a deleted task goes on, should the same id be created again.
CREATE TABLE gone_task (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
