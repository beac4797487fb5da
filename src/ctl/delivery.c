/*
 * delivery.c - tuberryctl delivery: messages on their way.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/decision.h"
#include "ctl/ctl.h"
#include "store/delivery_list.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     10000

static bool is_state(const char *word)
{
	static const char *const states[] = { "queued", "sending", "unsure",
					      "dead" };

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(word, states[i]) == 0)
			return true;
	return false;
}

static void print_line(const struct delivery_line *d)
{
	char created[CLOCK_TEXT_MAX];

	clock_write(d->created_at, created);
	printf("%lld %s %s client=%lld dialog=%lld attempts=%d %s",
	       (long long)d->id, d->state, d->direction,
	       (long long)d->client_id, (long long)d->dialog_id, d->attempts,
	       created);
	if (strncmp(d->held_by, "room:", 5) == 0)
		printf(" waits its turn at %s", d->held_by + 5);
	else if (*d->held_by)
		printf(" held by %s", d->held_by);
	printf(" \"%s — %s\"", d->buyer_name, d->item_title);
	if (*d->last_error)
		printf(": %s", d->last_error);
	putchar('\n');
}

int run_delivery_list(struct ctl *c)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ "limit", required_argument, NULL, 'l' },
		{ 0 },
	};
	struct delivery_line *list;
	long long limit = LIMIT_DEFAULT;
	const char *state = NULL;
	struct err err = { 0 };
	size_t n;
	int o;

	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		if (o == 's')
			state = optarg;
		else if (o != 'l' ||
			 !text_read_i64(optarg, 1, LIMIT_MAX, &limit))
			return ctl_usage(c, "--limit is 1 to %d", LIMIT_MAX);
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	if (state && !is_state(state))
		return ctl_usage(c, "--state is queued, sending, unsure or "
				    "dead");
	if (!delivery_lines(ctl_db(c), c->a, state, (int)limit, &list, &n,
			    &err))
		return ctl_failed(c, &err);
	for (size_t i = 0; i < n; i++)
		print_line(&list[i]);
	if (n == (size_t)limit)
		fprintf(stderr, "there may be more: --limit\n");
	return CTL_OK;
}

static struct json_object *state_json(struct ctl *c,
				      const struct delivery_line *d)
{
	struct json_object *o = json_new(c->a);

	json_put_str(o, "state", d->state);
	return o;
}

static bool find(struct ctl *c, int64_t id, struct delivery_line *d,
		 struct err *err)
{
	return delivery_find(ctl_db(c), c->a, 0, 0, id, d, err);
}

static bool audit(struct ctl *c, const char *action,
		  const struct delivery_line *before,
		  const struct delivery_line *after, struct err *err)
{
	return ctl_audit(c,
			 (struct audit_entry){
				 .action = action,
				 .object = ctl_object(c, "delivery", after->id),
				 .client_id = after->client_id,
				 .before = state_json(c, before),
				 .after = state_json(c, after),
			 },
			 err);
}

static int change(struct ctl *c, const char *action,
		  bool (*decide)(struct db *db, struct arena *a,
				 const struct decision *d, struct err *err),
		  const char *done)
{
	struct decision d = { .who = "tuberryctl", .now = clock_now_us() };
	struct delivery_line before, after;
	struct err err = { 0 };
	bool ok;

	if (c->argc != 2)
		return ctl_usage(c, "one ID at a time");
	d.delivery_id = ctl_id(c, "ID", c->argv[1]);
	if (!d.delivery_id)
		return CTL_USAGE;
	ok = db_begin(ctl_db(c), &err) &&
	     find(c, d.delivery_id, &before, &err) &&
	     decide(ctl_db(c), c->a, &d, &err) &&
	     find(c, d.delivery_id, &after, &err) &&
	     audit(c, action, &before, &after, &err);
	if (!ctl_finish(c, ok, &err)) {
		if (err.kind == ERR_MISSING)
			err_set(&err, ERR_MISSING,
				"there is no delivery %lld; tuberryctl "
				"delivery list shows them",
				(long long)d.delivery_id);
		return ctl_failed(c, &err);
	}
	ctl_ring(c);
	printf("delivery %lld %s\n", (long long)d.delivery_id, done);
	return CTL_OK;
}

int run_delivery_retry(struct ctl *c)
{
	return change(c, "delivery.retry", decision_retry,
		      "will be sent again");
}

int run_delivery_discard(struct ctl *c)
{
	return change(c, "delivery.discard", decision_discard, "is discarded");
}

int run_delivery_confirm(struct ctl *c)
{
	return change(c, "delivery.confirm", decision_confirm,
		      "has arrived, by your word");
}
