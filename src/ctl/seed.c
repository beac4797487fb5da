/*
 * seed.c - tuberryctl seed: what an empty installation needs to begin.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>

#include "base/clock.h"
#include "core/user.h"
#include "ctl/ctl.h"
#include "ctl/password.h"

static bool seed_administrator(struct ctl *c, struct err *err)
{
	static const struct password_source none = { 0 };
	struct user admin = { .login = "admin",
			      .name = "Administrator",
			      .role = "admin" };
	struct secret password;
	int64_t admins;
	bool made_up;

	if (!users_count_admins(ctl_db(c), c->a, &admins, err))
		return false;
	if (admins > 0)
		return true;
	if (!password_read(c->a, &none, &password, &made_up, err) ||
	    !user_add(ctl_db(c), c->a, &admin, password, clock_now_us(), err))
		return false;
	printf("administrator: %s  %s\n", admin.login, password.bytes);
	return true;
}

int run_seed(struct ctl *c)
{
	static const struct option options[] = { { 0 } };
	struct err err = { 0 };

	if (getopt_long(c->argc, c->argv, "", options, NULL) != -1)
		return ctl_usage(c, "this cannot be understood");
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	return seed_administrator(c, &err) ? CTL_OK : ctl_failed(c, &err);
}
