-- A ledger of %(lines)s counted lines over thirty days, two fifths of them today, and every sum that is folded from it.
SET synchronous_commit = off;
SET work_mem = '64MB';
SET maintenance_work_mem = '256MB';
SET session_replication_role = replica;

INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind, counts_as, amount, at, recorded_at, reason, state, office, counted_at)
SELECT gen_random_uuid(), drive.id, link.id, link.partner_id, kind, kind, 1, at, at, '',
    (%(states)s::text[])[1 + floor(power(random(), 2) * %(state_count)s)::int],
    (ARRAY['council', 'county', 'justice', 'other', 'not_sure'])[1 + floor(random() * 5)::int], at
FROM (
    SELECT n, CASE WHEN n %% 5 < 3 THEN 'signed_up' ELSE 'confirmed' END AS kind,
        now() - CASE WHEN share < 0.6 THEN interval '1 day' + interval '29 days' * (1 - share / 0.6)
                     ELSE interval '1 day' * (1 - share) / 0.4 END AS at,
        %(first_link)s + floor(power(random(), 2) * %(links)s)::int AS link_no
    FROM (SELECT n, n::float8 / %(lines)s AS share FROM generate_series(1, %(lines)s) AS n) AS numbered
) AS line
CROSS JOIN (SELECT id FROM partners_drive ORDER BY id LIMIT 1) AS drive
LEFT JOIN partners_referrallink AS link ON link.id = link_no AND n %% 10 <> 0;

INSERT INTO partners_tally (drive_id, partner_id, link_id, kind, hour_at, value)
SELECT drive_id, partner_id, link_id, counts_as, date_trunc('hour', at, 'UTC'), sum(amount) FROM partners_credit GROUP BY 1, 2, 3, 4, 5;
INSERT INTO partners_total (drive_id, partner_id, link_id, kind, value)
SELECT drive_id, partner_id, link_id, kind, sum(value) FROM partners_tally GROUP BY 1, 2, 3, 4;
INSERT INTO partners_statetally (drive_id, kind, state, day_on, value)
SELECT drive_id, counts_as, state, (at AT TIME ZONE time_zone)::date, sum(amount)
FROM partners_credit JOIN partners_drive AS drive ON drive.id = drive_id GROUP BY 1, 2, 3, 4;
INSERT INTO partners_minutetally (drive_id, kind, minute_at, value)
SELECT drive_id, counts_as, date_trunc('minute', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', sum(amount) FROM partners_credit GROUP BY 1, 2, 3;
INSERT INTO partners_breakdowntally (drive_id, partner_id, dimension, name, value, published)
SELECT drive_id, partner_id, place.dimension, place.name, sum(amount), sum(amount)
FROM partners_credit CROSS JOIN LATERAL (VALUES ('state', state), ('office', office)) AS place (dimension, name)
WHERE counts_as = 'signed_up' AND partner_id IS NOT NULL GROUP BY 1, 2, 3, 4;
SET session_replication_role = DEFAULT;
