/*
 * avito_silence.c - has an account fallen silent?
 *
 * Usual is what the last four weeks were like: silent is an account to which
 * buyers wrote at least twenty times in them, when nobody has written for
 * more than a day and for more than twice their longest pause.  Nights and
 * weekends are in that pause; an account with few messages has nothing usual.
 * After four weeks silence is the usual, and the notice goes.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "core/phase.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/notice.h"
#include "store/watch.h"

/* Beside those of the poller. */
#define RHYTHM 3

#define HOUR_US      (3600 * SECOND_US)
#define LOOK_BACK_US (28 * DAILY_US)
#define MESSAGES_MIN 20
#define PAUSE_MIN_US DAILY_US
#define TIMES_USUAL  2

/* Most accounts have been heard today, and the four weeks need no look. */
static bool is_silent(struct run *r, int64_t now, struct pulse *p, bool *silent,
		      struct err *err)
{
	const struct avito_link *l = r->avito;
	bool heard = !l->monitoring && !l->webhook;
	int64_t pause;

	*silent = false;
	if (!heard && !account_heard(r->dm->db, &r->a, l->client_id, l->id,
				     now - PAUSE_MIN_US, &heard, err))
		return false;
	if (heard)
		return true;
	if (!account_pulse(r->dm->db, &r->a, l->client_id, l->id,
			   now - LOOK_BACK_US, p, err))
		return false;
	pause = now - p->last_at;
	*silent = p->messages >= MESSAGES_MIN && pause > PAUSE_MIN_US &&
		  pause > TIMES_USUAL * p->longest_us;
	return true;
}

static bool tell(struct run *r, const struct pulse *p, bool silent, int64_t now,
		 struct err *err)
{
	struct notice n = {
		.client_id = r->avito->client_id,
		.kind = NOTICE_AVITO_SILENT,
		.object = arena_printf(&r->a, "avito:%" PRId64, r->avito->id),
		.count = 1,
	};

	if (!silent)
		return notice_close(r->dm->db, &r->a, n.client_id, n.kind,
				    n.object, now, err);
	n.text = arena_printf(
		&r->a,
		"Покупатели не пишут уже %lld ч; обычно перерыв не дольше "
		"%lld ч. Проверьте объявления и переписку на Avito: видны ли "
		"там сообщения, которых нет здесь.",
		(now - p->last_at) / HOUR_US, p->longest_us / HOUR_US + 1);
	return notice_raise(r->dm->db, &r->a, &n, now, err);
}

static void start(struct run *r)
{
	int64_t now = clock_now_us();
	struct err err = { 0 };
	struct pulse p = { 0 };
	bool silent;

	if (!run_avito(r))
		return;
	if (is_silent(r, now, &p, &silent, &err) &&
	    tell(r, &p, silent, now, &err))
		run_again(r, phase_next(r->avito->id, RHYTHM, SILENCE_US, now),
			  NULL);
	else
		run_error(r, &err);
}

const struct task_type task_avito_silence = {
	.kind = "avito.silence",
	.start = start,
	.of_avito = true,
	.routine = true,
};
