/*
 * ctl.h - what every command of tuberryctl is given.
 *
 * A command is a row in main.c and a function in the file of its noun.  It
 * says its result on standard output, and why it failed and what to do next
 * on standard error; it returns the exit status.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "core/audit.h"
#include "core/settings.h"
#include "core/user.h"
#include "store/db.h"

enum {
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 64, /* EX_USAGE; bad settings are CONF_EXIT */
};

struct ctl {
	struct arena *a;
	const struct command *command;
	const char *config; /* of --config; NULL: none */
	const struct settings *s;
	int argc; /* the command's own arguments; argv[0] names it */
	char **argv;
	struct db *db;               /* see ctl_db() */
	struct audit_entry *audited; /* to be told after the commit */
};

struct command {
	const char *name; /* one word or two */
	const char *args;
	const char *help;
	unsigned needs; /* settings it cannot do without */
	int (*run)(struct ctl *c);
};

int run_migrate(struct ctl *c);
int run_seed(struct ctl *c);
int run_user_create(struct ctl *c);
int run_user_list(struct ctl *c);
int run_user_set_password(struct ctl *c);
int run_user_reset_second_factor(struct ctl *c);
int run_user_disable(struct ctl *c);
int run_delivery_list(struct ctl *c);
int run_delivery_retry(struct ctl *c);
int run_delivery_discard(struct ctl *c);
int run_delivery_confirm(struct ctl *c);
int run_notice_list(struct ctl *c);
int run_notice_ack(struct ctl *c);
int run_invite_create(struct ctl *c);
int run_invite_list(struct ctl *c);
int run_invite_get(struct ctl *c);
int run_invite_revoke(struct ctl *c);
int run_secrets_rotate(struct ctl *c);
int run_vault_render(struct ctl *c);
int run_doctor(struct ctl *c);

/* DATABASE_URL_DAEMON, for the length of the command. */
struct db *ctl_db(struct ctl *c);

/*
 * An entry for the audit, in the transaction that is open: action, object,
 * client and what has changed; that the operator did it is added.  ctl_finish()
 * is db_finish(), and tells the system's log after the commit.
 */
bool ctl_audit(struct ctl *c, struct audit_entry entry, struct err *err);
bool ctl_finish(struct ctl *c, bool ok, struct err *err);
const char *ctl_object(const struct ctl *c, const char *kind, int64_t id);

/* Makes a user, in a transaction of its own, with its entry in the audit. */
bool ctl_user_add(struct ctl *c, struct user *u, struct secret password,
		  struct err *err);

/* There is work: the daemon looks at once, if it can be told; else within
 * seconds. */
void ctl_ring(const struct ctl *c);

/* "tuberryctl NAME: ..." on standard error; return the exit status. */
int ctl_usage(const struct ctl *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
int ctl_failed(const struct ctl *c, const struct err *err);

/* A whole number above 0, or 0 after ctl_usage() has said otherwise. */
int64_t ctl_id(const struct ctl *c, const char *what, const char *text);

#endif
