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

-- What each fire and finish changes: small rows of their own, so that a batch dirties few pages, and packed (see
-- task-row.ts), since each value bound costs as much as the row itself. due_at: the next slot while loadDue may list the
-- task. open: unended runs that are not held, for the start to find.
CREATE TABLE task_now (
  n INTEGER PRIMARY KEY,
  partition INTEGER NOT NULL,
  due_at INTEGER,
  open INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX task_due ON task_now (partition, due_at) WHERE due_at IS NOT NULL;

-- Segments that another one followed; the open (or last) one is in task.
CREATE TABLE segment (n INTEGER PRIMARY KEY, task_n INTEGER NOT NULL, to_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX segment_task ON segment (task_n);

-- In order of creation, so that runs created together are claimed and ended on the same few pages.
-- key: what follows `<taskId>:` in the id, an integer for slots. origin: what never changes, packed; body: what does (see
-- run-row.ts). token, boot: of the last claim. task_seq: seq of the topic task:<id> when the run was claimed (a claim
-- writes no task row).
CREATE TABLE run (
  n INTEGER PRIMARY KEY,
  task_n INTEGER NOT NULL,
  owner_n INTEGER NOT NULL,
  key ANY NOT NULL,
  line TEXT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL,
  queued_at INTEGER,
  retry_at INTEGER,
  ended_at INTEGER,
  fence INTEGER NOT NULL,
  token TEXT,
  boot INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  task_seq INTEGER NOT NULL,
  logged INTEGER NOT NULL,
  body TEXT NOT NULL,
  result TEXT
) STRICT;
CREATE UNIQUE INDEX run_key ON run (task_n, key);
CREATE INDEX run_owner ON run (owner_n);
CREATE INDEX run_held ON run (task_n, line) WHERE state = 'held';

-- line: JSON of at, attempt, level, text (raw text may hold NUL, which drivers cut at). bytes: of its text.
CREATE TABLE run_log (
  run_n INTEGER NOT NULL,
  n INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (run_n, n)
) STRICT, WITHOUT ROWID;

-- Skipped slots, and slots whose run is no longer kept: a run that is kept is its slot's verdict itself, which saves each
-- fire a row on a page of its own. code: see verdicts.ts.
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
