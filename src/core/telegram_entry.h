/*
 * telegram_entry.h - coming in by way of Telegram.
 *
 * What Telegram signed, or the link that the master bot gave, leads to the
 * account of whoever holds that Telegram account, made at the first time.
 * Each is good once, and is spent in the transaction that makes the session:
 * of two who bring the same one at once one comes in.
 */
#ifndef CORE_TELEGRAM_ENTRY_H
#define CORE_TELEGRAM_ENTRY_H

#include "core/audit.h"
#include "core/auth.h"
#include "core/link.h"
#include "core/sign_up.h"

/* Who came in, as what, and what they got for it. */
struct arrival {
	struct account account;
	struct entry entry;
	struct audit_entry made; /* telegram_entry.c's own */
};

/* The name that Telegram's buttons need, without @; "" when people cannot sign
 * in with Telegram here.  Inside the caller's transaction. */
bool telegram_entry_bot(struct db *db, struct arena *a,
			const struct settings *s, const char **name,
			struct err *err);

/* Reads fields, or init_data where fields is NULL, without spending it.  Inside
 * the caller's transaction; ERR_MISSING: there is no master bot. */
bool telegram_entry_read(struct db *db, struct arena *a,
			 const struct settings *s, struct json_object *fields,
			 const char *init_data, int64_t now,
			 struct telegram_proof *p, struct err *err);

/* The functions below are transactions of their own. */

/* The Login Widget's fields. */
bool telegram_entry_widget(struct db *db, struct arena *a,
			   const struct settings *s, struct json_object *fields,
			   const struct visitor *v, struct arrival *arrival,
			   struct err *err);

/* A Mini App's initData. */
bool telegram_entry_app(struct db *db, struct arena *a,
			const struct settings *s, const char *init_data,
			const struct visitor *v, struct arrival *arrival,
			struct err *err);

/* The master bot's link; name and e-mail count for a new account only. */
bool telegram_entry_link(struct db *db, struct arena *a,
			 const struct settings *s, struct secret token,
			 const char *name, const char *email,
			 const struct visitor *v, struct arrival *arrival,
			 struct err *err);

/* What a link would do. */
struct link_view {
	const char *telegram_name, *username; /* of whom it proves; or "" */
	struct account account;               /* user_id 0: there is none yet */
	const char *client_name; /* which it joins; NULL: a new one */
};

/* Consumes nothing.  Fails as telegram_entry_link() would. */
bool telegram_entry_look(struct db *db, struct arena *a, struct secret token,
			 int64_t now, struct link_view *view, struct err *err);

#endif
