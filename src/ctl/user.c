/*
 * user.c - tuberryctl user: the people who sign in.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "core/second_factor.h"
#include "core/user.h"
#include "ctl/ctl.h"
#include "ctl/password.h"

/* What the options of all these commands say. */
struct wish {
	struct user u;
	struct password_source from;
};

enum {
	OPT_LOGIN,
	OPT_NAME,
	OPT_ROLE,
	OPT_CLIENT,
	OPT_EMAIL,
	OPT_STDIN,
	OPT_FILE
};

static const struct option create_options[] = {
	{ "login", required_argument, NULL, OPT_LOGIN },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "client", required_argument, NULL, OPT_CLIENT },
	{ "email", required_argument, NULL, OPT_EMAIL },
	{ "password-stdin", no_argument, NULL, OPT_STDIN },
	{ "password-file", required_argument, NULL, OPT_FILE },
	{ 0 },
};

static const struct option password_options[] = {
	{ "login", required_argument, NULL, OPT_LOGIN },
	{ "password-stdin", no_argument, NULL, OPT_STDIN },
	{ "password-file", required_argument, NULL, OPT_FILE },
	{ 0 },
};

static const struct option login_options[] = {
	{ "login", required_argument, NULL, OPT_LOGIN },
	{ 0 },
};

static int take(const struct ctl *c, struct wish *w, int option)
{
	switch (option) {
	case OPT_LOGIN:
		w->u.login = optarg;
		return CTL_OK;
	case OPT_NAME:
		w->u.name = optarg;
		return CTL_OK;
	case OPT_ROLE:
		w->u.role = optarg;
		return CTL_OK;
	case OPT_CLIENT:
		w->u.client_id = ctl_id(c, "--client", optarg);
		return w->u.client_id ? CTL_OK : CTL_USAGE;
	case OPT_EMAIL:
		w->u.email = optarg;
		return CTL_OK;
	case OPT_STDIN:
		w->from.from_stdin = true;
		return CTL_OK;
	case OPT_FILE:
		w->from.file = optarg;
		return CTL_OK;
	default:
		return ctl_usage(c, "this cannot be understood");
	}
}

static int read_wish(const struct ctl *c, const struct option *options,
		     struct wish *w)
{
	int o, status;

	*w = (struct wish){ .u = { .login = "", .name = "", .role = "" } };
	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		status = take(c, w, o);
		if (status != CTL_OK)
			return status;
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	if (!*w->u.login)
		return ctl_usage(c, "--login is missing");
	return CTL_OK;
}

/* A made-up password is shown this once and kept nowhere. */
static void tell(const char *login, struct secret password, bool made_up)
{
	printf("login %s\n", login);
	if (made_up)
		printf("password %s\n", password.bytes);
}

static bool audit(struct ctl *c, const char *action, const struct user *u,
		  struct json_object *before, struct json_object *after,
		  struct err *err)
{
	return ctl_audit(c,
			 (struct audit_entry){
				 .action = action,
				 .object = ctl_object(c, "user", u->id),
				 .client_id = u->client_id,
				 .before = before,
				 .after = after,
			 },
			 err);
}

bool ctl_user_add(struct ctl *c, struct user *u, struct secret password,
		  struct err *err)
{
	struct json_object *o = json_new(c->a);
	bool ok;

	json_put_str(o, "login", u->login);
	json_put_str(o, "name", u->name);
	json_put_str(o, "role", u->role);
	json_put_str(o, "email", u->email);
	json_put_str(o, "password", "***");
	ok = db_begin(ctl_db(c), err) &&
	     user_add(ctl_db(c), c->a, 0, u, password, clock_now_us(), err) &&
	     audit(c, "user.create", u, NULL, o, err);
	return ctl_finish(c, ok, err);
}

int run_user_create(struct ctl *c)
{
	struct err err = { 0 };
	struct secret password;
	struct wish w;
	bool made_up;
	int status = read_wish(c, create_options, &w);

	if (status != CTL_OK)
		return status;
	if (!*w.u.name || !*w.u.role)
		return ctl_usage(c, "--%s is missing",
				 *w.u.name ? "role" : "name");
	if (!password_read(c->a, &w.from, &password, &made_up, &err))
		return ctl_failed(c, &err);
	/* Two know it; one of them shall. */
	w.u.must_change_password = made_up;
	if (!ctl_user_add(c, &w.u, password, &err))
		return ctl_failed(c, &err);
	tell(w.u.login, password, made_up);
	return CTL_OK;
}

static void print_line(const struct ctl *c, const struct user *u)
{
	printf("%-6lld %-20s %-8s %-7s %-9s %-7s %-27s %s%s%s%s\n",
	       (long long)u->id, u->login, u->role,
	       u->client_id ? arg_i64(c->a, u->client_id) : "-",
	       u->disabled_at ? "disabled" : "active",
	       u->second_factor ? "two" : "one",
	       u->signed_in_at ? clock_text(c->a, u->signed_in_at) : "never",
	       u->name, *u->email ? " <" : "", u->email,
	       !*u->email              ? ""
	       : u->email_confirmed_at ? ">"
				       : "> (not confirmed)");
}

int run_user_list(struct ctl *c)
{
	struct err err = { 0 };
	struct user *list;
	size_t n;

	if (c->argc > 1)
		return ctl_usage(c, "\"%s\" is too much", c->argv[1]);
	if (!users_all(ctl_db(c), c->a, &list, &n, &err))
		return ctl_failed(c, &err);
	printf("%-6s %-20s %-8s %-7s %-9s %-7s %-27s %s\n", "id", "login",
	       "role", "client", "state", "factors", "last sign-in", "name");
	for (size_t i = 0; i < n; i++)
		print_line(c, &list[i]);
	return CTL_OK;
}

/* *u is the one with that login, in a transaction that is open now. */
static bool begin_with(struct ctl *c, const char *login, struct user *u,
		       struct err *err)
{
	if (!db_begin(ctl_db(c), err))
		return false;
	if (user_by_login(ctl_db(c), c->a, login, u, err))
		return true;
	if (err->kind == ERR_MISSING)
		err_set(err, ERR_MISSING,
			"there is no user \"%s\"; tuberryctl user list shows "
			"them all",
			login);
	return false;
}

int run_user_set_password(struct ctl *c)
{
	struct json_object *after = json_new(c->a);
	struct err err = { 0 };
	struct secret password;
	struct wish w;
	struct user u;
	bool made_up, ok;
	int status = read_wish(c, password_options, &w);

	if (status != CTL_OK)
		return status;
	json_put_str(after, "password", "***");
	ok = password_read(c->a, &w.from, &password, &made_up, &err) &&
	     begin_with(c, w.u.login, &u, &err) &&
	     user_set_password(ctl_db(c), c->a, u.id, password, clock_now_us(),
			       &err);
	u.must_change_password = made_up;
	ok = ok && user_store(ctl_db(c), c->a, &u, &err) &&
	     audit(c, "user.change", &u, NULL, after, &err);
	if (!ctl_finish(c, ok, &err))
		return ctl_failed(c, &err);
	tell(u.login, password, made_up);
	return CTL_OK;
}

int run_user_reset_second_factor(struct ctl *c)
{
	struct err err = { 0 };
	struct wish w;
	struct user u;
	bool ok;
	int status = read_wish(c, login_options, &w);

	if (status != CTL_OK)
		return status;
	ok = begin_with(c, w.u.login, &u, &err) &&
	     second_factor_reset(ctl_db(c), c->a, u.id, &err) &&
	     audit(c, "user.second_factor_reset", &u, NULL, NULL, &err);
	if (!ctl_finish(c, ok, &err))
		return ctl_failed(c, &err);
	printf("%s signs in without a second factor\n", u.login);
	return CTL_OK;
}

int run_user_disable(struct ctl *c)
{
	struct json_object *before = json_new(c->a), *after = json_new(c->a);
	struct err err = { 0 };
	struct wish w;
	struct user u;
	bool ok;
	int status = read_wish(c, login_options, &w);

	if (status != CTL_OK)
		return status;
	ok = begin_with(c, w.u.login, &u, &err) &&
	     user_disable(ctl_db(c), c->a, u.id, clock_now_us(), &err);
	json_put_bool(before, "disabled", ok && u.disabled_at);
	json_put_bool(after, "disabled", true);
	ok = ok && audit(c, "user.change", &u, before, after, &err);
	if (!ctl_finish(c, ok, &err))
		return ctl_failed(c, &err);
	printf("%s can sign in no more\n", u.login);
	return CTL_OK;
}
