-- Everybody has confirmed, lives where it is a polite hour at noon in New York, and came through a link or none;
-- every second one reads Spanish.
UPDATE candidates_candidate SET confirmed_at = signed_up_at,
    language = CASE WHEN substr(email, 15, 1)::int %% 2 = 0 THEN 'en' ELSE 'es' END,
    zip_code = (ARRAY['10001', '60601', '80202', '90210'])[1 + substr(email, 14, 1)::int %% 4];
INSERT INTO candidates_touch (candidate_id, link_id, raw_code, sub_source, at)
SELECT candidate_uuid, link.id, link.code, '', at
FROM partners_credit JOIN partners_referrallink AS link ON link.id = link_id WHERE kind = 'signed_up';
-- Fifteen thousand are at a stage that a broadcast is for.
UPDATE candidates_candidate SET stage = 'intro_call' WHERE id IN (SELECT id FROM candidates_candidate ORDER BY email LIMIT 15000);
