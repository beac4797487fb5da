-- What a person must know: once per cause, counted while it lasts, closed by
-- itself when it is mended.  client_id is null for what concerns the
-- installation (disk full): administrators see it.
CREATE TABLE notices (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	client_id bigint REFERENCES clients ON DELETE CASCADE,
	-- The cause: "bot.kicked", "avito.credentials", ...
	kind text NOT NULL CHECK (kind <> ''),
	-- What it is about: "bot:5", "avito:7"; empty: the client itself.
	object text NOT NULL DEFAULT '',
	text text NOT NULL,
	first_at timestamptz NOT NULL,
	last_at timestamptz NOT NULL,
	count bigint NOT NULL DEFAULT 1,
	acknowledged_at timestamptz,
	acknowledged_by bigint REFERENCES users ON DELETE SET NULL,
	closed_at timestamptz
);
CREATE UNIQUE INDEX notices_open
	ON notices (coalesce(client_id, 0), kind, object)
	WHERE closed_at IS NULL;
CREATE INDEX notices_cause
	ON notices (coalesce(client_id, 0), kind, object, id DESC);
CREATE INDEX notices_newest ON notices (client_id, id DESC);

-- Counted again and again; most of the time there are none.
CREATE INDEX deliveries_dead ON deliveries (client_id, dialog_id)
	WHERE state = 'dead';

ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notices TO tuberry_web
	USING (client_id = nullif(current_setting('app.client_id', true), '')::bigint);
CREATE POLICY administrator ON notices TO tuberry_web
	USING (current_setting('app.role', true) = 'admin');
CREATE POLICY daemon ON notices TO tuberry_daemon USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON notices TO tuberry_web, tuberry_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tuberry_web, tuberry_daemon;
