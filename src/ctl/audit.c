/*
 * audit.c - what an operator has done, for the audit.
 */
#include "config.h"

#include <inttypes.h>
#include <pwd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/system_log.h"

/* For a line of the user database; whose is longer is a number. */
#define PASSWD_ROOM 16384

static const char *operator_name(struct arena *a)
{
	char *room = arena_alloc(a, PASSWD_ROOM);
	struct passwd entry, *who = NULL;

	if (getpwuid_r(getuid(), &entry, room, PASSWD_ROOM, &who) == 0 && who)
		return who->pw_name;
	return arena_printf(a, "uid %ju", (uintmax_t)getuid());
}

bool ctl_audit(struct ctl *c, struct audit_entry entry, struct err *err)
{
	struct audit_entry *e = arena_alloc(c->a, sizeof(*e));

	*e = entry;
	e->actor = "operator";
	e->login = operator_name(c->a);
	e->now = clock_now_us();
	e->next = c->audited;
	c->audited = e;
	return audit_add(ctl_db(c), c->a, e, err);
}

/* Standard error is the operator's; the system's log is kept and shipped. */
static void to_system(enum log_level level UNUSED, const char *line)
{
	system_log(line);
}

bool ctl_finish(struct ctl *c, bool ok, struct err *err)
{
	if (!db_finish(ctl_db(c), ok, err))
		return false;
	log_set_sink(to_system);
	for (; c->audited; c->audited = c->audited->next)
		audit_tell(c->a, c->audited);
	log_set_sink(NULL);
	return true;
}

const char *ctl_object(const struct ctl *c, const char *kind, int64_t id)
{
	return arena_printf(c->a, "%s:%" PRId64, kind, id);
}
