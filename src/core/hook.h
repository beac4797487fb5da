/*
 * hook.h - webhooks: what a service posts to us, stored before we answer.
 *
 * Right secret and parseable JSON is always HOOK_TAKEN, also for kinds that
 * we do not know: a refused update would block its chat at Telegram for up to
 * a day.  What claims to be a message and is not understood goes to
 * quarantine.  Nothing outside is called.  false: the database is away, and
 * the service shall repeat (503).
 */
#ifndef CORE_HOOK_H
#define CORE_HOOK_H

#include "base/secret.h"
#include "store/db.h"

enum hook_result {
	HOOK_TAKEN,    /* 200; ring the doorbell if `ring` */
	HOOK_REFUSED,  /* 404: no such object, or a wrong secret */
	HOOK_NOT_JSON, /* 400 */
	/* 503, and ring: what it takes to store it is being asked for. */
	HOOK_LATER,
};

struct hook {
	int64_t object_id;    /* bot, source or Avito account: from the path */
	struct secret secret; /* from the path */
	const char *header;   /* X-Telegram-Bot-Api-Secret-Token, or NULL */
	const char *body;
	size_t body_len;
	int64_t now;
	const char *request_id;
	bool ring;          /* out: there is work for the daemon */
	const char *answer; /* out: JSON, the answer's body; NULL: none */
};

bool hook_avito(struct db *db, struct arena *a, struct hook *h,
		enum hook_result *result, struct err *err);
bool hook_telegram(struct db *db, struct arena *a, struct hook *h,
		   enum hook_result *result, struct err *err);

/* The same for the address of a source: object_id becomes its bot's. */
bool hook_source(struct db *db, struct arena *a, struct hook *h,
		 enum hook_result *result, struct err *err);

/* What Telegram sends in the header for a bot whose path holds `secret`: it
 * follows from it, and knowing the path of a log line is not enough. */
struct secret hook_header_secret(struct arena *a, struct secret secret);

#endif
