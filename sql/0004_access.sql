-- Who may come in: second factors, sessions of browsers, tokens of programs,
-- invites, sign-in by Telegram, settings of the installation, and the audit.

-- An e-mail or a Telegram account identifies a person only once it has been
-- confirmed: by its own service, or by an administrator who vouches for it.
-- Before that it is a note that anybody could have written.
ALTER TABLE users
	ADD COLUMN email text NOT NULL DEFAULT '',
	ADD COLUMN email_confirmed_at timestamptz,
	ADD COLUMN telegram_confirmed_at timestamptz,
	ADD COLUMN must_change_password boolean NOT NULL DEFAULT false,
	ADD COLUMN totp_secret_sealed text,
	-- The last time step whose code was taken: each is good once.
	ADD COLUMN totp_step bigint NOT NULL DEFAULT 0,
	ADD COLUMN totp_confirmed_at timestamptz,
	-- SHA-256 of each recovery code that is left.
	ADD COLUMN recovery_hashes jsonb NOT NULL DEFAULT '[]',
	ADD COLUMN language text NOT NULL DEFAULT ''
		CHECK (language IN ('', 'ru', 'en')),
	ADD COLUMN signed_in_at timestamptz;
DROP INDEX users_telegram;
CREATE UNIQUE INDEX users_telegram ON users (telegram_user_id)
	WHERE telegram_confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX users_telegram_client ON users (client_id, telegram_user_id);
CREATE UNIQUE INDEX users_email ON users (lower(email))
	WHERE email_confirmed_at IS NOT NULL;

-- A browser holds an opaque cookie, known here by its SHA-256.  A session that
-- waits for the second factor is nobody's until the code has come.
ALTER TABLE sessions
	ADD COLUMN cookie_hash text CONSTRAINT sessions_cookie UNIQUE,
	ADD COLUMN method text NOT NULL DEFAULT 'password'
		CHECK (method IN ('password', 'telegram', 'mini_app', 'link')),
	ADD COLUMN pending_until timestamptz,
	ADD COLUMN code_tries integer NOT NULL DEFAULT 0,
	-- A client must not make a session of somebody else's user.
	ADD FOREIGN KEY (client_id, user_id) REFERENCES users (client_id, id)
		ON DELETE CASCADE;
CREATE INDEX sessions_pending ON sessions (pending_until)
	WHERE pending_until IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- What a program shows instead of signing in.
CREATE TABLE api_tokens (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint REFERENCES clients ON DELETE CASCADE,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	name text NOT NULL CHECK (name <> ''),
	scope text NOT NULL CHECK (scope IN ('read', 'write')),
	token_hash text NOT NULL CONSTRAINT api_tokens_hash UNIQUE,
	token_tail text NOT NULL,
	created_at timestamptz NOT NULL,
	last_used_at timestamptz,
	last_used_address text NOT NULL DEFAULT '',
	revoked_at timestamptz,
	FOREIGN KEY (client_id, user_id) REFERENCES users (client_id, id)
		ON DELETE CASCADE
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, id);
CREATE INDEX api_tokens_client ON api_tokens (client_id);

CREATE TABLE invites (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	code_hash text NOT NULL CONSTRAINT invites_code UNIQUE,
	code_tail text NOT NULL,
	role text NOT NULL CHECK (role IN ('owner', 'manager')),
	assigned_only boolean NOT NULL DEFAULT false,
	uses_max integer NOT NULL CHECK (uses_max > 0),
	uses integer NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND uses_max),
	expires_at timestamptz NOT NULL,
	created_by bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL,
	revoked_at timestamptz
);
CREATE INDEX invites_client ON invites (client_id, id);
CREATE INDEX invites_maker ON invites (created_by);

-- Made by the master bot for whoever wrote to it: proves a Telegram account
-- once.  Belongs to no client yet.
CREATE TABLE link_tokens (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	token_hash text NOT NULL CONSTRAINT link_tokens_hash UNIQUE,
	telegram_user_id bigint NOT NULL,
	username text NOT NULL DEFAULT '',
	first_name text NOT NULL DEFAULT '',
	invite_id bigint REFERENCES invites ON DELETE CASCADE,
	-- Telegram's number of what the person wrote: an answer that has to be
	-- given once more takes the place of the former one.
	update_id bigint,
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	CONSTRAINT link_tokens_update UNIQUE (telegram_user_id, update_id)
);
CREATE INDEX link_tokens_invite ON link_tokens (invite_id);
CREATE INDEX link_tokens_expiry ON link_tokens (expires_at);

-- What Telegram signed is good once; kept for as long as it would be taken.
CREATE TABLE spent_proofs (
	proof_hash text PRIMARY KEY,
	expires_at timestamptz NOT NULL
);
CREATE INDEX spent_proofs_expiry ON spent_proofs (expires_at);

-- What administrators set in the cabinet.  A row has a value or a sealed one.
CREATE TABLE settings (
	name text PRIMARY KEY,
	value text,
	value_sealed text,
	updated_at timestamptz NOT NULL,
	CHECK ((value IS NULL) <> (value_sealed IS NULL))
);

-- How the master bot is doing: one row.
CREATE TABLE master_bot (
	id boolean PRIMARY KEY DEFAULT true CHECK (id),
	-- The number in front of the token in use; 0: there is none.
	telegram_id bigint NOT NULL DEFAULT 0,
	username text NOT NULL DEFAULT '',
	status text NOT NULL DEFAULT 'off'
		CHECK (status IN ('off', 'checking', 'active', 'error')),
	last_error text,
	update_id bigint NOT NULL DEFAULT 0,
	polled_at timestamptz
);
INSERT INTO master_bot DEFAULT VALUES;

-- Who did what to which object, from where.  The services add to it and change
-- nothing; it outlives what it tells of, so it refers to nothing.
CREATE TABLE audit_log (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint,
	at timestamptz NOT NULL,
	-- 'user', 'token' (a program of that user), 'operator' (tuberryctl),
	-- 'system'
	actor text NOT NULL,
	user_id bigint,
	login text NOT NULL DEFAULT '',
	action text NOT NULL CHECK (action <> ''),
	object text NOT NULL DEFAULT '',
	address text NOT NULL DEFAULT '',
	user_agent text NOT NULL DEFAULT '',
	request_id text NOT NULL DEFAULT '',
	before jsonb,
	after jsonb
);
CREATE INDEX audit_log_newest ON audit_log (client_id, id DESC);
CREATE INDEX audit_log_user ON audit_log (user_id, id DESC);
CREATE INDEX audit_log_object ON audit_log (object, id DESC)
	WHERE object <> '';
-- By family: "user" stands for user.create, user.change and the like.
CREATE INDEX audit_log_action ON audit_log (split_part(action, '.', 1), id DESC);

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['api_tokens', 'invites', 'audit_log',
		'link_tokens', 'settings', 'master_bot', 'spent_proofs']
	LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY administrator ON %I TO tuberry_web'
			' USING (current_setting(''app.role'', true) = ''admin'')',
			t);
		EXECUTE format('CREATE POLICY daemon ON %I TO tuberry_daemon'
			' USING (true)', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['api_tokens', 'invites', 'audit_log']
	LOOP
		EXECUTE format('CREATE POLICY tenant ON %I TO tuberry_web'
			' USING (client_id = nullif(current_setting('
			'''app.client_id'', true), '''')::bigint)', t);
	END LOOP;
END
$$;

CREATE POLICY self ON api_tokens TO tuberry_web
	USING (user_id = nullif(current_setting('app.user_id', true), '')::bigint);
-- Somebody who was refused before it was known who it is.
CREATE POLICY nobodys ON audit_log FOR INSERT TO tuberry_web
	WITH CHECK (client_id IS NULL);
-- The link that the visitor holds, found by its hash.
CREATE POLICY held ON link_tokens TO tuberry_web
	USING (id = nullif(current_setting('app.link_token_id', true), '')::bigint);
-- Whoever has shown that it speaks for the master bot.
CREATE POLICY maker ON link_tokens TO tuberry_web
	USING (current_setting('app.link_maker', true) = 'true');
CREATE POLICY anybodys ON spent_proofs FOR INSERT TO tuberry_web
	WITH CHECK (true);
-- Sign-in needs the master bot's token (sealed) and name before it knows whom
-- it speaks with.
CREATE POLICY readable ON settings FOR SELECT TO tuberry_web USING (true);
CREATE POLICY readable ON master_bot FOR SELECT TO tuberry_web USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON api_tokens, invites, settings
	TO tuberry_web, tuberry_daemon;
GRANT SELECT, INSERT, UPDATE, DELETE ON link_tokens TO tuberry_daemon;
-- All but whom it proves.
GRANT SELECT, INSERT, UPDATE (token_hash, username, first_name, invite_id,
	created_at, expires_at, used_at) ON link_tokens TO tuberry_web;
GRANT SELECT, INSERT ON audit_log TO tuberry_web, tuberry_daemon;
GRANT INSERT ON spent_proofs TO tuberry_web;
GRANT SELECT, INSERT, DELETE ON spent_proofs TO tuberry_daemon;
GRANT SELECT, UPDATE ON master_bot TO tuberry_web, tuberry_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tuberry_web, tuberry_daemon;

-- Whoever is signing in is let to their own row before anything is proven, and
-- an owner to those of the client.  Neither makes an administrator of anybody,
-- nor carries them over to another client.
CREATE FUNCTION keep_in_place() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
	IF current_user = 'tuberry_web'
	   AND current_setting('app.role', true) IS DISTINCT FROM 'admin' THEN
		RAISE insufficient_privilege
			USING MESSAGE = 'only an administrator may do this';
	END IF;
	RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION keep_in_place() FROM PUBLIC;
CREATE TRIGGER keep_in_place BEFORE UPDATE ON users FOR EACH ROW
	WHEN (OLD.client_id IS DISTINCT FROM NEW.client_id)
	EXECUTE FUNCTION keep_in_place();

GRANT SELECT ON api_tokens, invites, link_tokens TO tuberry_lookup;
CREATE POLICY lookup ON api_tokens FOR SELECT TO tuberry_lookup USING (true);
CREATE POLICY lookup ON invites FOR SELECT TO tuberry_lookup USING (true);
CREATE POLICY lookup ON link_tokens FOR SELECT TO tuberry_lookup USING (true);

CREATE OR REPLACE FUNCTION find_login(login text)
RETURNS TABLE (user_id bigint, client_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT u.id, u.client_id FROM users u
		WHERE lower(u.login) = lower(find_login.login)
		  AND u.disabled_at IS NULL;
	IF FOUND THEN
		RETURN;
	END IF;
	RETURN QUERY SELECT u.id, u.client_id FROM users u
		WHERE lower(u.email) = lower(find_login.login)
		  AND u.email_confirmed_at IS NOT NULL
		  AND u.disabled_at IS NULL;
END
$$;

CREATE OR REPLACE FUNCTION find_session(session bigint, at timestamptz)
RETURNS TABLE (user_id bigint, client_id bigint, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT u.id, u.client_id, u.role
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.id = session AND s.ended_at IS NULL AND s.expires_at > at
		  AND s.pending_until IS NULL AND u.disabled_at IS NULL;
END
$$;

-- A session that waits for its second factor.
CREATE FUNCTION find_pending(session bigint, at timestamptz)
RETURNS TABLE (user_id bigint, client_id bigint, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT u.id, u.client_id, u.role
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.id = session AND s.ended_at IS NULL
		  AND s.pending_until > at AND u.disabled_at IS NULL;
END
$$;

CREATE FUNCTION find_cookie(cookie_hash text, at timestamptz)
RETURNS TABLE (session_id bigint, user_id bigint, client_id bigint, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT s.id, u.id, u.client_id, u.role
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.cookie_hash = find_cookie.cookie_hash
		  AND s.ended_at IS NULL AND s.expires_at > at
		  AND s.pending_until IS NULL AND u.disabled_at IS NULL;
END
$$;

CREATE FUNCTION find_api_token(token_hash text)
RETURNS TABLE (token_id bigint, user_id bigint, client_id bigint, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT t.id, u.id, u.client_id, u.role
		FROM api_tokens t JOIN users u ON u.id = t.user_id
		WHERE t.token_hash = find_api_token.token_hash
		  AND t.revoked_at IS NULL AND u.disabled_at IS NULL;
END
$$;

-- Also of somebody who may not come in: they shall be told so.
CREATE FUNCTION find_telegram(telegram bigint)
RETURNS TABLE (user_id bigint, client_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT u.id, u.client_id FROM users u
		WHERE u.telegram_user_id = telegram
		  AND u.telegram_confirmed_at IS NOT NULL;
END
$$;

CREATE FUNCTION find_link_token(token_hash text, at timestamptz)
RETURNS TABLE (link_token_id bigint, telegram_user_id bigint, invite_id bigint,
	client_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT l.id, l.telegram_user_id, l.invite_id, i.client_id
		FROM link_tokens l LEFT JOIN invites i ON i.id = l.invite_id
		WHERE l.token_hash = find_link_token.token_hash
		  AND l.used_at IS NULL AND l.expires_at > at;
END
$$;

DO $$
DECLARE
	f regprocedure;
BEGIN
	FOREACH f IN ARRAY ARRAY['find_pending(bigint, timestamptz)',
		'find_cookie(text, timestamptz)', 'find_api_token(text)',
		'find_telegram(bigint)',
		'find_link_token(text, timestamptz)']::regprocedure[]
	LOOP
		EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tuberry_web', f);
		EXECUTE format('ALTER FUNCTION %s OWNER TO tuberry_lookup', f);
	END LOOP;
END
$$;
