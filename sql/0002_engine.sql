-- The delivery engine: waiting for room, joined texts, counters.

-- Told to wait (429): nothing goes to the bot's group, or to the account's
-- chats, before that.
ALTER TABLE bots ADD COLUMN paused_until timestamptz;
ALTER TABLE avito_accounts ADD COLUMN paused_until timestamptz;

-- held_by "room:bot:5", "room:avito:7": the lane waits until there is room at
-- that place; whoever came first (queued_at) goes first.
ALTER TABLE lanes ADD COLUMN queued_at timestamptz;
DROP INDEX lanes_held;
CREATE INDEX lanes_held ON lanes (held_by, queued_at)
	WHERE held_by IS NOT NULL;

-- Joined texts: they travel inside the message of their leader, a delivery of
-- the same lane.  Set before it is sent and kept while its outcome is not
-- known.  is_alone: a joined text was
-- refused, so these go one by one.
ALTER TABLE deliveries
	ADD COLUMN leader_id bigint,
	ADD COLUMN is_alone boolean NOT NULL DEFAULT false;
CREATE INDEX deliveries_leader ON deliveries (leader_id)
	WHERE leader_id IS NOT NULL;

-- What /metrics shows and must survive the process that counted it.
CREATE TABLE counters (
	name text PRIMARY KEY,
	value bigint NOT NULL DEFAULT 0
);
GRANT SELECT, INSERT, UPDATE ON counters TO tuberry_daemon;
