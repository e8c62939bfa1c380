-- The support database as docs/platform.md describes it. Times are text in UTC, "2026-11-20 07:58:12".

CREATE TABLE users (
  user_id INTEGER PRIMARY KEY,
  work_name TEXT NOT NULL UNIQUE,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  team_lead_id INTEGER REFERENCES users (user_id),
  state TEXT NOT NULL CHECK (state IN ('active', 'on_leave', 'locked', 'leaver')),
  lock_reason TEXT CHECK (lock_reason IN ('leave', 'inactive', 'security')),
  second_factor_state TEXT NOT NULL CHECK (second_factor_state IN ('active', 'missing', 'reset_pending', 'blocked')),
  start_date TEXT NOT NULL,
  last_sign_in_at TEXT,
  directory_synced_at TEXT NOT NULL
);

CREATE TABLE sign_ins (
  sign_in_id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  attempted_at TEXT NOT NULL,
  result_code TEXT
);

CREATE TABLE role_grants (
  grant_id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  role TEXT NOT NULL,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  granted_by INTEGER NOT NULL REFERENCES users (user_id),
  granted_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT
);

CREATE TABLE certificates (
  certificate_id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  module TEXT NOT NULL,
  passed_at TEXT,
  expires_at TEXT,
  attempts INTEGER NOT NULL,
  sent_to_gatehouse_at TEXT
);

CREATE TABLE queues (
  queue TEXT NOT NULL,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  state TEXT NOT NULL CHECK (state IN ('open', 'paused')),
  paused_by INTEGER REFERENCES users (user_id),
  pause_reason TEXT,
  paused_at TEXT,
  PRIMARY KEY (queue, region)
);

CREATE TABLE queue_members (
  queue TEXT NOT NULL,
  region TEXT NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  language TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  joined_at TEXT NOT NULL,
  PRIMARY KEY (queue, region, user_id, language),
  FOREIGN KEY (queue, region) REFERENCES queues (queue, region)
);

CREATE TABLE leads_on_duty (
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  starts_at TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  PRIMARY KEY (region, starts_at)
);

CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  tool TEXT NOT NULL,
  started_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  ended_at TEXT
);

CREATE TABLE tasks (
  task_id TEXT PRIMARY KEY,
  queue TEXT NOT NULL,
  region TEXT NOT NULL,
  language TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'assigned', 'in_review', 'done', 'withdrawn')),
  assigned_to INTEGER REFERENCES users (user_id),
  session_id TEXT REFERENCES sessions (session_id),
  created_at TEXT NOT NULL,
  locked_at TEXT,
  due_at TEXT NOT NULL,
  FOREIGN KEY (queue, region) REFERENCES queues (queue, region)
);

CREATE TABLE policy_versions (
  policy TEXT NOT NULL,
  version INTEGER NOT NULL,
  language TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'current', 'retired')),
  valid_from TEXT,
  retired_at TEXT,
  PRIMARY KEY (policy, version, language)
);

CREATE TABLE decisions (
  decision_id TEXT PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES tasks (task_id),
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  decision TEXT NOT NULL CHECK (decision IN ('keep', 'limit', 'remove', 'pass_on')),
  policy TEXT NOT NULL,
  policy_version INTEGER NOT NULL,
  decided_at TEXT NOT NULL,
  taken_back_at TEXT
);

CREATE TABLE exposure_days (
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  day TEXT NOT NULL,
  minutes INTEGER NOT NULL,
  limit_minutes INTEGER NOT NULL,
  last_break_at TEXT,
  result_code TEXT,
  PRIMARY KEY (user_id, day)
);

CREATE TABLE label_batches (
  batch_id TEXT PRIMARY KEY,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  state TEXT NOT NULL CHECK (state IN ('open', 'second_look', 'closed')),
  item_count INTEGER NOT NULL,
  closes_at TEXT NOT NULL,
  guide_version INTEGER NOT NULL,
  agreement_percent INTEGER
);

CREATE TABLE label_saves (
  save_id INTEGER PRIMARY KEY,
  batch_id TEXT NOT NULL REFERENCES label_batches (batch_id),
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  saved_at TEXT NOT NULL,
  result_code TEXT
);

CREATE TABLE exports (
  export_id TEXT PRIMARY KEY,
  requested_by INTEGER NOT NULL REFERENCES users (user_id),
  dataset TEXT NOT NULL,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  row_estimate INTEGER NOT NULL,
  has_personal_data INTEGER NOT NULL CHECK (has_personal_data IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('draft', 'awaiting_approval', 'running', 'failed', 'ready', 'expired')),
  approved_by INTEGER REFERENCES users (user_id),
  error_code TEXT,
  requested_at TEXT NOT NULL,
  link_expires_at TEXT
);

CREATE TABLE export_schedules (
  schedule_id TEXT PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES users (user_id),
  dataset TEXT NOT NULL,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  rhythm TEXT NOT NULL CHECK (rhythm IN ('daily', 'weekly', 'monthly')),
  state TEXT NOT NULL CHECK (state IN ('active', 'stopped')),
  last_run_at TEXT,
  error_code TEXT
);

CREATE TABLE board_refreshes (
  board TEXT NOT NULL,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  refreshed_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('done', 'failed')),
  error_code TEXT,
  PRIMARY KEY (board, region, refreshed_at)
);

CREATE TABLE notices (
  notice_id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  rule TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('tool', 'email', 'chat')),
  state TEXT NOT NULL CHECK (state IN ('sent', 'held', 'in_digest', 'failed')),
  result_code TEXT,
  created_at TEXT NOT NULL,
  sent_at TEXT
);

CREATE TABLE notice_settings (
  user_id INTEGER NOT NULL REFERENCES users (user_id),
  channel TEXT NOT NULL CHECK (channel IN ('tool', 'email', 'chat')),
  state TEXT NOT NULL CHECK (state IN ('on', 'off', 'stopped')),
  quiet_from TEXT,
  quiet_to TEXT,
  refusals INTEGER NOT NULL,
  changed_at TEXT NOT NULL,
  PRIMARY KEY (user_id, channel)
);

CREATE TABLE privacy_requests (
  request_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('access', 'correction', 'deletion', 'objection')),
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  state TEXT NOT NULL CHECK (state IN ('received', 'identity_check', 'in_progress', 'on_hold', 'closed')),
  identity_checked_at TEXT,
  legal_hold INTEGER NOT NULL CHECK (legal_hold IN (0, 1)),
  received_at TEXT NOT NULL,
  due_at TEXT NOT NULL,
  closed_at TEXT
);

CREATE TABLE tickets (
  ticket_id TEXT PRIMARY KEY,
  requester_id INTEGER NOT NULL REFERENCES users (user_id),
  specialist INTEGER REFERENCES users (user_id),
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  state TEXT NOT NULL CHECK (state IN ('new', 'open', 'waiting_user', 'waiting_team', 'solved', 'closed', 'merged')),
  severity TEXT NOT NULL CHECK (severity IN ('sev1', 'sev2', 'sev3', 'sev4')),
  article_id TEXT,
  merged_into TEXT REFERENCES tickets (ticket_id),
  created_at TEXT NOT NULL,
  first_response_at TEXT,
  promised_at TEXT,
  solved_at TEXT,
  closed_at TEXT,
  reopened_count INTEGER NOT NULL
);

CREATE TABLE ticket_tags (
  ticket_id TEXT NOT NULL REFERENCES tickets (ticket_id),
  tag TEXT NOT NULL,
  PRIMARY KEY (ticket_id, tag)
);

CREATE TABLE page_timings (
  tool TEXT NOT NULL,
  region TEXT NOT NULL CHECK (region IN ('sg', 'ie', 'us')),
  minute TEXT NOT NULL,
  requests INTEGER NOT NULL,
  p95_ms INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  PRIMARY KEY (tool, region, minute)
);
