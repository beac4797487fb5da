/*
 * notice.c - tuberryctl notice: what a person must know.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "store/notice.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     10000

static bool is_state(const char *word)
{
	static const char *const states[] = { "open", "acknowledged",
					      "closed" };

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(word, states[i]) == 0)
			return true;
	return false;
}

static void print_line(const struct notice *n)
{
	char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];

	clock_write(n->first_at, first);
	clock_write(n->last_at, last);
	printf("%lld %s %s %s", (long long)n->id, notice_state(n), n->kind,
	       n->object);
	if (n->client_id)
		printf(" client=%lld", (long long)n->client_id);
	printf(" count=%lld %s %s: %s\n", (long long)n->count, first, last,
	       n->text);
}

int run_notice_list(struct ctl *c)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ "limit", required_argument, NULL, 'l' },
		{ 0 },
	};
	struct notice_filter f = { 0 };
	long long limit = LIMIT_DEFAULT;
	struct notice *list;
	struct err err = { 0 };
	size_t n;
	int o;

	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		if (o == 's')
			f.state = optarg;
		else if (o != 'l' ||
			 !text_read_i64(optarg, 1, LIMIT_MAX, &limit))
			return ctl_usage(c, "--limit is 1 to %d", LIMIT_MAX);
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	if (f.state && !is_state(f.state))
		return ctl_usage(c, "--state is open, acknowledged or closed");
	f.limit = (int)limit;
	if (!notices_list(ctl_db(c), c->a, &f, &list, &n, &err))
		return ctl_failed(c, &err);
	for (size_t i = 0; i < n; i++)
		print_line(&list[i]);
	if (n == (size_t)limit)
		fprintf(stderr, "there may be more: --limit\n");
	return CTL_OK;
}

/* Somebody may have been faster: then there is nothing to tell. */
static bool audit(struct ctl *c, const struct notice *n, int64_t now,
		  struct err *err)
{
	if (n->acknowledged_at != now)
		return true;
	return ctl_audit(c,
			 (struct audit_entry){
				 .action = "notice.acknowledge",
				 .object = ctl_object(c, "notice", n->id),
				 .client_id = n->client_id,
			 },
			 err);
}

int run_notice_ack(struct ctl *c)
{
	int64_t id, now = clock_now_us();
	struct err err = { 0 };
	struct notice n;
	bool ok;

	if (c->argc != 2)
		return ctl_usage(c, "one ID at a time");
	id = ctl_id(c, "ID", c->argv[1]);
	if (!id)
		return CTL_USAGE;
	ok = db_begin(ctl_db(c), &err) &&
	     notice_acknowledge(ctl_db(c), c->a, 0, id, 0, now, &n, &err) &&
	     audit(c, &n, now, &err);
	if (!ctl_finish(c, ok, &err))
		return ctl_failed(c, &err);
	printf("notice %lld is acknowledged\n", (long long)id);
	return CTL_OK;
}
