/*
 * presence.c - which daemons live.
 */
#include "config.h"

#include "store/presence.h"

static const struct stmt tell = {
	"presence_tell",
	"INSERT INTO daemons (id, host, pid, started_at, seen_at, machine,"
	"  pid_started)"
	" VALUES ($1::uuid, $2, $3, $4, $5, $6, $7)"
	" ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
};

static const struct stmt forget = {
	"presence_forget",
	"DELETE FROM daemons WHERE seen_at < $1",
};

bool presence_tell(struct db *db, struct arena *a, const struct presence *p,
		   int64_t now, int64_t gone_before, struct err *err)
{
	return db_exec(db, &tell,
		       DB_ARGS(p->id, p->host, arg_i64(a, p->pid),
			       arg_time(a, p->started_at), arg_time(a, now),
			       p->machine, arg_i64(a, p->pid_started)),
		       err) &&
	       db_exec(db, &forget, DB_ARGS(arg_time(a, gone_before)), err);
}

static const struct stmt neighbours = {
	"presence_neighbours",
	"SELECT replace(id::text, '-', ''), pid, pid_started FROM daemons"
	" WHERE machine = $2 AND machine <> '' AND id <> $1::uuid",
};

bool presence_neighbours(struct db *db, struct arena *a,
			 const struct presence *p, struct presence **list,
			 size_t *n, struct err *err)
{
	struct rows r;

	*n = 0;
	if (!db_all(db, a, &neighbours, DB_ARGS(p->id, p->machine), &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct presence){
			.id = rows_str(&r, i, 0),
			.machine = p->machine,
			.pid = (int)rows_i64(&r, i, 1),
			.pid_started = rows_i64(&r, i, 2),
		};
	return true;
}

static const struct stmt end = {
	"presence_end",
	"DELETE FROM daemons WHERE id = $1::uuid",
};

bool presence_end(struct db *db, const char *id, struct err *err)
{
	return db_exec(db, &end, DB_ARGS(id), err);
}

static const struct stmt count = {
	"presence_count",
	"SELECT count(*) FROM daemons WHERE seen_at >= $1",
};

bool presence_count(struct db *db, struct arena *a, int64_t since, int *n,
		    struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &count, DB_ARGS(arg_time(a, since)), &r, err))
		return false;
	*n = (int)rows_i64(&r, 0, 0);
	return true;
}
