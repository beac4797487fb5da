/*
 * doctor_data.c - what the database tells the doctor: schema, bots, accounts,
 * queue.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "ctl/doctor.h"
#include "store/inspect.h"
#include "store/migrate.h"
#include "store/task.h"

/* Due work is taken within 5 s, whatever has happened to the doorbell. */
#define OVERDUE_US (30 * CLOCK_SECOND_US)

/* Backing off takes up to 5 min between two attempts. */
#define OLD_US (900 * CLOCK_SECOND_US)

/* Polls may be a minute late, or a few intervals. */
#define POLL_LATE_US        (60 * CLOCK_SECOND_US)
#define POLL_LATE_INTERVALS 5

static const char *text_or_unknown(const char *s)
{
	return *s ? s : "the reason is not known";
}

static bool check_schema(struct ctl *c, struct findings *f, struct err *err)
{
	const char *unguarded;
	int version;

	if (!migrate_version(ctl_db(c), c->a, &version, err))
		return false;
	if (version < MIGRATE_VERSION) {
		find(f, FIND_FAIL, "migrations", "run tuberryctl migrate",
		     "the schema is at %d, this program needs %d", version,
		     MIGRATE_VERSION);
		return version > 0;
	}
	if (version > MIGRATE_VERSION)
		find(f, FIND_WARN, "migrations", "install the newer version",
		     "the schema is at %d, newer than this program (%d)",
		     version, MIGRATE_VERSION);
	else
		find(f, FIND_OK, "migrations", NULL, "up to date (%d)",
		     version);
	if (!inspect_unguarded(ctl_db(c), c->a, &unguarded, err))
		return false;
	if (*unguarded)
		find(f, FIND_FAIL, "row_level_security",
		     "ALTER TABLE ... ENABLE, then FORCE ROW LEVEL SECURITY",
		     "does not guard %s", unguarded);
	else
		find(f, FIND_OK, "row_level_security", NULL,
		     "guards every client's rows");
	return true;
}

static void judge_link(struct ctl *c, struct findings *f,
		       const struct link_facts *l, int64_t now)
{
	const char *name =
		arena_printf(c->a, "%s.%lld", l->kind, (long long)l->id);
	int64_t late = POLL_LATE_INTERVALS * c->s->poll_interval_ms * 1000;

	if (late < POLL_LATE_US)
		late = POLL_LATE_US;
	if (strcmp(l->status, "error") == 0)
		find(f, FIND_FAIL, name,
		     "enter its token or credentials again in the cabinet",
		     "%s: %s", l->name, text_or_unknown(l->last_error));
	else if (strcmp(l->status, "checking") == 0)
		find(f, FIND_WARN, name,
		     "look again in a minute; then see whether tuberryd runs",
		     "%s is not checked yet", l->name);
	else if (l->wants_webhook && !l->has_webhook)
		find(f, FIND_WARN, name,
		     "see tuberryd's log, then set the webhook again",
		     "%s: its webhook is not set", l->name);
	else if (l->wants_polls && now - l->polled_at > late)
		find(f, FIND_WARN, name,
		     "see whether tuberryd runs, and its log",
		     "%s was not polled for too long", l->name);
	else if (*l->warning)
		find(f, FIND_WARN, name, "mend it in Telegram", "%s: %s",
		     l->name, l->warning);
	else
		find(f, FIND_OK, name, NULL, "%s is active", l->name);
}

static bool check_links(struct ctl *c, struct findings *f, struct err *err)
{
	struct link_facts *list;
	size_t n;

	if (!inspect_links(ctl_db(c), c->a, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		judge_link(c, f, &list[i], clock_now_us());
	return true;
}

static void judge_queue(struct findings *f, const struct queue_facts *q,
			int64_t now)
{
	if (q->oldest_at && now - q->oldest_at > OLD_US)
		find(f, FIND_WARN, "queue.age",
		     "tuberryctl delivery list shows what it waits for",
		     "%lld wait, the oldest for %lld min",
		     (long long)q->waiting,
		     (long long)((now - q->oldest_at) / CLOCK_SECOND_US / 60));
	else
		find(f, FIND_OK, "queue.age", NULL, "%lld wait",
		     (long long)q->waiting);
	if (q->unsure)
		find(f, FIND_WARN, "queue.unsure",
		     "tuberryctl delivery list --state unsure; they settle "
		     "by themselves or are asked about in Telegram",
		     "%lld may or may not have arrived", (long long)q->unsure);
	if (q->dead)
		find(f, FIND_WARN, "queue.dead",
		     "tuberryctl delivery list --state dead, then retry or "
		     "discard each",
		     "%lld failed for good", (long long)q->dead);
	if (q->failed_tasks)
		find(f, FIND_WARN, "tasks",
		     "mend the reason; checking the object again starts it",
		     "%lld failed for good, such as %s",
		     (long long)q->failed_tasks, q->task_error);
}

static bool check_queue(struct ctl *c, struct findings *f, struct err *err)
{
	int64_t now = clock_now_us(), due;
	struct hold_facts *holds;
	struct queue_facts q;
	size_t n;

	if (!inspect_queue(ctl_db(c), c->a, &q, err) ||
	    !inspect_holds(ctl_db(c), c->a, &holds, &n, err) ||
	    !work_next_due(ctl_db(c), c->a, &due, err))
		return false;
	if (due && now - due > OVERDUE_US)
		find(f, FIND_FAIL, "daemon", "start tuberryd, or see its log",
		     "nobody has taken due work for %lld s",
		     (long long)((now - due) / CLOCK_SECOND_US));
	else
		find(f, FIND_OK, "daemon", NULL, "no work is overdue");
	judge_queue(f, &q, now);
	for (size_t i = 0; i < n; i++)
		find(f, FIND_WARN, "queue.held",
		     "mend that bot, account or connection; they go on by "
		     "themselves",
		     "%lld dialogs wait for %s", (long long)holds[i].lanes,
		     holds[i].held_by);
	return true;
}

void doctor_data(struct ctl *c, struct findings *f)
{
	struct err err = { 0 };

	if (!*c->s->database_url_daemon)
		return; /* the settings' check says so */
	if (check_schema(c, f, &err) && check_links(c, f, &err))
		check_queue(c, f, &err);
	if (err.kind != ERR_NONE)
		find(f, FIND_FAIL, "database.content",
		     "see the checks of the database above", "%s", err.text);
}
