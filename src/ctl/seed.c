/*
 * seed.c - tuberryctl seed: what an empty installation needs to begin.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>

#include "core/user.h"
#include "ctl/ctl.h"
#include "ctl/demo.h"
#include "ctl/password.h"

static bool seed_administrator(struct ctl *c, struct err *err)
{
	const char *file = c->s->admin_password_file;
	const struct password_source from = { .file = *file ? file : NULL };
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
	if (!password_read(c->a, &from, &password, &made_up, err) ||
	    !ctl_user_add(c, &admin, password, err))
		return false;
	if (made_up)
		printf("administrator: %s  %s\n", admin.login, password.bytes);
	else
		printf("administrator: %s, with the password in %s\n",
		       admin.login, file);
	return true;
}

int run_seed(struct ctl *c)
{
	static const struct option options[] = {
		{ "demo", no_argument, NULL, 'd' },
		{ 0 },
	};
	struct err err = { 0 };
	bool demo = false;
	int o;

	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		if (o != 'd')
			return ctl_usage(c, "this cannot be understood");
		demo = true;
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	if (!seed_administrator(c, &err) || (demo && !seed_demo(c, &err)))
		return ctl_failed(c, &err);
	return CTL_OK;
}
