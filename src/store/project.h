/*
 * project.h - a client's projects: how the chats of a group of sources are
 * worked on.
 *
 * client_id 0 in a question stands for any client (administrators).  The
 * rules are in core/project.h.
 */
#ifndef STORE_PROJECT_H
#define STORE_PROJECT_H

#include "store/db.h"

struct project {
	int64_t id, client_id;
	const char *name, *slug, *description;
	int64_t bot_id; /* 0: none */
	bool require_quote;
	const char *greeting;
	const char *filters;    /* JSON array, core/filter.h */
	const char *rules;      /* JSON array, core/rule.h */
	const char *auto_reply; /* JSON object, core/auto_reply.h */
	const char *operators;  /* "members", "linked" */
	const char *fallback;   /* "ask", "latest", "off" */
	bool hide_system_messages;
	int64_t created_at, updated_at;
};

/* Sets p->id.  ERR_CONFLICT with projects_slug; ERR_INPUT with
 * projects_bot_id. */
bool project_insert(struct db *db, struct arena *a, struct project *p,
		    struct err *err);

/* ERR_MISSING.  project_lock() keeps it as it is until the transaction ends. */
bool project_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  struct project *p, struct err *err);
bool project_lock(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  struct project *p, struct err *err);

/* By id, those behind `after`. */
bool projects_list(struct db *db, struct arena *a, int64_t client_id,
		   int64_t after, int limit, struct project **list, size_t *n,
		   struct err *err);

/* All but id, client and creation; failures as when inserting. */
bool project_store(struct db *db, struct arena *a, const struct project *p,
		   struct err *err);

/* The client's slugs that are `base` or begin with it and a hyphen. */
bool project_slugs(struct db *db, struct arena *a, int64_t client_id,
		   const char *base, const char ***slugs, size_t *n,
		   struct err *err);

struct project_use {
	int64_t accounts, sources, dialogs;
};
bool project_used(struct db *db, struct arena *a, const struct project *p,
		  struct project_use *use, struct err *err);

bool project_delete(struct db *db, struct arena *a, const struct project *p,
		    struct err *err);

/* Is it a name of a time zone that PostgreSQL knows? */
bool timezone_known(struct db *db, struct arena *a, const char *name,
		    bool *known, struct err *err);

#endif
