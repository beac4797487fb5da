/*
 * invite.c - tuberryctl invite: invitations to a client.
 */
#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "core/invite.h"
#include "core/master.h"
#include "ctl/ctl.h"

#define PAGE 200

enum { OPT_CLIENT, OPT_ROLE, OPT_USES, OPT_DAYS, OPT_ASSIGNED };

static const struct option create_options[] = {
	{ "client", required_argument, NULL, OPT_CLIENT },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "uses", required_argument, NULL, OPT_USES },
	{ "days", required_argument, NULL, OPT_DAYS },
	{ "assigned-only", no_argument, NULL, OPT_ASSIGNED },
	{ 0 },
};

static const struct option list_options[] = {
	{ "client", required_argument, NULL, OPT_CLIENT },
	{ 0 },
};

static int take(const struct ctl *c, struct invite_wish *w, int option)
{
	switch (option) {
	case OPT_CLIENT:
		w->client_id = ctl_id(c, "--client", optarg);
		return w->client_id ? CTL_OK : CTL_USAGE;
	case OPT_ROLE:
		w->role = optarg;
		return CTL_OK;
	case OPT_USES:
		w->uses = ctl_id(c, "--uses", optarg);
		return w->uses ? CTL_OK : CTL_USAGE;
	case OPT_DAYS:
		w->days = ctl_id(c, "--days", optarg);
		return w->days ? CTL_OK : CTL_USAGE;
	case OPT_ASSIGNED:
		w->assigned_only = true;
		return CTL_OK;
	default:
		return ctl_usage(c, "this cannot be understood");
	}
}

static int read_wish(const struct ctl *c, const struct option *options,
		     struct invite_wish *w)
{
	int o, status;

	*w = (struct invite_wish){
		.role = "",
		.uses = INVITE_USES_DEFAULT,
		.days = INVITE_DAYS_DEFAULT,
		.maker = ROLE_ADMIN,
	};
	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		status = take(c, w, o);
		if (status != CTL_OK)
			return status;
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	return CTL_OK;
}

static bool audit(struct ctl *c, const char *action, const struct invite *i,
		  struct err *err)
{
	struct json_object *o = json_new(c->a);

	json_put_str(o, "role", i->role);
	json_put_bool(o, "assigned_only", i->assigned_only);
	json_put_i64(o, "uses_max", i->uses_max);
	json_put_str(o, "expires_at", clock_text(c->a, i->expires_at));
	return ctl_audit(c,
			 (struct audit_entry){
				 .action = action,
				 .object = ctl_object(c, "invite", i->id),
				 .client_id = i->client_id,
				 .before = i->revoked_at ? o : NULL,
				 .after = i->revoked_at ? NULL : o,
			 },
			 err);
}

/* The code is shown this once and kept nowhere. */
static void tell_made(struct ctl *c, const struct invite *i, struct secret code,
		      const struct master *m)
{
	const char *link = invite_link(c->a, m->name, code);

	printf("invite %" PRId64 "\n", i->id);
	printf("code %s\n", code.bytes);
	if (link)
		printf("link %s\n", link);
	printf("expires %s\n", clock_text(c->a, i->expires_at));
}

int run_invite_create(struct ctl *c)
{
	struct problems problems = { .a = c->a };
	struct err err = { 0 };
	struct invite_wish w;
	struct secret code;
	struct invite i;
	struct master m;
	int status = read_wish(c, create_options, &w);
	bool ok;

	if (status != CTL_OK)
		return status;
	if (!w.client_id || !*w.role)
		return ctl_usage(c, "--%s is missing",
				 w.client_id ? "role" : "client");
	ok = db_begin(ctl_db(c), &err) &&
	     invite_create(ctl_db(c), c->a, &w, clock_now_us(), &i, &code,
			   &problems, &err) &&
	     audit(c, "invite.create", &i, &err) &&
	     master_find(ctl_db(c), c->a, c->s, &m, &err);
	if (!ctl_finish(c, ok, &err))
		return ctl_failed(c, &err);
	tell_made(c, &i, code, &m);
	return CTL_OK;
}

static void print_head(void)
{
	printf("%-6s %-7s %-8s %-8s %-9s %-11s %-8s %s\n", "id", "client",
	       "role", "dialogs", "uses", "code", "state", "expires");
}

static void print_line(struct ctl *c, const struct invite *i)
{
	printf("%-6" PRId64 " %-7" PRId64 " %-8s %-8s %-9s %-13s %-8s %s\n",
	       i->id, i->client_id, i->role,
	       i->assigned_only ? "assigned" : "all",
	       arena_printf(c->a, "%" PRId64 "/%" PRId64, i->uses, i->uses_max),
	       i->code_tail, invite_status(i, clock_now_us()),
	       clock_text(c->a, i->expires_at));
}

int run_invite_list(struct ctl *c)
{
	struct err err = { 0 };
	struct invite_wish w;
	struct invite *list;
	int64_t before = 0;
	size_t n;
	int status = read_wish(c, list_options, &w);

	if (status != CTL_OK)
		return status;
	print_head();
	do {
		if (!invites_list(ctl_db(c), c->a, w.client_id, before, PAGE,
				  &list, &n, &err))
			return ctl_failed(c, &err);
		for (size_t k = 0; k < n; k++)
			print_line(c, &list[k]);
		before = n ? list[n - 1].id : 0;
	} while (n == PAGE);
	return CTL_OK;
}

/* *id: the command's only argument. */
static int read_id(const struct ctl *c, int64_t *id)
{
	if (c->argc != 2)
		return ctl_usage(c, "one ID at a time");
	*id = ctl_id(c, "ID", c->argv[1]);
	return *id ? CTL_OK : CTL_USAGE;
}

int run_invite_get(struct ctl *c)
{
	struct err err = { 0 };
	struct invite i;
	int64_t id = 0;
	int status = read_id(c, &id);

	if (status != CTL_OK)
		return status;
	if (!invite_find(ctl_db(c), c->a, 0, id, &i, &err))
		return ctl_failed(c, &err);
	print_head();
	print_line(c, &i);
	return CTL_OK;
}

int run_invite_revoke(struct ctl *c)
{
	struct err err = { 0 };
	struct invite i;
	int64_t id = 0;
	int status = read_id(c, &id);
	bool ok;

	if (status != CTL_OK)
		return status;
	ok = db_begin(ctl_db(c), &err) &&
	     invite_revoke(ctl_db(c), c->a, 0, id, clock_now_us(), &i, &err) &&
	     audit(c, "invite.revoke", &i, &err);
	if (!ctl_finish(c, ok, &err))
		return ctl_failed(c, &err);
	printf("invite %" PRId64 " can be used no more\n", i.id);
	return CTL_OK;
}
