/*
 * migrate.c - tuberryctl migrate: bring the schema up to date.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "store/migrate.h"

struct plan {
	struct migration *list;
	size_t n;
};

static bool dry_run(struct db *db, struct ctl *c, const struct plan *p,
		    struct err *err)
{
	const struct migration *todo;
	size_t n;

	if (!migrate_plan(db, c->a, p->list, p->n, &todo, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		printf("would apply %s\n", todo[i].name);
	if (n == 0)
		puts("nothing to do");
	return true;
}

static bool apply(struct db *db, struct ctl *c, const struct plan *p,
		  struct err *err)
{
	const struct migration *done;

	do {
		if (!migrate_step(db, c->a, p->list, p->n, clock_now_us(),
				  &done, err))
			return false;
		if (done)
			printf("applied %s\n", done->name);
	} while (done);
	puts("the schema is up to date");
	return true;
}

int run_migrate(struct ctl *c)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "sql-dir", required_argument, NULL, 'd' },
		{ 0 },
	};
	struct err err = { 0 };
	const char *dir = NULL;
	bool dry = false, ok;
	struct plan p;
	struct db *db;
	int o;

	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		if (o == 'n')
			dry = true;
		else if (o == 'd')
			dir = optarg;
		else
			return ctl_usage(c, "this cannot be understood");
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	/* A migration may take as long as it takes. */
	db = db_new(c->s->database_url_owner, "tuberryctl", 0);
	ok = migrate_read(c->a, migrate_dir(c->a, dir), &p.list, &p.n, &err) &&
	     (dry ? dry_run : apply)(db, c, &p, &err);
	db_free(db);
	return ok ? CTL_OK : ctl_failed(c, &err);
}
