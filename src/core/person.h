/*
 * person.h - what people change about their own account.
 *
 * All run inside the caller's transaction, bound to the person.
 */
#ifndef CORE_PERSON_H
#define CORE_PERSON_H

#include "core/problems.h"
#include "core/session.h"
#include "store/api_token.h"
#include "store/session.h"
#include "store/window.h"

#define TOKEN_NAME_MAX 100 /* characters */
#define TOKENS_MAX     50  /* of one person */
#define LANGUAGE_MAX   8

/* Words, NULL at the end. */
extern const char *const token_scopes[];

/* Of u the name and language are read.  ERR_INPUT. */
bool person_change(struct db *db, struct arena *a, const struct session_user *u,
		   struct problems *problems, struct err *err);

/*
 * Another password; ends all other sessions and does what a duty to change it
 * demanded.  ERR_INPUT: `old` is wrong (not asked where there is none yet), or
 * the new one is bad or the same; ERR_LIMIT after too many wrong ones.
 */
bool person_set_password(struct db *db, struct arena *a, struct windows *w,
			 const struct session *s, struct secret old,
			 struct secret password, int64_t now, struct err *err);

/* Fills t.  The token is for its owner to keep: it is not shown again. */
bool person_add_token(struct db *db, struct arena *a, const struct session *s,
		      struct api_token *t, struct secret *token,
		      struct problems *problems, int64_t now, struct err *err);

#endif
