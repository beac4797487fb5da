/*
 * secrets.c - tuberryctl secrets: stored secrets and the key that seals them.
 */
#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/reseal.h"
#include "ctl/ctl.h"

/* A second pass finds nothing, unless a service still seals with the former
 * key; then no number of passes would do. */
#define PASSES_MAX 3

static void tell_closed(const struct sealed_place *p, const char *key,
			const char *why)
{
	fprintf(stderr, "%s %s: %s: %s\n", p->table, key, p->column, why);
}

static void nothing_to_tell(const struct sealed_place *p UNUSED,
			    const char *key UNUSED, const char *why UNUSED)
{
}

static void tell_place(const struct sealed_place *p,
		       const struct reseal_count *n, bool dry_run)
{
	printf("%s.%s: %" PRId64 " %s, %" PRId64 " under APP_SECRET already",
	       p->table, p->column, n->done,
	       dry_run ? "to be sealed anew" : "sealed anew", n->first);
	if (n->moved)
		printf(", %" PRId64 " changed meanwhile", n->moved);
	if (n->closed)
		printf(", %" PRId64 " cannot be opened", n->closed);
	putchar('\n');
}

/* *all: what was found in all places together. */
static bool pass(const struct reseal *r, bool is_first,
		 struct reseal_count *all, struct err *err)
{
	*all = (struct reseal_count){ 0 };
	for (size_t i = 0; i < n_sealed_places; i++) {
		struct reseal_count n = { 0 };
		bool ok = reseal_place(r, &sealed_places[i], &n, err);

		if (is_first || n.done || n.moved)
			tell_place(&sealed_places[i], &n, r->dry_run);
		all->done += n.done;
		all->moved += n.moved;
		all->closed += n.closed;
		if (!ok)
			return false;
	}
	return true;
}

static int conclude(const struct ctl *c, const struct reseal_count *n)
{
	if (n->closed) {
		fprintf(stderr,
			"tuberryctl %s: %" PRId64 " cannot be opened: give the "
			"key that sealed them as APP_SECRET_OLD, or enter "
			"those secrets again in the cabinet\n",
			c->command->name, n->closed);
		return CTL_FAILED;
	}
	if (n->done || n->moved) {
		fprintf(stderr,
			"tuberryctl %s: somebody still seals with the former "
			"key: restart all services with both keys, then run "
			"this again\n",
			c->command->name);
		return CTL_FAILED;
	}
	puts("everything is sealed under APP_SECRET; APP_SECRET_OLD may go");
	return CTL_OK;
}

static int dry_run(const struct ctl *c, const struct reseal *r)
{
	struct reseal_count n;
	struct err err = { 0 };

	if (!pass(r, true, &n, &err))
		return ctl_failed(c, &err);
	if (n.closed || !n.done)
		return conclude(c, &n);
	printf("%" PRId64 " to be sealed anew\n", n.done);
	return CTL_OK;
}

static bool audit(struct ctl *c, int64_t sealed, struct err *err)
{
	struct json_object *o = json_new(c->a);
	bool ok;

	json_put_i64(o, "sealed", sealed);
	ok = db_begin(ctl_db(c), err) &&
	     ctl_audit(c,
		       (struct audit_entry){ .action = "secrets.rotate",
					     .after = o },
		       err);
	return ctl_finish(c, ok, err);
}

/* Until a pass finds nothing to do. */
static int rotate(struct ctl *c, struct reseal *r)
{
	struct reseal_count n;
	int64_t sealed = 0;
	struct err err = { 0 };

	for (int i = 0; i < PASSES_MAX; i++) {
		if (!pass(r, i == 0, &n, &err))
			return ctl_failed(c, &err);
		sealed += n.done;
		if (!n.done && !n.moved)
			break;
		r->closed = nothing_to_tell; /* has been told */
	}
	if (sealed && !audit(c, sealed, &err))
		return ctl_failed(c, &err);
	return conclude(c, &n);
}

int run_secrets_rotate(struct ctl *c)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ 0 },
	};
	struct reseal r = { .closed = tell_closed };
	int o;

	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		if (o != 'n')
			return ctl_usage(c, "this cannot be understood");
		r.dry_run = true;
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	r.db = ctl_db(c);
	return r.dry_run ? dry_run(c, &r) : rotate(c, &r);
}
