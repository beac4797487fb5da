-- Further sources than Avito, everything that a message can be, texts that go
-- out by themselves, rules and filters.

-- A client's bot whose private chats are dialogs, and through which owners of
-- personal accounts let it answer (Telegram Business).  The bot may be the one
-- of a working group as well.  auto_reply: in place of the project's, or null.
CREATE TABLE telegram_sources (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	project_id bigint NOT NULL,
	bot_id bigint NOT NULL CONSTRAINT telegram_sources_bot UNIQUE,
	monitoring boolean NOT NULL DEFAULT true,
	auto_reply jsonb,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	CONSTRAINT telegram_sources_project_id
		FOREIGN KEY (client_id, project_id)
		REFERENCES projects (client_id, id),
	CONSTRAINT telegram_sources_bot_id FOREIGN KEY (client_id, bot_id)
		REFERENCES bots (client_id, id)
);
CREATE INDEX telegram_sources_project ON telegram_sources (project_id);

ALTER TABLE avito_accounts ADD COLUMN auto_reply jsonb;

-- A personal account that a source's bot may answer from.  Telegram gives a
-- new external_id whenever its owner connects anew; the person stays.
CREATE TABLE business_connections (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	source_id bigint NOT NULL,
	external_id text NOT NULL,
	user_id bigint NOT NULL,
	user_name text NOT NULL DEFAULT '',
	username text NOT NULL DEFAULT '',
	user_chat_id bigint NOT NULL DEFAULT 0,
	is_enabled boolean NOT NULL,
	can_reply boolean NOT NULL DEFAULT false,
	can_read boolean NOT NULL DEFAULT false,
	can_delete boolean NOT NULL DEFAULT false,
	-- When Telegram said so: an older word changes nothing.
	told_at timestamptz NOT NULL,
	created_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	CONSTRAINT business_connections_user
		UNIQUE (client_id, source_id, user_id),
	FOREIGN KEY (client_id, source_id)
		REFERENCES telegram_sources (client_id, id) ON DELETE CASCADE
);
CREATE INDEX business_connections_external
	ON business_connections (source_id, external_id);

-- source 'telegram': source_id is a telegram_source, external_chat_id the
-- person's chat: "501" with the bot, "501@900" with the account of owner 900.
ALTER TABLE dialogs
	DROP CONSTRAINT dialogs_source_check,
	ADD CONSTRAINT dialogs_source_check
		CHECK (source IN ('avito', 'telegram')),
	-- 'archived': all that was written in it was filtered away.
	DROP CONSTRAINT dialogs_status_check,
	ADD CONSTRAINT dialogs_status_check
		CHECK (status IN ('open', 'closed', 'archived')),
	ADD COLUMN connection_id bigint,
	-- What stood behind /start, or else led the buyer here.
	ADD COLUMN origin text NOT NULL DEFAULT '',
	ADD COLUMN buyer_language text NOT NULL DEFAULT '',
	-- The buyer takes no messages; what is for them waits.
	ADD COLUMN blocked_at timestamptz,
	ADD COLUMN labels text[] NOT NULL DEFAULT '{}',
	ADD COLUMN auto_reply_last_sent_at timestamptz,
	-- What the topic's title and icon show: "new", "answered", "closed".
	ADD COLUMN topic_state text NOT NULL DEFAULT '',
	ADD COLUMN topic_state_at timestamptz,
	ADD COLUMN topic_title text NOT NULL DEFAULT '',
	ADD COLUMN topic_closed boolean NOT NULL DEFAULT false,
	-- It continues a former topic and does not say so yet.
	ADD COLUMN topic_continues boolean NOT NULL DEFAULT false,
	ADD FOREIGN KEY (client_id, connection_id)
		REFERENCES business_connections (client_id, id);
CREATE INDEX dialogs_project
	ON dialogs (client_id, project_id, last_message_at DESC);

-- Null: a topic of colleagues, which nobody wants to be asked about.
ALTER TABLE dialog_topics ALTER COLUMN dialog_id DROP NOT NULL;

-- As Telegram told it last, without @; by it colleagues assign dialogs.
ALTER TABLE users ADD COLUMN telegram_username text NOT NULL DEFAULT '';

-- origin and origin_id of what was written at a source are the dialog's source
-- and source_id; of what was written in a working group 'telegram' and the
-- group's number, which is below zero; 'tuberry' and the dialog for what we
-- write ourselves.  At a Telegram source an external_id is
-- "<external_chat_id>/<message_id>".  The same holds for copies.
ALTER TABLE messages
	DROP CONSTRAINT messages_origin_check,
	ADD CONSTRAINT messages_origin_check
		CHECK (origin IN ('avito', 'telegram', 'web', 'tuberry')),
	-- 'robot': greeting, auto-reply, rule.  'system': the source's notices,
	-- and ours (origin 'tuberry').
	DROP CONSTRAINT messages_author_check,
	ADD CONSTRAINT messages_author_check CHECK (author IN
		('buyer', 'operator', 'seller', 'system', 'robot')),
	-- Telegram's MessageEntity objects, offsets in UTF-16 units of text.
	ADD COLUMN entities jsonb,
	-- What a place, contact, poll, ... consists of: chan/chan.h.
	ADD COLUMN data jsonb,
	ADD COLUMN album text,
	-- The message it answers, where we know that one.
	ADD COLUMN quote_message_id bigint,
	ADD COLUMN edited_at timestamptz,
	ADD COLUMN deleted_at timestamptz,
	ADD COLUMN deleted_by text NOT NULL DEFAULT '',
	-- The buyer has read it, where the source tells.
	ADD COLUMN read_at timestamptz,
	-- Stays inside: never leaves to the buyer.
	ADD COLUMN is_note boolean NOT NULL DEFAULT false,
	-- The filter that kept it from the team's group.
	ADD COLUMN hidden_by text,
	ADD COLUMN is_archived boolean NOT NULL DEFAULT false,
	ADD FOREIGN KEY (client_id, quote_message_id)
		REFERENCES messages (client_id, id)
		ON DELETE SET NULL (quote_message_id);
-- A text that the quoted one's deletion would look for.
CREATE INDEX messages_quote ON messages (client_id, quote_message_id)
	WHERE quote_message_id IS NOT NULL;
CREATE INDEX messages_album ON messages (dialog_id, album)
	WHERE album IS NOT NULL;

-- Items of an album come one by one: until then more of them may come.
ALTER TABLE deliveries ADD COLUMN not_before timestamptz;

-- What a message said before it was edited.
CREATE TABLE message_versions (
	client_id bigint NOT NULL,
	message_id bigint NOT NULL,
	version integer NOT NULL,
	text text NOT NULL,
	entities jsonb,
	replaced_at timestamptz NOT NULL,
	PRIMARY KEY (message_id, version),
	FOREIGN KEY (client_id, message_id) REFERENCES messages (client_id, id)
		ON DELETE CASCADE
);

CREATE TABLE message_reactions (
	client_id bigint NOT NULL,
	message_id bigint NOT NULL,
	side text NOT NULL CHECK (side IN ('buyer', 'team')),
	author_id text NOT NULL,
	emoji text NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (message_id, side, author_id, emoji),
	FOREIGN KEY (client_id, message_id) REFERENCES messages (client_id, id)
		ON DELETE CASCADE
);

-- Files that people brought and messages may name.  user_id refers to nothing:
-- an administrator belongs to no client.  used_at: a message has taken it.
CREATE TABLE uploads (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	user_id bigint NOT NULL,
	kind text NOT NULL,
	name text NOT NULL,
	mime text NOT NULL,
	bytes bigint NOT NULL,
	width integer NOT NULL DEFAULT 0,
	height integer NOT NULL DEFAULT 0,
	duration_s integer NOT NULL DEFAULT 0,
	sha256 text NOT NULL,
	created_at timestamptz NOT NULL,
	used_at timestamptz,
	UNIQUE (client_id, id)
);
CREATE INDEX uploads_unused ON uploads (created_at) WHERE used_at IS NULL;
-- Who else has these bytes?
CREATE INDEX uploads_content ON uploads (client_id, sha256);
CREATE INDEX attachments_content ON attachments (client_id, sha256)
	WHERE sha256 IS NOT NULL;

-- Texts that go out by themselves, from the plan to the end.  The unique index
-- is the guard: one of each in an interval, whoever plans it.
CREATE TABLE auto_replies (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	dialog_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('greeting', 'auto_reply', 'rule')),
	rule_id text NOT NULL DEFAULT '',
	-- Which interval: the window's occurrence, or what it follows.
	interval_key text NOT NULL,
	step integer NOT NULL DEFAULT 0,
	-- The buyer's message that it answers, and when that was written.
	asked_message_id bigint NOT NULL,
	asked_at timestamptz NOT NULL,
	due_at timestamptz NOT NULL,
	-- 'replaced': the greeting stands for it.  'unsure': nobody knows
	-- whether the buyer has it, so it counts as sent.
	state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending',
		'queued', 'sent', 'replaced', 'unsure', 'dropped', 'expired',
		'failed')),
	-- A word for programs: core/automate.h.
	reason text NOT NULL DEFAULT '',
	message_id bigint,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	UNIQUE (client_id, id),
	FOREIGN KEY (client_id, dialog_id) REFERENCES dialogs (client_id, id)
		ON DELETE CASCADE,
	FOREIGN KEY (client_id, asked_message_id)
		REFERENCES messages (client_id, id) ON DELETE CASCADE,
	FOREIGN KEY (client_id, message_id)
		REFERENCES messages (client_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX auto_replies_once
	ON auto_replies (dialog_id, kind, rule_id, interval_key, step)
	WHERE state IN ('pending', 'queued', 'sent', 'replaced', 'unsure');
CREATE INDEX auto_replies_dialog ON auto_replies (dialog_id, id);
CREATE INDEX auto_replies_message ON auto_replies (message_id)
	WHERE message_id IS NOT NULL;

-- The instant at which the clocks of a zone show a local time: the first one,
-- or the last, where they show it twice; where they skip it, the instant at
-- which they do.
CREATE FUNCTION zone_instant(shown timestamp, zone text, is_last boolean)
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	utc timestamptz := shown AT TIME ZONE 'UTC';
	near timestamptz := shown AT TIME ZONE zone;
	-- By the offset of the day before, and of the day after.
	one timestamptz := utc - ((near - interval '24 hours') AT TIME ZONE zone
		- (near - interval '24 hours') AT TIME ZONE 'UTC');
	other timestamptz := utc - ((near + interval '24 hours') AT TIME ZONE zone
		- (near + interval '24 hours') AT TIME ZONE 'UTC');
	is_one boolean := one AT TIME ZONE zone = shown;
	is_other boolean := other AT TIME ZONE zone = shown;
	low timestamptz := least(one, other);
	high timestamptz := greatest(one, other);
	middle timestamptz;
BEGIN
	IF is_one AND is_other THEN
		RETURN CASE WHEN is_last THEN high ELSE low END;
	ELSIF is_one OR is_other THEN
		RETURN CASE WHEN is_one THEN one ELSE other END;
	ELSIF near AT TIME ZONE zone = shown THEN
		RETURN near;
	END IF;
	WHILE high - low > interval '1 second' LOOP
		middle := date_trunc('second', low + (high - low) / 2);
		IF middle AT TIME ZONE zone < shown THEN
			low := middle;
		ELSE
			high := middle;
		END IF;
	END LOOP;
	RETURN high;
END
$$;

-- The windows that begin on a day, in minutes from its midnight, by the rules
-- of core/auto_reply.h; special: the entry of `dates` that decided.
CREATE FUNCTION auto_reply_day(settings jsonb, day date)
RETURNS TABLE (from_minute integer, to_minute integer, special jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	WITH s AS (SELECT (SELECT d FROM jsonb_array_elements(
			coalesce(settings->'dates', '[]')) d
		WHERE d->>'date' = day::text LIMIT 1) AS special),
	w AS (SELECT x.w->>'from' AS "from", x.w->>'to' AS "to", s.special,
			coalesce((s.special->>'early_minutes')::integer, 0)
				AS early
		FROM s, LATERAL (
			SELECT w FROM jsonb_array_elements(
				s.special->'windows') w
			UNION ALL
			SELECT w FROM jsonb_array_elements(
				coalesce(settings->'windows', '[]')) w
			WHERE s.special->'windows' IS NULL
			  AND NOT coalesce((s.special->>'off')::boolean, false)
			  AND w->'days' @> coalesce(s.special->'like',
				to_jsonb(extract(isodow FROM day)::integer))) x),
	m AS (SELECT w.*,
			split_part("from", ':', 1)::integer * 60
				+ split_part("from", ':', 2)::integer AS f,
			split_part("to", ':', 1)::integer * 60
				+ split_part("to", ':', 2)::integer AS t
		FROM w)
	SELECT CASE WHEN f >= 720 THEN f - early ELSE f END,
		CASE WHEN t > f THEN t ELSE t + 1440 END, special
	FROM m
$$;

-- Each opening of a window that begins on one of these days; one that clocks
-- skip is none.
CREATE FUNCTION auto_reply_openings(settings jsonb, first_day date,
	last_day date)
RETURNS TABLE (begins_at timestamptz, ends_at timestamptz, day date,
	special jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	WITH o AS (SELECT
			zone_instant(d.day + make_interval(
				mins => x.from_minute),
				settings->>'timezone', false) AS begins_at,
			zone_instant(d.day + make_interval(
				mins => x.to_minute),
				settings->>'timezone', true) AS ends_at,
			d.day, x.special
		FROM (SELECT first_day + n AS day
			FROM generate_series(0, last_day - first_day) n) d,
		LATERAL auto_reply_day(settings, d.day) x)
	SELECT begins_at, ends_at, day, special FROM o
	WHERE begins_at < ends_at
$$;

-- The one that holds an instant: of several the one that began first, of those
-- the longest.  A window belongs to the day on which it begins, whatever the
-- day after says.
CREATE FUNCTION auto_reply_occurrence(settings jsonb, at timestamptz)
RETURNS TABLE (begins_at timestamptz, ends_at timestamptz, day date,
	special jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
AS $$
	SELECT o.begins_at, o.ends_at, o.day, o.special
	FROM (SELECT (at AT TIME ZONE (settings->>'timezone'))::date AS day) t,
	LATERAL auto_reply_openings(settings, t.day - 1, t.day) o
	WHERE o.begins_at <= at AND at < o.ends_at
	ORDER BY o.begins_at, o.ends_at DESC LIMIT 1
$$;

-- Has a person answered the buyer's message?  By the source's clock since its
-- second, and by ours in the web.  What was stored before it may have been
-- written after it.
CREATE FUNCTION auto_reply_answered(client bigint, dialog bigint,
	asked_id bigint, asked_at timestamptz)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
	SELECT EXISTS (SELECT 1 FROM messages n
		WHERE n.client_id = client AND n.dialog_id = dialog
		  AND n.id > asked_id AND n.author IN ('operator', 'seller')
		  AND NOT n.is_note AND NOT n.is_parked
		  AND (n.origin = 'web'
			OR n.written_at >= date_trunc('second', asked_at)))
	OR EXISTS (SELECT 1 FROM (SELECT author, is_note, is_parked, written_at
			FROM messages WHERE client_id = client
			  AND dialog_id = dialog AND id < asked_id
			ORDER BY id DESC LIMIT 50) n
		WHERE n.author IN ('operator', 'seller') AND NOT n.is_note
		  AND NOT n.is_parked
		  AND n.written_at >= date_trunc('second', asked_at))
$$;

ALTER TABLE projects ADD COLUMN rules jsonb NOT NULL DEFAULT '[]';

-- Filters had an id and no meaning until now: each becomes one that is off.
-- The owner of a table sees its rows only while that is not forced on it.
CREATE FUNCTION filters_off(filters jsonb) RETURNS jsonb LANGUAGE sql
RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.value->'id',
		'name', '', 'enabled', false, 'action', 'pass',
		'items', '[]'::jsonb, 'buyers', '[]'::jsonb,
		'words', '[]'::jsonb, 'match', 'any', 'kinds', '[]'::jsonb,
		'directions', '[]'::jsonb) ORDER BY f.ordinality), '[]')
	FROM jsonb_array_elements(filters) WITH ORDINALITY f);
ALTER TABLE projects NO FORCE ROW LEVEL SECURITY;
UPDATE projects SET filters = filters_off(filters) WHERE filters <> '[]';
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
ALTER TABLE clients NO FORCE ROW LEVEL SECURITY;
UPDATE clients SET defaults = jsonb_set(defaults, '{filters}',
		filters_off(defaults->'filters'))
	WHERE defaults ? 'filters';
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
DROP FUNCTION filters_off(jsonb);

-- How often each filter of a project has applied: a row for each time, which
-- housekeeping adds up.  One row for all would make those who store messages
-- wait for each other, and for ever if they store several.
CREATE TABLE filter_hits (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	project_id bigint NOT NULL,
	filter_id text NOT NULL,
	hits bigint NOT NULL DEFAULT 1,
	last_at timestamptz NOT NULL,
	FOREIGN KEY (client_id, project_id) REFERENCES projects (client_id, id)
		ON DELETE CASCADE
);
CREATE INDEX filter_hits_filter ON filter_hits (project_id, filter_id);

-- Words in whatever form: stems, with no words left out as too common, so that
-- a condition of nothing but those means what it says.
CREATE TEXT SEARCH DICTIONARY russian_forms (
	TEMPLATE = snowball, Language = russian);
CREATE TEXT SEARCH DICTIONARY english_forms (
	TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION words (COPY = pg_catalog.russian);
ALTER TEXT SEARCH CONFIGURATION words
	ALTER MAPPING REPLACE russian_stem WITH russian_forms;
ALTER TEXT SEARCH CONFIGURATION words
	ALTER MAPPING REPLACE english_stem WITH english_forms;

-- Letters and digits in small, with one space in place of all else, so that
-- nothing is read as a web address or as a number below zero.
CREATE FUNCTION plain_words(said text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(regexp_replace(translate(lower(normalize(said, NFKC)), 'ё', 'е'),
	'[^[:alnum:]]+', ' ', 'g'));

-- As many as fit into a tsvector, whatever they are: a text without end must not
-- keep the message from being stored.
CREATE FUNCTION words_of(said text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('public.words', left(plain_words(said), 100000));

-- `words` is an array of words and of phrases, whose words stand side by side.
CREATE FUNCTION words_found(said tsvector, words jsonb, match text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	word text;
	found boolean;
BEGIN
	FOR word IN SELECT jsonb_array_elements_text(words) LOOP
		found := said @@ phraseto_tsquery('public.words',
			plain_words(word));
		IF found <> (match = 'all') THEN
			RETURN found;
		END IF;
	END LOOP;
	RETURN match = 'all';
END
$$;

-- The first of a project's filters (core/filter.h) that applies to a message:
-- {id, action}, or null.  direction: "buyer", "seller", "system".
CREATE FUNCTION filter_verdict(filters jsonb, item bigint, buyer text,
	buyer_name text, kind text, direction text, said text)
RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	f jsonb;
	said_words tsvector;
BEGIN
	FOR f IN SELECT value FROM jsonb_array_elements(filters) LOOP
		CONTINUE WHEN NOT (f->'enabled')::boolean
			OR f->'directions' <> '[]'
				AND NOT f->'directions' ? direction
			OR f->'kinds' <> '[]' AND NOT f->'kinds' ? kind
			OR f->'items' <> '[]' AND (item IS NULL
				OR NOT f->'items' @> to_jsonb(item));
		CONTINUE WHEN f->'buyers' <> '[]' AND NOT EXISTS (
			SELECT FROM jsonb_array_elements_text(f->'buyers') b
			 WHERE b = buyer
			    OR plain_words(b)
				= nullif(plain_words(buyer_name), ''));
		IF f->'words' <> '[]' THEN
			said_words := coalesce(said_words, words_of(said));
			CONTINUE WHEN NOT words_found(said_words, f->'words',
				f->>'match');
		END IF;
		RETURN ARRAY[f->>'id', f->>'action'];
	END LOOP;
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION plain_words(text), words_of(text),
	words_found(tsvector, jsonb, text),
	filter_verdict(jsonb, bigint, text, text, text, text, text)
	FROM PUBLIC;
GRANT EXECUTE ON FUNCTION plain_words(text), words_of(text),
	words_found(tsvector, jsonb, text),
	filter_verdict(jsonb, bigint, text, text, text, text, text)
	TO tuberry_web, tuberry_daemon;

-- Written in the group outside any dialog's topic, until somebody says whose
-- it is.  body: the update as it came.  way: what was done about it; 'album':
-- the same as about the item before it.
CREATE TABLE unrouted (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	bot_id bigint NOT NULL,
	chat_id bigint NOT NULL,
	message_id bigint NOT NULL,
	body jsonb NOT NULL,
	way text NOT NULL CHECK (way IN
		('quote', 'ask', 'latest', 'off', 'album')),
	dialog_id bigint,
	-- The bot's own message about it.
	answer_id bigint,
	decided_by text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL,
	settled_at timestamptz,
	UNIQUE (client_id, id),
	CONSTRAINT unrouted_message UNIQUE (client_id, chat_id, message_id),
	FOREIGN KEY (client_id, bot_id) REFERENCES bots (client_id, id)
		ON DELETE CASCADE,
	FOREIGN KEY (client_id, dialog_id) REFERENCES dialogs (client_id, id)
		ON DELETE CASCADE
);
CREATE INDEX unrouted_age ON unrouted (created_at);
-- Who answers the bot's word about a message means that message's dialog.
CREATE INDEX complaints_message ON complaints (client_id, chat_id, message_id)
	WHERE message_id IS NOT NULL;

-- What makes a bot's status 'error': its token, with which nothing works, or
-- else its group, without which its private chats go on.
ALTER TABLE bots
	ADD COLUMN token_refused boolean NOT NULL DEFAULT false;

-- Icons for topics that Telegram lets bots use: {"emoji": "custom emoji id"};
-- the commands that were last told to Telegram.
ALTER TABLE bots
	ADD COLUMN topic_icons jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN commands_version integer NOT NULL DEFAULT 0;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['telegram_sources', 'business_connections',
		'message_versions', 'message_reactions', 'uploads',
		'auto_replies', 'filter_hits', 'unrouted']
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
		EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I'
			' TO tuberry_web, tuberry_daemon', t);
	END LOOP;
END
$$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tuberry_web, tuberry_daemon;

-- A webhook of a source, before its client is known.
GRANT SELECT ON telegram_sources TO tuberry_lookup;
CREATE POLICY lookup ON telegram_sources FOR SELECT TO tuberry_lookup
	USING (true);
CREATE FUNCTION find_source_hook(source bigint, secret_hash text)
RETURNS TABLE (client_id bigint, bot_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
SET search_path = public, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT b.client_id, b.id
		FROM telegram_sources s JOIN bots b ON b.id = s.bot_id
		WHERE s.id = source
		  AND secret_hash IN (b.webhook_secret_hash, b.webhook_old_hash);
END
$$;
REVOKE ALL ON FUNCTION find_source_hook(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_source_hook(bigint, text) TO tuberry_web;
ALTER FUNCTION find_source_hook(bigint, text) OWNER TO tuberry_lookup;
