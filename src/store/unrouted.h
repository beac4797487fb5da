/*
 * unrouted.h - written in the group outside of every dialog's topic.
 *
 * A row per message, made when it comes; so a message is dealt with once,
 * however often and by however many bots it is brought.  What people are told
 * about it follows from the row as it is when the task "topic.unrouted"
 * (subject: the row) runs.
 */
#ifndef STORE_UNROUTED_H
#define STORE_UNROUTED_H

#include "store/db.h"

struct unrouted {
	int64_t id, client_id, bot_id, chat_id, message_id;
	const char *body;       /* the update, JSON */
	const char *way;        /* "quote", "ask", "latest", "off", "album" */
	int64_t dialog_id;      /* where it went; 0: nowhere (yet) */
	int64_t answer_id;      /* the bot's message about it; 0: none */
	const char *decided_by; /* "": nobody */
	int64_t created_at;
	int64_t settled_at;                  /* 0: somebody is being asked */
	const char *buyer_name, *item_title; /* of the dialog, or "" */
};

/* Inside the caller's transaction, as all that changes something.  Sets
 * u->id; 0: it is there already. */
bool unrouted_add(struct db *db, struct arena *a, struct unrouted *u,
		  struct err *err);

/* ERR_MISSING.  The second locks it, for one client. */
bool unrouted_find(struct db *db, struct arena *a, int64_t id,
		   struct unrouted *u, struct err *err);
bool unrouted_lock(struct db *db, struct arena *a, int64_t client_id,
		   int64_t id, struct unrouted *u, struct err *err);

/* The first of an album that is there, locked, whatever became of it; u->id 0:
 * there is none. */
bool unrouted_album(struct db *db, struct arena *a, int64_t client_id,
		    int64_t chat_id, const char *album, struct unrouted *u,
		    struct err *err);

/* The message of a chat, locked; u->id 0: it was in a topic. */
bool unrouted_by_message(struct db *db, struct arena *a, int64_t client_id,
			 int64_t chat_id, int64_t message_id,
			 struct unrouted *u, struct err *err);

/* It says something else since; message: as Telegram shows it, JSON. */
bool unrouted_edit(struct db *db, struct arena *a, const struct unrouted *u,
		   const char *message, struct err *err);

/* Those of an album that wait, this one besides if it is of none, by the order
 * in which they were written; locked. */
bool unrouted_waiting(struct db *db, struct arena *a, const struct unrouted *u,
		      const char *album, struct unrouted **list, size_t *n,
		      struct err *err);

/* u's dialog and decided_by; it waits no longer. */
bool unrouted_settle(struct db *db, struct arena *a, const struct unrouted *u,
		     int64_t now, struct err *err);

/* The bot has said it there. */
bool unrouted_said(struct db *db, struct arena *a, const struct unrouted *u,
		   struct err *err);

/* Asks for u to be shown as it is then. */
bool unrouted_show(struct db *db, struct arena *a, const struct unrouted *u,
		   int64_t now, const char *request_id, struct err *err);

/* Those that were asked before then wait no longer, and that is shown. */
bool unrouted_expire(struct db *db, struct arena *a, int64_t before,
		     int64_t now, struct err *err);

#endif
