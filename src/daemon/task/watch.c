/*
 * watch.c - looks for what nobody reports: messages that did not arrive, and
 * storage without room.
 *
 * Dead deliveries end in many ways (a retry, a person's word, a deletion), so
 * they are counted instead of told of.  A disk is full for whoever writes
 * there, so room is looked for instead of waiting for a write that fails; only
 * PostgreSQL's own disk is none that we see, and is known by its refusals.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "core/media.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/notice.h"
#include "store/watch.h"

#define EVERY_US (10 * SECOND_US)

/* Without a further refusal for so long the database has room again. */
#define FULL_FOR_US (300 * SECOND_US)

/* Some of the largest files. */
#define MEDIA_ROOM_BYTES (64LL * 1024 * 1024)

static bool tell_dead(struct run *r, const struct dead_letters *d, int64_t now,
		      struct err *err)
{
	struct notice n = {
		.client_id = d->client_id,
		.kind = NOTICE_DEAD,
		.object = d->object,
		.text = arena_printf(
			&r->a,
			"Не доставлено сообщений: %" PRId64
			". Причины — у самих сообщений; повторите их или "
			"уберите из очереди.",
			d->n),
		.count = d->n,
	};

	if (d->n == 0)
		return notice_close(r->dm->db, &r->a, n.client_id, n.kind,
				    n.object, now, err);
	return notice_raise(r->dm->db, &r->a, &n, now, err);
}

static bool look_for_dead(struct run *r, int64_t now, struct err *err)
{
	struct dead_letters *list;
	size_t n = 0;
	bool ok = dead_letters_changed(r->dm->db, &r->a, &list, &n, err);

	for (size_t i = 0; ok && i < n; i++)
		ok = tell_dead(r, &list[i], now, err);
	return ok;
}

static bool tell_disk(struct run *r, bool full, const char *object,
		      const char *text, int64_t now, struct err *err)
{
	struct notice n = {
		.kind = NOTICE_DISK, .object = object, .text = text, .count = 1
	};

	if (!full)
		return notice_close(r->dm->db, &r->a, 0, n.kind, n.object, now,
				    err);
	return notice_raise(r->dm->db, &r->a, &n, now, err);
}

static bool look_for_room(struct run *r, int64_t now, struct err *err)
{
	const char *dir = r->dm->s->media_dir;

	return tell_disk(r, !media_has_room(dir, MEDIA_ROOM_BYTES), "media",
			 arena_printf(&r->a,
				      "На диске с файлами сообщений (%s) "
				      "кончается место: файлы ждут. Освободите "
				      "его или увеличьте диск.",
				      dir),
			 now, err) &&
	       tell_disk(r, db_full_at(r->dm->db) + FULL_FOR_US > now,
			 "database",
			 "На диске базы данных кончилось место: сообщения не "
			 "записываются. Освободите его или увеличьте диск.",
			 now, err);
}

static void start(struct run *r)
{
	int64_t now = clock_now_us();
	struct err err = { 0 };
	bool ok;

	ok = db_begin(r->dm->db, &err) && look_for_dead(r, now, &err) &&
	     look_for_room(r, now, &err);
	if (db_finish(r->dm->db, ok, &err))
		run_again(r, now + EVERY_US, NULL);
	else
		run_error(r, &err);
}

const struct task_type task_watch = {
	.kind = "watch",
	.start = start,
	.routine = true,
};
