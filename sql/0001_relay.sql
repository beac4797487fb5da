-- The relay: tenants, the objects they set up, dialogs, messages and their
-- way out.  Run as tuberry_owner; roles.sql has made the roles.
--
-- Every tenant's row carries client_id, and references between tenants' rows
-- carry it too, so that one client's row can never name another's.
-- Times come from the program; there is no now() in here.

-- Lets one constraint say "the same group, another client".
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE clients (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL CHECK (name <> ''),
	defaults jsonb NOT NULL DEFAULT '{}',
	created_at timestamptz NOT NULL
);

-- An administrator belongs to no client.
CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint REFERENCES clients ON DELETE CASCADE,
	login text NOT NULL CHECK (login <> ''),
	password_hash text,
	name text NOT NULL,
	role text NOT NULL CHECK (role IN ('admin', 'owner', 'manager')),
	telegram_user_id bigint,
	assigned_only boolean NOT NULL DEFAULT false,
	disabled_at timestamptz,
	created_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	CHECK ((role = 'admin') = (client_id IS NULL))
);
CREATE UNIQUE INDEX users_login ON users (lower(login));
CREATE UNIQUE INDEX users_telegram ON users (telegram_user_id);

-- A refresh token names its session and generation under a key that is not in
-- here; only the newest generation is good, and for a moment the one before.
CREATE TABLE sessions (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint REFERENCES clients ON DELETE CASCADE,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	refresh_generation bigint NOT NULL DEFAULT 1,
	refreshed_at timestamptz NOT NULL,
	user_agent text NOT NULL DEFAULT '',
	address text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL,
	seen_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	ended_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id);

-- A bot exists once in the whole installation: telegram_id is the number in
-- front of its token.  status says what the last check found; while it is
-- 'error' the lanes that need the bot are held.
CREATE TABLE bots (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	telegram_id bigint NOT NULL CONSTRAINT bots_telegram_id UNIQUE,
	token_sealed text NOT NULL,
	token_tail text NOT NULL,
	username text NOT NULL DEFAULT '',
	name text NOT NULL DEFAULT '',
	group_chat_id bigint,
	group_title text NOT NULL DEFAULT '',
	topic_mode boolean NOT NULL DEFAULT true,
	status text NOT NULL DEFAULT 'checking'
		CHECK (status IN ('checking', 'active', 'error')),
	last_error text,
	warning text,
	checked_at timestamptz,
	webhook_secret_sealed text NOT NULL,
	webhook_secret_hash text NOT NULL,
	-- The former secret, good until Telegram has confirmed the new one.
	webhook_old_hash text,
	webhook_set_at timestamptz,
	-- Why Telegram did not take it; the bot can speak all the same.
	webhook_error text,
	-- A group that the bot was seen in without being bound to it.
	seen_chat_id bigint,
	seen_chat_title text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	-- Two bots may work in one group of one client; two clients may not.
	CONSTRAINT bots_group EXCLUDE USING gist
		(group_chat_id WITH =, client_id WITH <>)
);

CREATE TABLE projects (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	name text NOT NULL CHECK (name <> ''),
	slug text NOT NULL,
	description text NOT NULL DEFAULT '',
	bot_id bigint,
	require_quote boolean NOT NULL DEFAULT false,
	greeting text NOT NULL DEFAULT '',
	filters jsonb NOT NULL DEFAULT '[]',
	auto_reply jsonb NOT NULL DEFAULT '{}',
	operators text NOT NULL DEFAULT 'members'
		CHECK (operators IN ('members', 'linked')),
	fallback text NOT NULL DEFAULT 'ask'
		CHECK (fallback IN ('ask', 'latest', 'off')),
	hide_system_messages boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	CONSTRAINT projects_slug UNIQUE (client_id, slug),
	CONSTRAINT projects_bot_id
		FOREIGN KEY (client_id, bot_id) REFERENCES bots (client_id, id)
);

CREATE TABLE avito_accounts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	project_id bigint NOT NULL,
	bot_id bigint,
	api_client_id text NOT NULL,
	api_client_secret_sealed text NOT NULL,
	api_client_secret_tail text NOT NULL,
	avito_user_id bigint CONSTRAINT avito_accounts_user UNIQUE,
	name text NOT NULL DEFAULT '',
	profile_url text NOT NULL DEFAULT '',
	monitoring boolean NOT NULL DEFAULT true,
	webhook boolean NOT NULL DEFAULT false,
	status text NOT NULL DEFAULT 'checking'
		CHECK (status IN ('checking', 'active', 'error')),
	last_error text,
	checked_at timestamptz,
	-- One token for all daemons; the generation tells a renewed one from
	-- the one that was refused.
	token_sealed text,
	token_generation bigint NOT NULL DEFAULT 0,
	token_expires_at timestamptz,
	token_lease_until timestamptz,
	webhook_secret_sealed text NOT NULL,
	webhook_secret_hash text NOT NULL,
	webhook_old_hash text,
	webhook_subscribed_at timestamptz,
	-- Null until the first connection's history has been taken over.
	baseline_at timestamptz,
	walked_at timestamptz,
	last_polled_at timestamptz,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	CONSTRAINT avito_accounts_project_id FOREIGN KEY (client_id, project_id)
		REFERENCES projects (client_id, id),
	CONSTRAINT avito_accounts_bot_id FOREIGN KEY (client_id, bot_id)
		REFERENCES bots (client_id, id)
);

-- A buyer's chat at a source.  It stores where its topic lives.
CREATE TABLE dialogs (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	project_id bigint NOT NULL,
	source text NOT NULL CHECK (source IN ('avito')),
	source_id bigint NOT NULL,
	external_chat_id text NOT NULL,
	buyer_external_id text NOT NULL DEFAULT '',
	buyer_name text NOT NULL DEFAULT '',
	buyer_url text NOT NULL DEFAULT '',
	item_id bigint,
	item_title text NOT NULL DEFAULT '',
	item_price text NOT NULL DEFAULT '',
	item_url text NOT NULL DEFAULT '',
	-- Null until the source has told buyer and ad.
	details_at timestamptz,
	bot_id bigint,
	group_chat_id bigint,
	topic_id bigint,
	card_message_id bigint,
	status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
	assignee_id bigint,
	unread_count integer NOT NULL DEFAULT 0,
	last_message_at timestamptz NOT NULL,
	waiting_since timestamptz,
	-- The poller has every message up to this one.  What came by webhook
	-- does not move it: webhooks may have missed one in between.
	walked_id text NOT NULL DEFAULT '',
	walked_at timestamptz,
	created_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	CONSTRAINT dialogs_chat
		UNIQUE (client_id, source, source_id, external_chat_id),
	FOREIGN KEY (client_id, project_id) REFERENCES projects (client_id, id),
	CONSTRAINT dialogs_bot_id
		FOREIGN KEY (client_id, bot_id) REFERENCES bots (client_id, id),
	CONSTRAINT dialogs_assignee_id FOREIGN KEY (client_id, assignee_id)
		REFERENCES users (client_id, id)
);
CREATE INDEX dialogs_newest
	ON dialogs (client_id, last_message_at DESC, id DESC);

-- Every topic a dialog ever had: a topic made anew leaves its former id as an
-- alias, so that an answer written there still finds its way.
CREATE TABLE dialog_topics (
	client_id bigint NOT NULL,
	chat_id bigint NOT NULL,
	topic_id bigint NOT NULL,
	dialog_id bigint NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (client_id, chat_id, topic_id),
	FOREIGN KEY (client_id, dialog_id) REFERENCES dialogs (client_id, id)
		ON DELETE CASCADE
);
CREATE INDEX dialog_topics_dialog ON dialog_topics (dialog_id);

-- origin and origin_id say where it was written: an Avito account, a Telegram
-- chat, a user of the web.  With external_id that makes it unique, so what
-- comes twice is stored once.
CREATE TABLE messages (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL,
	dialog_id bigint NOT NULL,
	origin text NOT NULL CHECK (origin IN ('avito', 'telegram', 'web')),
	origin_id bigint NOT NULL,
	external_id text,
	author text NOT NULL CHECK (author IN
		('buyer', 'operator', 'seller', 'system')),
	author_id text NOT NULL DEFAULT '',
	author_name text NOT NULL DEFAULT '',
	kind text NOT NULL,
	foreign_kind text NOT NULL DEFAULT '',
	text text NOT NULL DEFAULT '',
	quote_external_id text,
	is_auto_reply boolean NOT NULL DEFAULT false,
	-- Taken over at the first connection: shown, never relayed.
	is_history boolean NOT NULL DEFAULT false,
	-- Our own message came back while a send of ours is open: it may be
	-- that send's echo.  Settled when the send is.
	is_parked boolean NOT NULL DEFAULT false,
	written_at timestamptz NOT NULL,
	created_at timestamptz NOT NULL,
	request_id text NOT NULL DEFAULT '',
	UNIQUE (client_id, id),
	CONSTRAINT messages_external
		UNIQUE (client_id, origin, origin_id, external_id),
	FOREIGN KEY (client_id, dialog_id) REFERENCES dialogs (client_id, id)
		ON DELETE CASCADE
);
CREATE INDEX messages_dialog ON messages (client_id, dialog_id, id DESC);
CREATE INDEX messages_parked ON messages (dialog_id) WHERE is_parked;

CREATE TABLE attachments (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL,
	message_id bigint NOT NULL,
	kind text NOT NULL,
	url text NOT NULL DEFAULT '',
	ref text NOT NULL DEFAULT '',
	mime text NOT NULL DEFAULT '',
	name text NOT NULL DEFAULT '',
	bytes bigint NOT NULL DEFAULT 0,
	width integer NOT NULL DEFAULT 0,
	height integer NOT NULL DEFAULT 0,
	duration_s integer NOT NULL DEFAULT 0,
	-- Set once the file lies in MEDIA_DIR under this name.
	sha256 text,
	FOREIGN KEY (client_id, message_id) REFERENCES messages (client_id, id)
		ON DELETE CASCADE
);
CREATE INDEX attachments_message ON attachments (message_id);

-- Where a message can be seen besides its origin.  A text split in three is
-- three parts; a joined text is one external id for several messages.
CREATE TABLE message_copies (
	client_id bigint NOT NULL,
	message_id bigint NOT NULL,
	place text NOT NULL CHECK (place IN ('avito', 'telegram')),
	place_id bigint NOT NULL,
	part integer NOT NULL,
	external_id text NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (message_id, place, place_id, part),
	FOREIGN KEY (client_id, message_id) REFERENCES messages (client_id, id)
		ON DELETE CASCADE
);
CREATE INDEX message_copies_external
	ON message_copies (client_id, place, place_id, external_id);

-- A lane is (dialog, direction): at most one delivery of it is in flight.
-- Deliveries are numbered under the lane's row lock; the lane has work while
-- head_seq <= last_seq.  due_at is when a daemon may look at it: null when
-- there is nothing to do or it is held; the lease's end while it is claimed.
CREATE TABLE lanes (
	client_id bigint NOT NULL,
	dialog_id bigint NOT NULL,
	direction text NOT NULL CHECK (direction IN ('buyer', 'team')),
	last_seq bigint NOT NULL DEFAULT 0,
	head_seq bigint NOT NULL DEFAULT 1,
	due_at timestamptz,
	lease_token uuid,
	-- "bot:5", "avito:7": waits until that object is mended.
	held_by text,
	PRIMARY KEY (dialog_id, direction),
	FOREIGN KEY (client_id, dialog_id) REFERENCES dialogs (client_id, id)
		ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX lanes_due ON lanes (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lanes_held ON lanes (held_by) WHERE held_by IS NOT NULL;

CREATE TABLE deliveries (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL,
	dialog_id bigint NOT NULL,
	direction text NOT NULL,
	seq bigint NOT NULL,
	message_id bigint NOT NULL,
	state text NOT NULL DEFAULT 'queued' CHECK (state IN
		('queued', 'sending', 'unsure', 'done', 'dead', 'discarded')),
	attempts integer NOT NULL DEFAULT 0,
	-- How often an unsure send was looked for and not found.
	settle_reads integer NOT NULL DEFAULT 0,
	last_error text,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	request_id text NOT NULL DEFAULT '',
	CONSTRAINT deliveries_lane UNIQUE (dialog_id, direction, seq),
	FOREIGN KEY (dialog_id, direction) REFERENCES lanes
		ON DELETE CASCADE,
	FOREIGN KEY (client_id, message_id) REFERENCES messages (client_id, id)
		ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX deliveries_message ON deliveries (message_id);
CREATE INDEX deliveries_open ON deliveries (client_id, id)
	WHERE state IN ('queued', 'sending', 'unsure', 'dead');

-- The ledger: written before a request leaves, finished by its outcome.
CREATE TABLE attempts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL,
	delivery_id bigint NOT NULL REFERENCES deliveries ON DELETE CASCADE,
	part integer NOT NULL,
	action text NOT NULL,
	-- The newest message of the chat that we knew: an unsure send is
	-- looked for behind it.
	known_external_id text NOT NULL DEFAULT '',
	-- What leaves: the text, or the uploaded image's id.
	content text NOT NULL DEFAULT '',
	started_at timestamptz NOT NULL,
	finished_at timestamptz,
	outcome text CHECK (outcome IN
		('done', 'later', 'failed', 'unsure', 'settled')),
	status integer,
	detail text NOT NULL DEFAULT '',
	request_id text NOT NULL DEFAULT ''
);
CREATE INDEX attempts_delivery ON attempts (delivery_id, id);

-- Other work for the daemon.  One row per (kind, subject, key): asking again
-- raises the generation, and a finished task goes only if nobody asked again
-- meanwhile.  client_id is null for work that is nobody's.
CREATE TABLE tasks (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint REFERENCES clients ON DELETE CASCADE,
	kind text NOT NULL,
	subject_id bigint NOT NULL,
	key text NOT NULL DEFAULT '',
	args jsonb NOT NULL DEFAULT '{}',
	due_at timestamptz,
	lease_token uuid,
	generation bigint NOT NULL DEFAULT 1,
	attempts integer NOT NULL DEFAULT 0,
	last_error text,
	created_at timestamptz NOT NULL,
	request_id text NOT NULL DEFAULT '',
	CONSTRAINT tasks_once UNIQUE (kind, subject_id, key)
) WITH (fillfactor = 70);
CREATE INDEX tasks_due ON tasks (due_at) WHERE due_at IS NOT NULL;

-- Updates seen, so that the same one changes nothing the second time.
CREATE TABLE telegram_updates (
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	bot_id bigint NOT NULL,
	update_id bigint NOT NULL,
	received_at timestamptz NOT NULL,
	PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX telegram_updates_age ON telegram_updates
	USING brin (received_at);

-- Which daemons live: each tells every few seconds and goes when it ends.
CREATE TABLE daemons (
	id uuid PRIMARY KEY,
	host text NOT NULL,
	pid integer NOT NULL,
	started_at timestamptz NOT NULL,
	seen_at timestamptz NOT NULL
);

-- What we did not understand and therefore did not refuse.
CREATE TABLE quarantine (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	source text NOT NULL,
	source_id bigint NOT NULL,
	reason text NOT NULL,
	body text NOT NULL,
	created_at timestamptz NOT NULL,
	request_id text NOT NULL DEFAULT ''
);

-- Row level security: the web sees the client set for its transaction and
-- nothing without one.  The daemon crosses clients by its job.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['users', 'sessions', 'bots', 'projects',
		'avito_accounts', 'dialogs', 'dialog_topics', 'messages',
		'attachments', 'message_copies', 'lanes', 'deliveries',
		'attempts', 'tasks', 'telegram_updates', 'quarantine']
	LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY tenant ON %I TO tuberry_web'
			' USING (client_id = nullif(current_setting('
			'''app.client_id'', true), '''')::bigint)', t);
		EXECUTE format('CREATE POLICY administrator ON %I TO tuberry_web'
			' USING (current_setting(''app.role'', true) = ''admin'')',
			t);
		EXECUTE format('CREATE POLICY daemon ON %I TO tuberry_daemon'
			' USING (true)', t);
	END LOOP;
END
$$;

ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clients TO tuberry_web
	USING (id = nullif(current_setting('app.client_id', true), '')::bigint);
CREATE POLICY administrator ON clients TO tuberry_web
	USING (current_setting('app.role', true) = 'admin');
CREATE POLICY daemon ON clients TO tuberry_daemon USING (true);

-- Signing in comes before the client is known: a person sees their own row
-- and sessions.
CREATE POLICY self ON users TO tuberry_web
	USING (id = nullif(current_setting('app.user_id', true), '')::bigint);
CREATE POLICY self ON sessions TO tuberry_web
	USING (user_id = nullif(current_setting('app.user_id', true), '')::bigint);

GRANT USAGE ON SCHEMA public TO tuberry_web, tuberry_daemon, tuberry_lookup;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public
	TO tuberry_web, tuberry_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tuberry_web, tuberry_daemon;

-- The few questions that come before the client is known.  Their owner has no
-- login and sees, by policies of its own, only the tables named here; each
-- function answers with ids alone.  Secrets are looked up by their SHA-256,
-- so how long a comparison takes tells nothing about the secret.
GRANT SELECT ON bots, avito_accounts, users, sessions TO tuberry_lookup;
CREATE POLICY lookup ON bots FOR SELECT TO tuberry_lookup USING (true);
CREATE POLICY lookup ON avito_accounts FOR SELECT TO tuberry_lookup
	USING (true);
CREATE POLICY lookup ON users FOR SELECT TO tuberry_lookup USING (true);
CREATE POLICY lookup ON sessions FOR SELECT TO tuberry_lookup USING (true);

-- In plpgsql, which keeps plans for the session: a function in sql that cannot
-- be inlined is parsed and planned at every call, a tenth of a webhook's time.
CREATE FUNCTION find_bot_hook(bot bigint, secret_hash text)
RETURNS TABLE (client_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT b.client_id FROM bots b
		WHERE b.id = bot
		  AND secret_hash IN (b.webhook_secret_hash, b.webhook_old_hash);
END
$$;

CREATE FUNCTION find_avito_hook(account bigint, secret_hash text)
RETURNS TABLE (client_id bigint, avito_user_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT x.client_id, x.avito_user_id FROM avito_accounts x
		WHERE x.id = account
		  AND secret_hash IN (x.webhook_secret_hash, x.webhook_old_hash);
END
$$;

CREATE FUNCTION find_login(login text)
RETURNS TABLE (user_id bigint, client_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT u.id, u.client_id FROM users u
		WHERE lower(u.login) = lower(find_login.login)
		  AND u.disabled_at IS NULL;
END
$$;

CREATE FUNCTION find_session(session bigint, at timestamptz)
RETURNS TABLE (user_id bigint, client_id bigint, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT u.id, u.client_id, u.role
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.id = session AND s.ended_at IS NULL AND s.expires_at > at
		  AND u.disabled_at IS NULL;
END
$$;

DO $$
DECLARE
	f regprocedure;
BEGIN
	FOREACH f IN ARRAY ARRAY['find_bot_hook(bigint, text)',
		'find_avito_hook(bigint, text)', 'find_login(text)',
		'find_session(bigint, timestamptz)']::regprocedure[]
	LOOP
		EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tuberry_web', f);
		EXECUTE format('ALTER FUNCTION %s OWNER TO tuberry_lookup', f);
	END LOOP;
END
$$;
