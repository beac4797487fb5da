/*
 * broken.c - a bot or an Avito account that only a person can mend.
 */
#include "config.h"

#include <inttypes.h>

#include "core/broken.h"
#include "store/lane.h"
#include "store/link.h"
#include "store/notice.h"
#include "store/task.h"

/* Of one object at most one of these is open: what stops it now.  CHAN_FINE
 * stands for everything else. */
struct cause {
	enum chan_trouble trouble;
	const char *kind;
};

static const struct cause of_bots[] = {
	{ CHAN_TOKEN_REFUSED, NOTICE_BOT_TOKEN },
	{ CHAN_KICKED, NOTICE_BOT_GROUP },
	{ CHAN_NO_RIGHTS, NOTICE_BOT_RIGHTS },
	{ CHAN_NOT_FORUM, NOTICE_BOT_FORUM },
	{ CHAN_FINE, NOTICE_BOT_REFUSED },
};

static const struct cause of_accounts[] = {
	{ CHAN_TOKEN_REFUSED, NOTICE_AVITO_KEYS },
	{ CHAN_NO_SUBSCRIPTION, NOTICE_AVITO_PLAN },
	{ CHAN_OTHER_ACCOUNT, NOTICE_AVITO_ACCOUNT },
	{ CHAN_FINE, NOTICE_AVITO_REFUSED },
};

static const struct cause *causes_of(const struct broken *b)
{
	return b->bot_id ? of_bots : of_accounts;
}

static const char *kind_of(const struct broken *b)
{
	const struct cause *c = causes_of(b);
	enum chan_trouble trouble = b->trouble;

	if (trouble == CHAN_FINE && b->kind == ERR_AUTH)
		trouble = CHAN_TOKEN_REFUSED;
	while (c->trouble != trouble && c->trouble != CHAN_FINE)
		c++;
	return c->kind;
}

const char *broken_object(struct arena *a, const struct broken *b)
{
	return b->bot_id ? arena_printf(a, "bot:%" PRId64, b->bot_id)
			 : arena_printf(a, "avito:%" PRId64, b->account_id);
}

/* Those of other causes than `kept`, which may be NULL. */
static bool close_notices(struct db *db, struct arena *a,
			  const struct broken *b, const char *kept, int64_t now,
			  struct err *err)
{
	const char *object = broken_object(a, b);
	const struct cause *c = causes_of(b);
	bool ok = true;

	for (bool last = false; ok && !last; c++) {
		last = c->trouble == CHAN_FINE;
		if (c->kind != kept)
			ok = notice_close(db, a, b->client_id, c->kind, object,
					  now, err);
	}
	return ok;
}

bool broken_notice(struct db *db, struct arena *a, const struct broken *b,
		   int64_t now, struct err *err)
{
	struct notice n = {
		.client_id = b->client_id,
		.kind = kind_of(b),
		.object = broken_object(a, b),
		.text = b->why,
	};

	return close_notices(db, a, b, n.kind, now, err) &&
	       notice_raise(db, a, &n, now, err);
}

static bool record(struct db *db, struct arena *a, const struct broken *b,
		   int64_t now, struct err *err)
{
	struct bot_finding bot = {
		.error = b->why,
		.token_refused =
			b->trouble == CHAN_TOKEN_REFUSED || b->kind == ERR_AUTH,
	};
	struct avito_finding avito = { .status = "error", .error = b->why };

	if (b->bot_id)
		return bot_record(db, a, b->bot_id, &bot, now, err);
	return avito_record(db, a, b->account_id, &avito, now, err);
}

bool broken_report(struct db *db, struct arena *a, const struct broken *b,
		   int64_t now, struct err *err)
{
	struct task check = {
		.client_id = b->client_id,
		.kind = b->bot_id ? "bot.check" : "avito.check",
		.subject_id = b->bot_id ? b->bot_id : b->account_id,
		.due_at = b->check_at,
		.request_id = b->request_id,
	};

	return record(db, a, b, now, err) &&
	       broken_notice(db, a, b, now, err) &&
	       task_add(db, a, &check, err);
}

bool broken_mended(struct db *db, struct arena *a, const struct broken *b,
		   int64_t now, struct err *err)
{
	return close_notices(db, a, b, NULL, now, err) &&
	       lanes_wake(db, a, broken_object(a, b), now, err) &&
	       (!b->bot_id || lanes_wake_sources(db, a, b->bot_id, now, err));
}
