/*
 * inspect.h - what the installation looks like from inside the database, for
 * tuberryctl doctor.  Nothing here changes anything.
 */
#ifndef STORE_INSPECT_H
#define STORE_INSPECT_H

#include "store/db.h"

/* The role that a connection signed in as. */
struct role_facts {
	const char *name;
	bool sees_all; /* superuser or BYPASSRLS */
	bool owns;     /* it, or a role it is a member of, owns tables */
};
bool inspect_role(struct db *db, struct arena *a, struct role_facts *f,
		  struct err *err);

/* Tables with a client_id that row level security does not guard; "" none. */
bool inspect_unguarded(struct db *db, struct arena *a, const char **tables,
		       struct err *err);

/* A bot or an Avito account. */
struct link_facts {
	const char *kind; /* "bot", "avito" */
	int64_t id;
	const char *name;
	const char *status;
	const char *last_error, *warning; /* "" none */
	bool wants_webhook, has_webhook;
	bool wants_polls;
	int64_t polled_at; /* 0: never */
};
bool inspect_links(struct db *db, struct arena *a, struct link_facts **list,
		   size_t *n, struct err *err);

struct queue_facts {
	int64_t waiting; /* queued or on their way */
	int64_t unsure, dead;
	int64_t oldest_at;      /* of those that wait; 0: none */
	int64_t failed_tasks;   /* for good */
	const char *task_error; /* of one of them, or "" */
};
bool inspect_queue(struct db *db, struct arena *a, struct queue_facts *f,
		   struct err *err);

/* What somebody must mend holds lanes, and how many: "bot:5". */
struct hold_facts {
	const char *held_by;
	int64_t lanes;
};
bool inspect_holds(struct db *db, struct arena *a, struct hold_facts **list,
		   size_t *n, struct err *err);

#endif
