-- Invented rows: the platform as support might see it on 20 November 2026 at about 08:00 UTC.

INSERT INTO users VALUES
  (10001, 'lead-ie-0001', 'ie', NULL, 'active', NULL, 'active', '2022-03-01', '2026-11-20 07:55:02', '2026-11-20 07:10:04'),
  (10007, 'lead-sg-0007', 'sg', 10001, 'active', NULL, 'active', '2023-01-16', '2026-11-20 00:02:41', '2026-11-20 07:10:04'),
  (10008, 'lead-ie-0008', 'ie', 10001, 'active', NULL, 'active', '2023-05-02', '2026-11-20 07:51:30', '2026-11-20 07:10:04'),
  (10009, 'lead-us-0009', 'us', 10001, 'active', NULL, 'active', '2023-08-21', '2026-11-19 16:03:15', '2026-11-20 07:10:04'),
  (10412, 'mod-sg-0412', 'sg', 10007, 'active', NULL, 'active', '2024-06-03', '2026-11-20 00:04:12', '2026-11-20 07:10:04'),
  (10413, 'mod-sg-0413', 'sg', 10007, 'active', NULL, 'missing', '2024-06-03', '2026-11-18 00:01:57', '2026-11-20 07:10:04'),
  (10414, 'mod-sg-0414', 'sg', 10007, 'on_leave', 'leave', 'active', '2025-02-17', '2026-10-16 08:40:00', '2026-11-20 07:10:04'),
  (10520, 'mod-ie-0520', 'ie', 10008, 'locked', 'inactive', 'active', '2024-09-09', '2026-10-18 15:22:44', '2026-11-20 07:10:04'),
  (10521, 'mod-ie-0521', 'ie', 10008, 'active', NULL, 'active', '2026-11-16', NULL, '2026-11-20 07:10:04'),
  (10522, 'mod-ie-0522', 'ie', 10008, 'leaver', NULL, 'active', '2023-10-02', '2026-10-30 16:58:00', '2026-11-20 07:10:04'),
  (10630, 'mod-us-0630', 'us', 10009, 'locked', 'security', 'blocked', '2025-04-28', '2026-11-17 22:13:09', '2026-11-20 07:10:04'),
  (10700, 'pol-ie-0700', 'ie', 10001, 'active', NULL, 'active', '2023-11-13', '2026-11-20 07:58:12', '2026-11-20 07:10:04'),
  (10801, 'lab-sg-0801', 'sg', 10007, 'active', NULL, 'active', '2025-07-07', '2026-11-20 00:06:18', '2026-11-20 07:10:04'),
  (10802, 'lab-ie-0802', 'ie', 10008, 'active', NULL, 'reset_pending', '2026-01-12', '2026-11-19 16:31:00', '2026-11-20 07:10:04'),
  (10900, 'dat-ie-0900', 'ie', 10001, 'active', NULL, 'active', '2024-02-05', '2026-11-20 07:42:33', '2026-11-20 07:10:04'),
  (10910, 'qua-us-0910', 'us', 10009, 'active', NULL, 'active', '2024-12-02', '2026-11-19 16:10:49', '2026-11-20 07:10:04'),
  (10950, 'prv-ie-0950', 'ie', 10001, 'active', NULL, 'active', '2024-01-15', '2026-11-19 08:03:20', '2026-11-20 07:10:04'),
  (11031, 'ops-ie-0031', 'ie', 10001, 'active', NULL, 'active', '2025-03-03', '2026-11-20 07:59:01', '2026-11-20 07:10:04'),
  (11032, 'ops-sg-0032', 'sg', 10001, 'active', NULL, 'active', '2025-03-03', '2026-11-20 00:00:41', '2026-11-20 07:10:04'),
  (11033, 'ops-us-0033', 'us', 10001, 'active', NULL, 'active', '2025-09-01', '2026-11-19 15:58:27', '2026-11-20 07:10:04');

INSERT INTO sign_ins (user_id, attempted_at, result_code) VALUES
  (10412, '2026-11-20 00:04:12', NULL),
  (10412, '2026-11-20 00:03:50', 'GH-1001'),
  (10413, '2026-11-20 00:05:10', 'GH-1020'),
  (10413, '2026-11-20 00:07:44', 'GH-1021'),
  (10414, '2026-11-20 00:11:02', 'GH-1030'),
  (10520, '2026-11-20 07:50:31', 'GH-1031'),
  (10521, '2026-11-20 07:52:05', 'GH-1040'),
  (10630, '2026-11-19 16:02:00', 'GH-1032'),
  (10802, '2026-11-20 07:48:12', 'GH-1051'),
  (10900, '2026-11-20 07:40:55', 'GH-1003'),
  (10900, '2026-11-20 07:42:33', NULL),
  (10910, '2026-11-19 16:10:02', 'GH-1002');

INSERT INTO role_grants VALUES
  (55001, 10412, 'moderator', 'sg', 10007, '2024-06-03 00:20:00', NULL, NULL),
  (55120, 10412, 'moderator_urgent', 'sg', 10007, '2026-08-20 01:15:00', '2026-11-18 23:59:59', NULL),
  (55002, 10413, 'moderator', 'sg', 10007, '2024-06-03 00:21:00', NULL, NULL),
  (55003, 10414, 'moderator', 'sg', 10007, '2025-02-17 00:30:00', NULL, NULL),
  (55004, 10520, 'moderator', 'sg', 10008, '2024-09-09 08:10:00', NULL, NULL),
  (55005, 10522, 'moderator', 'ie', 10008, '2023-10-02 08:30:00', NULL, '2026-10-30 17:00:00'),
  (55006, 10630, 'moderator', 'us', 10009, '2025-04-28 16:20:00', NULL, NULL),
  (55007, 10700, 'policy_analyst', 'ie', 10001, '2026-07-01 08:00:00', '2026-12-28 23:59:59', NULL),
  (55008, 10801, 'labeller', 'sg', 10007, '2025-07-07 00:40:00', NULL, NULL),
  (55009, 10802, 'labeller', 'ie', 10008, '2026-01-12 08:40:00', NULL, NULL),
  (55010, 10900, 'data_analyst', 'ie', 10001, '2026-06-15 08:00:00', '2026-12-12 23:59:59', NULL),
  (55011, 10910, 'quality_reviewer', 'us', 10009, '2026-09-01 16:00:00', '2027-02-28 23:59:59', NULL),
  (55012, 10950, 'privacy_officer', 'ie', 10001, '2024-01-15 09:00:00', NULL, NULL),
  (55013, 11031, 'support_specialist', 'ie', 10001, '2025-03-03 09:00:00', NULL, NULL),
  (55014, 11032, 'support_specialist', 'sg', 10001, '2025-03-03 09:00:00', NULL, NULL),
  (55015, 11033, 'support_specialist', 'us', 10001, '2025-09-01 16:00:00', NULL, NULL),
  (55016, 10007, 'team_lead', 'sg', 10001, '2023-01-16 01:00:00', NULL, NULL),
  (55017, 10007, 'practice_coach', 'sg', 10001, '2026-09-10 01:00:00', '2027-03-09 23:59:59', NULL);

INSERT INTO certificates VALUES
  (70001, 10412, 'start-at-lantern', '2026-06-02 03:12:00', '2027-06-02 03:12:00', 1, '2026-06-02 03:40:00'),
  (70002, 10412, 'live-safety', '2025-11-12 02:20:00', '2026-11-12 02:20:00', 1, '2025-11-12 02:40:00'),
  (70003, 10521, 'start-at-lantern', '2026-11-20 07:44:00', '2027-11-20 07:44:00', 2, NULL),
  (70004, 10700, 'appeals', '2026-06-28 10:05:00', '2027-06-28 10:05:00', 1, '2026-06-28 10:40:00'),
  (70005, 10900, 'data-care', '2026-06-10 09:30:00', '2027-06-10 09:30:00', 1, '2026-06-10 09:40:00'),
  (70006, 10801, 'labelling-basics', NULL, NULL, 3, NULL),
  (70007, 10910, 'quality-review', '2026-08-28 18:00:00', '2027-08-28 18:00:00', 1, '2026-08-28 18:40:00');

INSERT INTO queues VALUES
  ('comments-std', 'sg', 'open', NULL, NULL, NULL),
  ('comments-std', 'ie', 'open', NULL, NULL, NULL),
  ('comments-std', 'us', 'paused', 10009, 'Policy change on harassment', '2026-11-19 23:30:00'),
  ('video-std', 'sg', 'open', NULL, NULL, NULL),
  ('video-std', 'ie', 'open', NULL, NULL, NULL),
  ('video-std', 'us', 'open', NULL, NULL, NULL),
  ('profiles-std', 'sg', 'open', NULL, NULL, NULL),
  ('profiles-std', 'ie', 'open', NULL, NULL, NULL),
  ('profiles-std', 'us', 'open', NULL, NULL, NULL),
  ('live-urgent', 'sg', 'open', NULL, NULL, NULL),
  ('live-urgent', 'ie', 'open', NULL, NULL, NULL),
  ('live-urgent', 'us', 'open', NULL, NULL, NULL),
  ('appeals-l1', 'sg', 'open', NULL, NULL, NULL),
  ('appeals-l1', 'ie', 'open', NULL, NULL, NULL),
  ('appeals-l1', 'us', 'open', NULL, NULL, NULL),
  ('appeals-l2', 'ie', 'open', NULL, NULL, NULL),
  ('quality-sample', 'ie', 'open', NULL, NULL, NULL),
  ('quality-sample', 'us', 'open', NULL, NULL, NULL);

INSERT INTO queue_members VALUES
  ('comments-std', 'sg', 10412, 'en', 1, '2024-06-04 00:10:00'),
  ('comments-std', 'sg', 10412, 'zh', 1, '2024-09-02 00:10:00'),
  ('live-urgent', 'sg', 10412, 'en', 1, '2026-08-20 01:20:00'),
  ('comments-std', 'sg', 10413, 'ms', 1, '2024-06-04 00:11:00'),
  ('video-std', 'sg', 10414, 'en', 0, '2025-02-18 00:30:00'),
  ('video-std', 'ie', 10520, 'de', 0, '2024-09-10 08:20:00'),
  ('comments-std', 'us', 10630, 'es', 1, '2025-04-29 16:20:00'),
  ('appeals-l2', 'ie', 10700, 'en', 1, '2026-07-01 08:30:00'),
  ('quality-sample', 'us', 10910, 'en', 1, '2026-09-01 16:30:00');

INSERT INTO leads_on_duty VALUES
  ('sg', 10007, '2026-11-20 00:00:00', '2026-11-20 09:00:00'),
  ('ie', 10008, '2026-11-20 08:00:00', '2026-11-20 17:00:00'),
  ('us', 10009, '2026-11-19 16:00:00', '2026-11-20 01:00:00');

INSERT INTO sessions VALUES
  ('S-88120431', 10412, 'Lantern Review', '2026-11-20 00:04:20', '2026-11-20 07:18:40', NULL),
  ('S-88120432', 10413, 'Lantern Review', '2026-11-18 00:02:10', '2026-11-18 08:55:31', '2026-11-18 08:55:40'),
  ('S-88120433', 10801, 'Lantern Label', '2026-11-20 00:06:30', '2026-11-20 07:58:58', NULL),
  ('S-88120434', 10700, 'Lantern Review', '2026-11-20 07:58:20', '2026-11-20 07:59:30', NULL),
  ('S-88120435', 10910, 'Lantern Review', '2026-11-19 16:11:00', '2026-11-20 00:48:12', '2026-11-20 00:50:00');

INSERT INTO tasks VALUES
  ('T-48213907', 'comments-std', 'sg', 'en', 'in_review', 10412, 'S-88120431', '2026-11-19 22:10:00', '2026-11-20 07:15:09', '2026-11-20 22:10:00'),
  ('T-48213908', 'comments-std', 'sg', 'ms', 'assigned', 10413, 'S-88120432', '2026-11-17 23:00:00', '2026-11-18 08:50:00', '2026-11-18 23:00:00'),
  ('T-48213909', 'comments-std', 'sg', 'en', 'waiting', NULL, NULL, '2026-11-20 05:00:00', NULL, '2026-11-21 05:00:00'),
  ('T-48213910', 'comments-std', 'sg', 'zh', 'waiting', NULL, NULL, '2026-11-20 05:30:00', NULL, '2026-11-21 05:30:00'),
  ('T-48213911', 'live-urgent', 'sg', 'en', 'waiting', NULL, NULL, '2026-11-20 07:40:00', NULL, '2026-11-20 08:10:00'),
  ('T-48213912', 'video-std', 'ie', 'de', 'waiting', NULL, NULL, '2026-11-20 02:00:00', NULL, '2026-11-21 02:00:00'),
  ('T-48213913', 'comments-std', 'us', 'es', 'waiting', NULL, NULL, '2026-11-19 23:40:00', NULL, '2026-11-20 23:40:00'),
  ('T-48213914', 'profiles-std', 'sg', 'en', 'done', 10412, NULL, '2026-11-19 03:00:00', NULL, '2026-11-20 03:00:00'),
  ('T-48213915', 'comments-std', 'sg', 'en', 'done', 10412, NULL, '2026-11-19 20:00:00', NULL, '2026-11-20 20:00:00'),
  ('T-48213916', 'video-std', 'sg', 'en', 'withdrawn', NULL, NULL, '2026-11-20 01:00:00', NULL, '2026-11-21 01:00:00'),
  ('T-48213917', 'appeals-l2', 'ie', 'en', 'in_review', 10700, 'S-88120434', '2026-11-18 12:00:00', '2026-11-20 07:58:40', '2026-11-23 12:00:00'),
  ('T-48213918', 'quality-sample', 'us', 'en', 'done', 10910, NULL, '2026-11-19 10:00:00', NULL, '2026-11-26 10:00:00');

INSERT INTO policy_versions VALUES
  ('harassment', 13, 'en', 'retired', '2026-03-02 00:00:00', '2026-11-20 00:00:00'),
  ('harassment', 14, 'en', 'current', '2026-11-20 00:00:00', NULL),
  ('harassment', 13, 'zh', 'current', '2026-03-09 00:00:00', NULL),
  ('threats', 7, 'en', 'current', '2026-05-04 00:00:00', NULL),
  ('nudity', 21, 'en', 'current', '2026-09-14 00:00:00', NULL),
  ('fraud', 5, 'en', 'draft', NULL, NULL),
  ('fraud', 4, 'en', 'current', '2025-12-01 00:00:00', NULL),
  ('impersonation', 3, 'en', 'current', '2026-02-02 00:00:00', NULL);

INSERT INTO decisions VALUES
  ('D-73100418', 'T-48213915', 10412, 'remove', 'harassment', 14, '2026-11-20 07:31:12', NULL),
  ('D-73100417', 'T-48213914', 10412, 'limit', 'impersonation', 3, '2026-11-20 02:14:00', NULL),
  ('D-73100416', 'T-48213914', 10412, 'keep', 'impersonation', 3, '2026-11-20 02:02:31', '2026-11-20 02:13:20'),
  ('D-73100415', 'T-48213918', 10910, 'keep', 'harassment', 13, '2026-11-19 20:40:05', NULL);

INSERT INTO exposure_days VALUES
  (10412, '2026-11-20', 198, 240, '2026-11-20 07:02:00', NULL),
  (10412, '2026-11-19', 240, 240, '2026-11-19 06:40:00', 'CC-401'),
  (10413, '2026-11-18', 131, 240, '2026-11-18 05:10:00', 'CC-402'),
  (10700, '2026-11-20', 2, 240, NULL, NULL),
  (10910, '2026-11-19', 120, 120, '2026-11-19 22:30:00', 'CC-401');

INSERT INTO label_batches VALUES
  ('B-7731', 'sg', 'open', 400, '2026-11-27 09:00:00', 6, NULL),
  ('B-7732', 'ie', 'second_look', 250, '2026-11-25 17:00:00', 6, 74),
  ('B-7733', 'us', 'closed', 300, '2026-11-18 01:00:00', 5, 91),
  ('B-7734', 'sg', 'open', 150, '2026-11-24 09:00:00', 5, NULL);

INSERT INTO label_saves (batch_id, user_id, saved_at, result_code) VALUES
  ('B-7731', 10801, '2026-11-20 07:31:00', NULL),
  ('B-7731', 10801, '2026-11-20 07:31:20', NULL),
  ('B-7731', 10801, '2026-11-20 07:55:41', 'LB-320'),
  ('B-7732', 10802, '2026-11-19 16:20:00', NULL),
  ('B-7733', 10801, '2026-11-18 01:10:00', 'LB-302');

INSERT INTO exports VALUES
  ('E-20418', 10900, 'comment_decisions', 'ie', 182000, 0, 'awaiting_approval', NULL, 'DX-110', '2026-11-19 09:12:00', NULL),
  ('E-20417', 10900, 'task_history', 'ie', 640000, 0, 'draft', NULL, 'DX-120', '2026-11-19 08:55:00', NULL),
  ('E-20416', 10900, 'task_history', 'sg', 90000, 0, 'draft', NULL, 'DX-130', '2026-11-18 14:20:00', NULL),
  ('E-20415', 10900, 'label_results', 'ie', 41000, 0, 'failed', 10001, 'DX-150', '2026-11-18 10:00:00', NULL),
  ('E-20414', 10900, 'video_decisions', 'ie', 22000, 0, 'ready', 10001, NULL, '2026-11-18 09:30:00', '2026-11-21 09:45:00'),
  ('E-20413', 10900, 'comment_decisions', 'ie', 150000, 1, 'expired', 10001, 'DX-140', '2026-11-12 09:30:00', '2026-11-15 10:02:00'),
  ('E-20419', 10900, 'queue_totals', 'ie', 1200, 0, 'running', 10001, NULL, '2026-11-20 07:44:00', NULL);

INSERT INTO export_schedules VALUES
  ('X-214', 10900, 'queue_totals', 'ie', 'weekly', 'active', '2026-11-16 06:00:00', NULL),
  ('X-209', 10522, 'comment_decisions', 'ie', 'monthly', 'stopped', '2026-10-01 06:00:00', 'DX-160');

INSERT INTO board_refreshes VALUES
  ('queue-health', 'sg', '2026-11-20 07:00:00', 'done', NULL),
  ('queue-health', 'ie', '2026-11-20 07:00:00', 'done', NULL),
  ('queue-health', 'us', '2026-11-20 07:00:00', 'done', NULL),
  ('team-output', 'sg', '2026-11-20 01:00:00', 'done', NULL),
  ('team-output', 'sg', '2026-11-20 07:00:00', 'failed', 'LI-702'),
  ('decision-quality', 'us', '2026-11-20 07:00:00', 'done', NULL),
  ('label-progress', 'sg', '2026-11-20 07:00:00', 'done', NULL);

INSERT INTO notices (user_id, rule, channel, state, result_code, created_at, sent_at) VALUES
  (10007, 'queue-backlog', 'chat', 'sent', NULL, '2026-11-20 06:00:00', '2026-11-20 06:00:02'),
  (10007, 'queue-backlog', 'email', 'held', 'BL-501', '2026-11-19 18:00:00', NULL),
  (10007, 'queue-backlog', 'tool', 'in_digest', 'BL-510', '2026-11-20 06:30:00', NULL),
  (10412, 'task-returned', 'email', 'failed', 'BL-502', '2026-11-20 02:10:00', NULL),
  (10412, 'policy-changed', 'chat', 'failed', 'BL-503', '2026-11-20 00:01:00', NULL),
  (10900, 'export-ready', 'email', 'sent', NULL, '2026-11-18 09:45:00', '2026-11-18 09:45:03');

INSERT INTO notice_settings VALUES
  (10007, 'tool', 'on', NULL, NULL, 0, '2026-02-02 02:00:00'),
  (10007, 'email', 'on', '10:00', '23:00', 0, '2026-11-02 02:00:00'),
  (10007, 'chat', 'on', NULL, NULL, 0, '2026-02-02 02:00:00'),
  (10412, 'email', 'stopped', NULL, NULL, 3, '2026-11-20 02:10:05'),
  (10412, 'chat', 'off', NULL, NULL, 0, '2026-11-10 03:00:00'),
  (10900, 'email', 'on', NULL, NULL, 0, '2026-06-15 08:10:00');

INSERT INTO privacy_requests VALUES
  ('P-3107', 'access', 'ie', 'in_progress', '2026-11-05 10:00:00', 0, '2026-11-03 09:12:00', '2026-12-03 09:12:00', NULL),
  ('P-3106', 'deletion', 'ie', 'on_hold', '2026-10-28 10:00:00', 1, '2026-10-26 11:00:00', '2026-11-25 11:00:00', NULL),
  ('P-3108', 'access', 'sg', 'identity_check', NULL, 0, '2026-11-18 03:40:00', '2026-12-18 03:40:00', NULL),
  ('P-3090', 'correction', 'us', 'closed', '2026-09-30 17:00:00', 0, '2026-09-28 17:20:00', '2026-10-28 17:20:00', '2026-10-12 18:00:00');

INSERT INTO tickets VALUES
  ('SUP-104233', 10412, 11032, 'sg', 'waiting_user', 'sev3', 'que-002', NULL, '2026-11-20 06:50:00', '2026-11-20 06:58:00', '2026-11-20 09:00:00', NULL, NULL, 0),
  ('SUP-104229', 10413, 11032, 'sg', 'open', 'sev3', 'acc-001', NULL, '2026-11-20 00:09:00', '2026-11-20 00:20:00', '2026-11-20 08:30:00', NULL, NULL, 0),
  ('SUP-104228', 10413, 11032, 'sg', 'merged', 'sev3', NULL, 'SUP-104229', '2026-11-20 00:06:00', NULL, NULL, NULL, NULL, 0),
  ('SUP-104231', 10801, 11032, 'sg', 'waiting_team', 'sev3', 'lab-001', NULL, '2026-11-20 03:15:00', '2026-11-20 03:31:00', '2026-11-20 10:00:00', NULL, NULL, 0),
  ('SUP-104234', 10521, NULL, 'ie', 'new', 'sev3', NULL, NULL, '2026-11-20 07:53:00', NULL, NULL, NULL, NULL, 0),
  ('SUP-104190', 10900, 11031, 'ie', 'solved', 'sev4', 'exp-001', NULL, '2026-11-18 10:05:00', '2026-11-18 10:40:00', NULL, '2026-11-19 12:00:00', NULL, 1),
  ('SUP-104102', 10910, 11033, 'us', 'closed', 'sev2', 'web-001', NULL, '2026-11-12 17:02:00', '2026-11-12 17:09:00', NULL, '2026-11-12 18:40:00', '2026-11-17 18:40:00', 0);

INSERT INTO ticket_tags VALUES
  ('SUP-104228', 'duplicate'),
  ('SUP-104229', 'promise'),
  ('SUP-104231', 'known-issue'),
  ('SUP-104231', 'handover'),
  ('SUP-104190', 'follow-up'),
  ('SUP-104102', 'incident');

WITH RECURSIVE minutes (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM minutes WHERE n < 59)
INSERT INTO page_timings
SELECT t.tool, r.region, datetime('2026-11-20 07:59:00', '-' || n || ' minutes'),
       600 - n,
       CASE WHEN r.region = 'sg' AND t.tool = 'Lantern Review' AND n < 18 THEN 6200 + 20 * n ELSE 900 + 5 * n END,
       CASE WHEN r.region = 'sg' AND t.tool = 'Lantern Review' AND n < 18 THEN 14 ELSE 1 END
FROM minutes
CROSS JOIN (SELECT 'Lantern Review' AS tool UNION ALL SELECT 'Lantern Label' UNION ALL SELECT 'Queue Board' UNION ALL SELECT 'Policy Finder') AS t
CROSS JOIN (SELECT 'sg' AS region UNION ALL SELECT 'ie' UNION ALL SELECT 'us') AS r;
