/*
 * telegram_proof.h - what Telegram signed about a person.
 *
 * The Login Widget and Mini Apps hand the browser some fields with a MAC
 * under a key made of the bot's token; whoever brings them proves which
 * Telegram account they hold.  Pure functions: that each proof is taken once,
 * and from the browser it was made for, is the caller's part.
 */
#ifndef CORE_TELEGRAM_PROOF_H
#define CORE_TELEGRAM_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/secret.h"

/* Telegram bounds names far below; what is longer was not made by it. */
#define TELEGRAM_FIELD_MAX  4096
#define TELEGRAM_FIELDS_MAX 24

struct telegram_proof {
	int64_t telegram_user_id;
	const char *first_name, *last_name, *username; /* never NULL */
	/* What to remember it by, and how long it would be taken. */
	const char *proof_hash;
	int64_t expires_at;
};

/*
 * The widget's fields as an object of texts and whole numbers; our own
 * "state", "next" and "csrf_token" beside them do not count.  ERR_INPUT:
 * Telegram did not write that.  ERR_AUTH: not signed with this token, older
 * than 10 minutes, or of the future.
 */
bool telegram_widget_read(struct arena *a, struct json_object *fields,
			  struct secret token, int64_t now,
			  struct telegram_proof *p, struct err *err);

/* A Mini App's initData, the text as the app gave it. */
bool telegram_init_data_read(struct arena *a, const char *init_data,
			     struct secret token, int64_t now,
			     struct telegram_proof *p, struct err *err);

#endif
