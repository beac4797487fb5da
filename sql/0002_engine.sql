-- The delivery engine: waiting for room, joined texts, counters.

-- Told to wait (429): nothing goes to the bot's group, or to the account's
-- chats, before that.
ALTER TABLE bots ADD COLUMN paused_until timestamptz;
ALTER TABLE avito_accounts ADD COLUMN paused_until timestamptz;

-- held_by "room:bot:5", "room:avito:7": the lane waits until there is room at
-- that place; whoever came first (queued_at) goes first.
-- The keys are compared byte by byte, so that all of a kind lie together.
ALTER TABLE lanes
	ALTER COLUMN held_by TYPE text COLLATE "C",
	ADD COLUMN queued_at timestamptz,
	-- Whose lease the present one came right after; null: nobody's.
	ADD COLUMN former_token uuid;
DROP INDEX lanes_held;
CREATE INDEX lanes_held ON lanes (held_by, queued_at)
	WHERE held_by IS NOT NULL;

-- Joined texts: they travel inside the message of their leader, a delivery of
-- the same lane.  Set before it is sent and kept while its outcome is not
-- known.  is_alone: a joined text was refused, so these go one by one.
ALTER TABLE deliveries
	ADD COLUMN leader_id bigint,
	ADD COLUMN is_alone boolean NOT NULL DEFAULT false;
CREATE INDEX deliveries_leader ON deliveries (leader_id)
	WHERE leader_id IS NOT NULL;

-- Whether a daemon's process lives can be told on its own machine: machine is
-- the boot and the namespace of process numbers, pid_started tells a process
-- from a later one with the same number.
ALTER TABLE daemons
	ADD COLUMN machine text NOT NULL DEFAULT '',
	ADD COLUMN pid_started bigint NOT NULL DEFAULT 0;

-- What /metrics shows and must survive the process that counted it.
CREATE TABLE counters (
	name text PRIMARY KEY,
	value bigint NOT NULL DEFAULT 0
);
GRANT SELECT, INSERT, UPDATE ON counters TO tuberry_daemon;

-- The bot's word in the topic that an operator's message did not arrive: said
-- once, then edited as its delivery goes on.  Bot, chat and message are null
-- until Telegram has taken it; decided_by is who pressed a button below it.
CREATE TABLE complaints (
	delivery_id bigint PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE,
	client_id bigint NOT NULL REFERENCES clients ON DELETE CASCADE,
	bot_id bigint,
	chat_id bigint,
	message_id bigint,
	decided_by text NOT NULL DEFAULT '',
	FOREIGN KEY (client_id, bot_id) REFERENCES bots (client_id, id)
		ON DELETE CASCADE
);
ALTER TABLE complaints ENABLE ROW LEVEL SECURITY;
ALTER TABLE complaints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON complaints TO tuberry_web
	USING (client_id = nullif(current_setting('app.client_id', true), '')::bigint);
CREATE POLICY administrator ON complaints TO tuberry_web
	USING (current_setting('app.role', true) = 'admin');
CREATE POLICY daemon ON complaints TO tuberry_daemon USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON complaints
	TO tuberry_web, tuberry_daemon;

-- A topic that may have been made is known again by its name.  No column of
-- an attempt's outcome is in here: finishing one stays a cheap update.
CREATE INDEX attempts_topic ON attempts (client_id, content)
	WHERE action = 'telegram.create_topic';

-- A daemon claims tasks by kind: each kind has its own room.
DROP INDEX tasks_due;
CREATE INDEX tasks_due ON tasks (kind, due_at) WHERE due_at IS NOT NULL;
