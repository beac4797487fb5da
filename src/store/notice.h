/*
 * notice.h - what a person must know, once per cause.
 *
 * A cause is (client, kind, object).  While it lasts there is one open row,
 * counted; it is closed when the cause is gone.  One that is back within the
 * hour opens it again, a later one is new.
 * The set of kinds is this page; what each means and what to do about it is in
 * docs/OPERATIONS.md.
 */
#ifndef STORE_NOTICE_H
#define STORE_NOTICE_H

#include "store/db.h"

/* Objects: "bot:5". */
#define NOTICE_BOT_TOKEN   "bot.token"   /* Telegram refuses it */
#define NOTICE_BOT_GROUP   "bot.group"   /* thrown out, or no such group */
#define NOTICE_BOT_RIGHTS  "bot.rights"  /* may too little in its group */
#define NOTICE_BOT_FORUM   "bot.forum"   /* its group has no topics */
#define NOTICE_BOT_WEBHOOK "bot.webhook" /* Telegram does not take it */
#define NOTICE_BOT_TAKEN   "bot.taken"   /* another program took it */
#define NOTICE_BOT_REFUSED "bot.refused" /* anything else, in its words */

/* Objects: "connection:9". */
#define NOTICE_CONNECTION "connection.ended" /* or must not be answered for */

/* Objects: "avito:7". */
#define NOTICE_AVITO_KEYS    "avito.keys"    /* refused */
#define NOTICE_AVITO_PLAN    "avito.plan"    /* without the messenger API */
#define NOTICE_AVITO_ACCOUNT "avito.account" /* keys of another account */
#define NOTICE_AVITO_WEBHOOK "avito.webhook" /* another subscriber's */
#define NOTICE_AVITO_SILENT  "avito.silent"  /* nobody writes */
#define NOTICE_AVITO_REFUSED "avito.refused" /* anything else, in its words */

/* Objects: "bot:5" towards the team, "avito:7" or "source:3" towards the
 * buyer. */
#define NOTICE_DEAD "deliveries.dead"

/* Nobody's client.  Object: "master". */
#define NOTICE_MASTER_TOKEN   "master.token"   /* Telegram refuses it */
#define NOTICE_MASTER_TAKEN   "master.taken"   /* another program has it */
#define NOTICE_MASTER_REFUSED "master.refused" /* anything else */

/* Nobody's client.  Objects: "media", "database". */
#define NOTICE_DISK "disk.full"

/* For people, in Russian: "Бот: токен не принят".  NULL: no such kind. */
const char *notice_title(const char *kind);

struct notice {
	int64_t id, client_id; /* 0: the installation's, for administrators */
	const char *kind, *object;
	const char *text; /* for people, in Russian: what to do */
	int64_t first_at, last_at;
	int64_t count;
	int64_t acknowledged_at, acknowledged_by; /* 0: nobody has */
	int64_t closed_at;                        /* 0: it lasts */
};

/* It is so: opens a notice from client_id, kind, object and text, or counts
 * the open one, which takes the newer text.  count 0: once more; else it is so
 * many now.  Inside the caller's transaction or by itself, as all here. */
bool notice_raise(struct db *db, struct arena *a, const struct notice *n,
		  int64_t now, struct err *err);

/* It is mended; kind NULL: all that there is of this object. */
bool notice_close(struct db *db, struct arena *a, int64_t client_id,
		  const char *kind, const char *object, int64_t now,
		  struct err *err);

/* A notice is "open", "acknowledged" (it lasts, and somebody knows) or
 * "closed". */
const char *notice_state(const struct notice *n);

struct notice_filter {
	int64_t client_id; /* 0: any, the installation's too (administrators) */
	const char *state; /* NULL: any */
	int64_t before;    /* id; 0: from the newest */
	int limit;
};

/* Newest first. */
bool notices_list(struct db *db, struct arena *a, const struct notice_filter *f,
		  struct notice **list, size_t *n, struct err *err);

/* user_id 0: nobody in particular.  The first one counts.  ERR_MISSING;
 * client_id 0 is any. */
bool notice_acknowledge(struct db *db, struct arena *a, int64_t client_id,
			int64_t id, int64_t user_id, int64_t now,
			struct notice *n, struct err *err);

#endif
