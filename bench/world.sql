-- A drive of thirty days whose day is today, 500 partners with up to eight links, and %(people)s people: a tenth of
-- them of the first partner, a tenth of nobody, the rest by a law of few large and many small. Two fifths came today.
-- Tallies, breakdowns and visits are folded here by the same GROUP BY as in partners/milestones/folding.py.
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '256MB';
SET session_replication_role = replica;

INSERT INTO partners_drive (name, slug, day_on, time_zone, opens_at, baseline, baseline_source, counts, attribution, window_days)
SELECT 'Bench day', 'bench', (now() AT TIME ZONE 'America/New_York')::date, 'America/New_York',
       (date_trunc('day', now() AT TIME ZONE 'America/New_York') - interval '29 days') AT TIME ZONE 'America/New_York',
       12987, '', 'signed_up', 'last', 90;

INSERT INTO partners_partner (id, name, slug, website, embed_origins, created_at)
SELECT n, 'Example ' || lpad(n::text, 3, '0'), 'example-' || n, '', '', now() - interval '40 days' FROM generate_series(1, 500) AS n;

INSERT INTO partners_referrallink (partner_id, code, label, channel, channel_name, destination, created_at)
SELECT n, 'example-' || n || '-' || l, 'Link ' || l, (ARRAY['email', 'sms', 'instagram', 'facebook', 'tiktok', 'website', 'print', 'event'])[l],
       '', 'form', now() - interval '40 days' + l * interval '1 minute'
FROM generate_series(1, 500) AS n, generate_series(1, 8) AS l WHERE l <= CASE n WHEN 1 THEN 8 ELSE 1 + n %% 4 END;
INSERT INTO partners_linkcode (code, link_id, since_at) SELECT code, id, created_at FROM partners_referrallink;

INSERT INTO partners_milestone (drive_id, partner_id, scope, target)
SELECT drive.id, partner.id, 'cumulative', 1000000 FROM partners_drive AS drive, partners_partner AS partner WHERE drive.slug = 'bench';

CREATE TEMPORARY TABLE made AS
WITH drive AS (
    SELECT id, opens_at, date_trunc('day', now() AT TIME ZONE time_zone) AT TIME ZONE time_zone AS today_at FROM partners_drive WHERE slug = 'bench'
), come AS MATERIALIZED (
    SELECT CASE WHEN random() < 0.4 THEN today_at + random() * (now() - today_at)
                ELSE opens_at + floor(random() * 29) * interval '1 day' + (random() + random()) * interval '12 hours' END AS at
    FROM drive, generate_series(1, %(people)s)
), drawn AS (
    SELECT n, random() AS luck, gen_random_uuid() AS id, at,
           CASE n %% 10 WHEN 0 THEN 1 WHEN 1 THEN NULL ELSE 2 + floor(power(random(), 2) * 499)::int END AS partner_id,
           (%(states)s::text[])[1 + floor(power(random(), 2) * %(state_count)s)::int] AS state,
           (ARRAY['school_board', 'council', 'county', 'elections', 'legislature', 'justice', 'other', 'not_sure'])[1 + floor(random() * 8)::int] AS office
    FROM (SELECT at, row_number() OVER (ORDER BY at) AS n FROM come) AS in_order
)
SELECT drawn.*, link.id AS link_id FROM drawn
LEFT JOIN (SELECT id, partner_id, row_number() OVER (PARTITION BY partner_id ORDER BY id) AS place, count(*) OVER (PARTITION BY partner_id) AS links
           FROM partners_referrallink) AS link ON link.partner_id = drawn.partner_id AND link.place = 1 + n / 10 %% link.links
ORDER BY n;

INSERT INTO candidates_candidate (id, first_name, last_name, email, email_canonical, phone, zip_code, state, office,
    timeline, motivation, language, door, signed_up_at, confirmed_at, stage)
SELECT id, 'Ada', left(md5(n::text), 8), 'person-' || lpad(n::text, 8, '0') || '@example.org', 'person-' || lpad(n::text, 8, '0') || '@example.org',
       CASE WHEN luck > 0.5 THEN '+1' || (2000000000 + n) END, lpad((n %% 99000 + 501)::text, 5, '0'), state, office,
       'later', '', 'en', 'form', at, CASE WHEN luck < 0.6 THEN at + luck * (now() - at) / 20 END, 'raised_hand'
FROM made;

INSERT INTO candidates_consent (candidate_id, purpose, partner_id, wording, door, given_at)
SELECT id, purpose, CASE purpose WHEN 'share' THEN partner_id END, 'Yes.', 'form', at
FROM made, (VALUES ('contact'), ('share')) AS asked (purpose) WHERE purpose = 'contact' OR (partner_id IS NOT NULL AND n %% 2 = 0);

-- Of a hundred who signed up sixty confirmed, ten came to a call, three were screened, one filed; one in 300 was endorsed.
INSERT INTO partners_credit (candidate_uuid, drive_id, link_id, partner_id, kind, counts_as, amount, at, recorded_at, reason, state, office, counted_at)
SELECT made.id, drive.id, link_id, partner_id, kind, kind, 1, moment.at, moment.at, '', state, office, moment.at + interval '1 second'
FROM partners_drive AS drive, made
CROSS JOIN (VALUES ('signed_up', 1, 0), ('confirmed', 0.6, 0.05), ('call_attended', 0.1, 0.4), ('screened', 0.03, 0.6), ('filed', 0.01, 0.8),
    ('endorsed', 0.0033, 0.9)) AS step (kind, share, later)
CROSS JOIN LATERAL (SELECT made.at + later * (luck / share) * (now() - made.at) AS at) AS moment
WHERE drive.slug = 'bench' AND luck <= share
ORDER BY moment.at;

INSERT INTO partners_tally (drive_id, partner_id, link_id, kind, hour_at, value)
SELECT drive_id, partner_id, link_id, counts_as, date_trunc('hour', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', sum(amount)
FROM partners_credit GROUP BY 1, 2, 3, 4, 5 ORDER BY 5, 4, 3;
INSERT INTO partners_total (drive_id, partner_id, link_id, kind, value)
SELECT drive_id, partner_id, link_id, kind, sum(value) FROM partners_tally GROUP BY 1, 2, 3, 4;

INSERT INTO partners_breakdowntally (drive_id, partner_id, dimension, name, value, published)
SELECT drive_id, partner_id, place.dimension, place.name, sum(amount), sum(amount)
FROM partners_credit CROSS JOIN LATERAL (VALUES ('state', state), ('office', office)) AS place (dimension, name)
WHERE counts_as = 'signed_up' AND partner_id IS NOT NULL GROUP BY 1, 2, 3, 4;

-- Three people look for each who signs up; a third of what comes is no person.
INSERT INTO partners_visittally (link_id, hour_at, raw, bots, "unique")
SELECT link_id, hour_at, 6 * value, 2 * value, 3 * value FROM partners_tally WHERE kind = 'signed_up' AND link_id IS NOT NULL ORDER BY 2, 1;
INSERT INTO partners_bottally (link_id, hour_at, reason, value)
SELECT link_id, hour_at, reason, bots / 2 FROM partners_visittally, (VALUES ('crawler'), ('prefetch')) AS why (reason);

SET session_replication_role = DEFAULT;
SELECT setval(pg_get_serial_sequence('partners_partner', 'id'), 500);
DROP TABLE made;
