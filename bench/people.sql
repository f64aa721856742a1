-- Leads number %(first)s to %(last)s, made by the database itself: names from syllables, a year of sign-ups,
-- two thirds of them through a link, one in fifty moved on, one in a hundred in somebody's hands.
CREATE TEMPORARY TABLE made AS
SELECT gen_random_uuid() AS id, n,
       initcap((string_to_array('an be ca da el fa gi ha is jo ka lu ma ni ol pa ra sa ti vi', ' '))[1 + (random() * 19)::int]
            || (string_to_array('na ria mes vid sie ran lo rry abel rdan', ' '))[1 + (random() * 9)::int]) AS first_name,
       initcap((string_to_array('ab bro car dav es fle gar har ing joh kel lop mar nel ort per ram san tho wil', ' '))[1 + (random() * 19)::int]
            || (string_to_array('er el in ez an o ov', ' '))[1 + (random() * 6)::int]
            || (string_to_array('son ton ley man ez sen er ski ard well', ' '))[1 + (random() * 9)::int]) AS last_name,
       (%(states)s::text[])[1 + floor(power(random(), 2) * %(state_count)s)::int] AS state,
       now() - (power(random(), 2) * interval '365 days') AS at,
       random() AS luck,
       CASE WHEN random() < 0.67 THEN 1 + (n %% %(link_count)s) END AS link_number
FROM generate_series(%(first)s::int, %(last)s::int) AS n;

INSERT INTO candidates_candidate (id, first_name, last_name, email, email_canonical, phone, zip_code, state, office,
    timeline, motivation, language, door, signed_up_at, confirmed_at, stage, assigned_to_id)
SELECT id, first_name, last_name, lower(first_name || '.' || last_name) || n || '@example.org',
       lower(first_name || '.' || last_name) || n || '@example.org',
       CASE WHEN luck < 0.6 THEN '+1555' || lpad(n::text, 7, '0') END,
       lpad((n %% 99000 + 501)::text, 5, '0'), state,
       (ARRAY['school_board', 'council', 'county', 'elections', 'legislature', 'justice', 'other', 'not_sure'])[1 + n %% 8],
       (ARRAY['this_cycle', 'next_year', 'later', 'exploring'])[1 + n %% 4],
       repeat('The bus should run on Sundays. ', n %% 4), CASE WHEN n %% 9 = 0 THEN 'es' ELSE 'en' END, 'form', at,
       CASE WHEN luck > 0.4 THEN at + interval '5 minutes' END,
       CASE WHEN luck < 0.98 THEN 'raised_hand'
            ELSE (ARRAY['intro_call', 'one_to_one', 'resources', 'filed', 'applied', 'endorsed', 'not_this_time'])[1 + n %% 7] END,
       CASE WHEN luck > 0.99 THEN (SELECT id FROM partners_user ORDER BY id LIMIT 1) END
FROM made;

INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind, counts_as, amount, at, recorded_at, reason, counted_at)
SELECT made.id, drive.id, link.id, link.partner_id, 'signed_up', 'signed_up', 1, at, at, '', at
FROM made
CROSS JOIN (SELECT id FROM partners_drive ORDER BY id LIMIT 1) AS drive
LEFT JOIN (SELECT id, partner_id, row_number() OVER (ORDER BY id) AS number FROM partners_referrallink) AS link ON number = link_number;

INSERT INTO candidates_touch (candidate_id, link_id, raw_code, sub_source, at)
SELECT made.id, CASE WHEN n %% 500 > 0 THEN link.id END, coalesce(link.code, 'unknown'), '', at
FROM made JOIN (SELECT id, code, row_number() OVER (ORDER BY id) AS number FROM partners_referrallink) AS link ON number = link_number;

INSERT INTO candidates_followup (id, candidate_id, step_id, lane, anchor_at, due_at, why, state, attempts, last_error, sent_at)
SELECT gen_random_uuid(), id, (SELECT min(id) FROM candidates_step), 0, at, at, '', CASE WHEN n %% 1000 = 0 THEN 'failed' ELSE 'sent' END, 1,
       CASE WHEN n %% 1000 = 0 THEN '550 no such mailbox' ELSE '' END, CASE WHEN n %% 1000 > 0 THEN at END
FROM made;

INSERT INTO candidates_consent (candidate_id, purpose, wording, door, given_at)
SELECT id, 'contact', 'You may contact me about running for office.', 'form', at FROM made;

INSERT INTO partners_tally (drive_id, partner_id, link_id, kind, hour_at, value)
SELECT drive_id, partner_id, link_id, counts_as, date_trunc('hour', at), sum(amount) FROM partners_credit
WHERE candidate_uuid IN (SELECT id FROM made)
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (drive_id, kind, hour_at, coalesce(link_id, 0)) DO UPDATE SET value = partners_tally.value + excluded.value;

DROP TABLE made;
