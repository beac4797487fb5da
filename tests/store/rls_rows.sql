-- One row in every tenant's table for the client $c$, who is made, too.
CREATE FUNCTION fill(c bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	t timestamptz := '2026-09-21T12:00:00Z';
	u bigint;
	b bigint;
	p bigint;
	a bigint;
	d bigint;
	m bigint;
	s bigint;
	x bigint;
BEGIN
	INSERT INTO clients (id, name, created_at) OVERRIDING SYSTEM VALUE
		VALUES (c, 'client ' || c, t);
	INSERT INTO users (client_id, login, name, role, created_at)
		VALUES (c, 'login' || c, 'name', 'owner', t)
		RETURNING id INTO u;
	INSERT INTO sessions (client_id, user_id, refreshed_at, created_at,
			seen_at, expires_at)
		VALUES (c, u, t, t, t, t + interval '1 day');
	INSERT INTO bots (client_id, telegram_id, token_sealed, token_tail,
			webhook_secret_sealed, webhook_secret_hash, created_at,
			updated_at)
		VALUES (c, c, '', '', '', 'bot' || c, t, t)
		RETURNING id INTO b;
	INSERT INTO projects (client_id, name, slug, bot_id, created_at,
			updated_at)
		VALUES (c, 'project', 'p', b, t, t)
		RETURNING id INTO p;
	INSERT INTO avito_accounts (client_id, project_id, api_client_id,
			api_client_secret_sealed, api_client_secret_tail,
			webhook_secret_sealed, webhook_secret_hash, created_at,
			updated_at)
		VALUES (c, p, 'id', '', '', '', 'avito' || c, t, t)
		RETURNING id INTO a;
	INSERT INTO dialogs (client_id, project_id, source, source_id,
			external_chat_id, last_message_at, created_at)
		VALUES (c, p, 'avito', a, 'chat', t, t)
		RETURNING id INTO d;
	INSERT INTO dialog_topics (client_id, chat_id, topic_id, dialog_id,
			created_at)
		VALUES (c, 1, 1, d, t);
	INSERT INTO messages (client_id, dialog_id, origin, origin_id, author,
			kind, written_at, created_at)
		VALUES (c, d, 'avito', a, 'buyer', 'text', t, t)
		RETURNING id INTO m;
	INSERT INTO attachments (client_id, message_id, kind)
		VALUES (c, m, 'photo');
	INSERT INTO message_copies (client_id, message_id, place, place_id,
			part, external_id, created_at)
		VALUES (c, m, 'telegram', 1, 0, '1', t);
	INSERT INTO lanes (client_id, dialog_id, direction)
		VALUES (c, d, 'team');
	INSERT INTO deliveries (client_id, dialog_id, direction, seq,
			message_id, created_at, updated_at)
		VALUES (c, d, 'team', 1, m, t, t)
		RETURNING id INTO x;
	INSERT INTO attempts (client_id, delivery_id, part, action, started_at)
		VALUES (c, x, 0, 'send', t);
	INSERT INTO complaints (client_id, delivery_id) VALUES (c, x);
	INSERT INTO tasks (client_id, kind, subject_id, created_at)
		VALUES (c, 'kind', c, t);
	INSERT INTO telegram_updates (client_id, bot_id, update_id,
			received_at)
		VALUES (c, b, 1, t);
	INSERT INTO quarantine (client_id, source, source_id, reason, body,
			created_at)
		VALUES (c, 'avito', a, 'odd', '{}', t);
	INSERT INTO notices (client_id, kind, text, first_at, last_at)
		VALUES (c, 'kind', 'text', t, t);
	INSERT INTO api_tokens (client_id, user_id, name, scope, token_hash,
			token_tail, created_at)
		VALUES (c, u, 'token', 'read', 'token' || c, '', t);
	INSERT INTO invites (client_id, code_hash, code_tail, role, uses_max,
			expires_at, created_at)
		VALUES (c, 'code' || c, '', 'manager', 1, t, t);
	INSERT INTO audit_log (client_id, at, actor, action)
		VALUES (c, t, 'user', 'sign_in');
	INSERT INTO telegram_sources (client_id, project_id, bot_id, created_at,
			updated_at)
		VALUES (c, p, b, t, t)
		RETURNING id INTO s;
	INSERT INTO business_connections (client_id, source_id, external_id,
			user_id, is_enabled, told_at, created_at)
		VALUES (c, s, 'connection', 1, true, t, t);
	INSERT INTO message_versions (client_id, message_id, version, text,
			replaced_at)
		VALUES (c, m, 1, 'before', t);
	INSERT INTO message_reactions (client_id, message_id, side, author_id,
			emoji, created_at)
		VALUES (c, m, 'buyer', '1', '👍', t);
	INSERT INTO uploads (client_id, user_id, kind, name, mime, bytes,
			sha256, created_at)
		VALUES (c, u, 'image', 'a.jpg', 'image/jpeg', 1, '', t);
	INSERT INTO auto_replies (client_id, dialog_id, kind, interval_key,
			asked_message_id, asked_at, due_at, created_at,
			updated_at)
		VALUES (c, d, 'greeting', '', m, t, t, t, t);
	INSERT INTO filter_hits (client_id, project_id, filter_id, last_at)
		VALUES (c, p, 'filter', t);
	INSERT INTO unrouted (client_id, bot_id, chat_id, message_id, body,
			way, created_at)
		VALUES (c, b, 1, 1, '{}', 'ask', t);
END
$$;

-- What comes of a statement: how many rows it touched, or its SQLSTATE.
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;

-- Tables whose rows are somebody's.
CREATE VIEW tenant_tables AS
SELECT c.oid, c.relname AS name, c.relrowsecurity, c.relforcerowsecurity
  FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
   AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
	AND a.attname = 'client_id' AND NOT a.attisdropped);

CREATE VIEW unprotected_tables AS
SELECT name FROM tenant_tables t
 WHERE NOT relrowsecurity OR NOT relforcerowsecurity
    OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid
	AND (SELECT oid FROM pg_roles WHERE rolname = 'tuberry_web')
		= ANY (p.polroles)
	AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.client_id%'
	AND p.polcmd = '*');

-- For each reference between tables of clients: what makes a row of client 1
-- name a row of client 2.
CREATE FUNCTION foreign_references() RETURNS TABLE (statement text)
LANGUAGE plpgsql AS $$
DECLARE
	k record;
	value text;
	list text;
BEGIN
	FOR k IN
		SELECT c.conname, c.conrelid::regclass AS here,
			c.confrelid::regclass AS there, array_agg(a.attname) AS own,
			array_agg(f.attname) AS other
		  FROM pg_constraint c
		  CROSS JOIN unnest(c.conkey, c.confkey) AS u (own, other)
		  JOIN pg_attribute a ON a.attrelid = c.conrelid
			AND a.attnum = u.own
		  JOIN pg_attribute f ON f.attrelid = c.confrelid
			AND f.attnum = u.other
		 WHERE c.contype = 'f' AND a.attname <> 'client_id'
		   AND c.conrelid IN (SELECT oid FROM tenant_tables)
		   AND c.confrelid IN (SELECT oid FROM tenant_tables)
		 GROUP BY c.oid, c.conname, c.conrelid, c.confrelid
		 ORDER BY c.conrelid::regclass::text, c.conname
	LOOP
		list := '';
		FOR i IN 1 .. array_length(k.own, 1) LOOP
			EXECUTE format('SELECT %I::text FROM %s'
				' WHERE client_id = 2 LIMIT 1', k.other[i], k.there)
				INTO value;
			list := list || format('%s%I = %L',
				CASE WHEN i > 1 THEN ', ' ELSE '' END, k.own[i], value);
		END LOOP;
		statement := format('UPDATE %s SET %s WHERE client_id = 1',
			k.here, list);
		RETURN NEXT;
	END LOOP;
END
$$;
