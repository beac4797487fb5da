/*
 * gauges.c - how much waits in the database, at one moment.
 */
#include "config.h"

#include "store/gauges.h"

static const struct stmt read_all = {
	"gauges_read",
	"SELECT d.queued, d.sending, d.unsure, d.dead, d.oldest_at,"
	"  l.bot, l.avito, l.project, l.room, t.due, t.failed,"
	"  (SELECT count(*) FROM daemons WHERE seen_at >= $2)"
	" FROM (SELECT count(*) FILTER (WHERE state = 'queued') AS queued,"
	"        count(*) FILTER (WHERE state = 'sending') AS sending,"
	"        count(*) FILTER (WHERE state = 'unsure') AS unsure,"
	"        count(*) FILTER (WHERE state = 'dead') AS dead,"
	"        min(created_at) FILTER (WHERE state <> 'dead') AS oldest_at"
	"       FROM deliveries"
	"       WHERE state IN ('queued', 'sending', 'unsure', 'dead')) d,"
	"  (SELECT count(*) FILTER (WHERE held_by LIKE 'bot:%') AS bot,"
	"    count(*) FILTER (WHERE held_by LIKE 'avito:%') AS avito,"
	"    count(*) FILTER (WHERE held_by LIKE 'project:%') AS project,"
	"    count(*) FILTER (WHERE held_by LIKE 'room:%') AS room"
	"   FROM lanes WHERE held_by IS NOT NULL) l,"
	"  (SELECT count(*) FILTER (WHERE due_at <= $1) AS due,"
	"    count(*) FILTER (WHERE due_at IS NULL) AS failed"
	"   FROM tasks) t",
};

bool gauges_read(struct db *db, struct arena *a, int64_t now,
		 int64_t alive_since, struct gauges *g, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &read_all,
		    DB_ARGS(arg_time(a, now), arg_time(a, alive_since)), &r,
		    err))
		return false;
	*g = (struct gauges){
		.queued = rows_i64(&r, 0, 0),
		.sending = rows_i64(&r, 0, 1),
		.unsure = rows_i64(&r, 0, 2),
		.dead = rows_i64(&r, 0, 3),
		.oldest_at = rows_time(&r, 0, 4),
		.held_by_bot = rows_i64(&r, 0, 5),
		.held_by_avito = rows_i64(&r, 0, 6),
		.held_by_project = rows_i64(&r, 0, 7),
		.held_by_room = rows_i64(&r, 0, 8),
		.tasks_due = rows_i64(&r, 0, 9),
		.tasks_failed = rows_i64(&r, 0, 10),
		.daemons = rows_i64(&r, 0, 11),
	};
	return true;
}
