/*
 * master.h - the installation's own bot, by which people sign in: its token
 * and name in force.
 *
 * The configuration (MASTER_BOT_TOKEN, MASTER_BOT_NAME) goes before what an
 * administrator set in the cabinet; a name that neither says is what Telegram
 * said of the token.  A bot serves as master or a client's group, never both:
 * updates go one way only.  All run inside the caller's transaction.
 */
#ifndef CORE_MASTER_H
#define CORE_MASTER_H

#include "core/problems.h"
#include "core/settings.h"
#include "store/master_bot.h"

enum master_source {
	MASTER_NONE,
	MASTER_CABINET,
	MASTER_CONFIGURATION,
};

struct master {
	enum master_source source; /* of the token */
	struct secret token;       /* empty: none, or it does not open */
	const char *closed;        /* why it does not open; NULL: it does */
	int64_t telegram_id;       /* 0: no token */
	const char *name;          /* without @; "": not known yet */
};

/* For web and daemon, for whomever it speaks with. */
bool master_find(struct db *db, struct arena *a, const struct settings *s,
		 struct master *m, struct err *err);

/* The token alone; empty when there is none. */
bool master_token(struct db *db, struct arena *a, const struct settings *s,
		  struct secret *token, struct err *err);

/* "configuration", "cabinet", "none" */
const char *master_source_name(enum master_source source);

struct master_change {
	bool has_token, has_name;
	struct secret token; /* empty: no master bot */
	const char *name;    /* "": as Telegram says */
};

/*
 * As an administrator.  The daemon is left a task, the caller rings.
 * ERR_INPUT and ERR_CONFLICT name master_bot_token or master_bot_name: what
 * the configuration says cannot be changed here.
 */
bool master_set(struct db *db, struct arena *a, const struct settings *s,
		const struct master_change *c, int64_t now,
		struct problems *problems, struct err *err);

#endif
