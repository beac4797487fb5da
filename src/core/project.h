/*
 * project.h - the rules for projects.
 *
 * All run inside the caller's transaction.  What is wrong with the input is
 * noted in `problems`, and the first of it in *err.
 */
#ifndef CORE_PROJECT_H
#define CORE_PROJECT_H

#include "base/json.h"
#include "core/problems.h"
#include "store/project.h"

/* Characters. */
#define PROJECT_NAME_MAX        100
#define PROJECT_DESCRIPTION_MAX 2000
#define PROJECT_GREETING_MAX    1000

/* Words, NULL at the end. */
extern const char *const project_operators[];
extern const char *const project_fallbacks[];

/* A project that is not there yet: what the client's defaults say, and ours
 * for the rest.  ERR_INPUT with client_id: there is no such client. */
bool project_init(struct db *db, struct arena *a, int64_t client_id,
		  struct project *p, struct err *err);

/* The members of `defaults` as the project's; a member that no new project
 * has is a problem. */
void project_apply(struct arena *a, struct json_object *defaults,
		   struct project *p, struct problems *problems);

/* Greeting, filters, rules, auto-reply and words.  Completes p->filters,
 * p->rules and p->auto_reply.  Rules that are those of `before` (NULL: none) are
 * taken as they are: a user they name may have gone meanwhile. */
bool project_check_rules(struct db *db, struct arena *a,
			 const struct project *before, struct project *p,
			 struct problems *problems, struct err *err);

/* A project without slug gets one from its name, numbered when it is taken;
 * a given one that is taken is ERR_CONFLICT.  Sets p->id. */
bool project_add(struct db *db, struct arena *a, struct project *p, int64_t now,
		 struct problems *problems, struct err *err);

/* `before` is what project_lock() gave. */
bool project_change(struct db *db, struct arena *a,
		    const struct project *before, struct project *p,
		    int64_t now, struct problems *problems, struct err *err);

/* ERR_CONFLICT while accounts or dialogs belong to it. */
bool project_remove(struct db *db, struct arena *a, const struct project *p,
		    struct err *err);

#endif
