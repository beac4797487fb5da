/*
 * route.h - to which dialog something in a team's group belongs.
 */
#ifndef STORE_ROUTE_H
#define STORE_ROUTE_H

#include "store/db.h"

/* Something that a person did there. */
struct route_ask {
	int64_t client_id, bot_id, chat_id;
	int64_t topic_id; /* 0: in no topic */
	int64_t reply_to; /* the message it answers; 0: none */
	int64_t from_id;
};

struct route {
	int64_t dialog_id;     /* 0: to none */
	bool in_topic;         /* in the dialog's topic, else it quotes */
	bool among_colleagues; /* in a topic that is theirs */
	/* The dialog lives in this group, with this bot. */
	bool is_ours;
	bool may;        /* this person is an operator of its project */
	int64_t user_id; /* whom this person is linked to; 0: nobody */
	const char *user_name;
};

/* By the topic, present or former; else by what is quoted there: a message
 * that was relayed, one that went to a buyer, the bot's word about one. */
bool route_trace(struct db *db, struct arena *a, const struct route_ask *q,
		 struct route *r, struct err *err);

/* What becomes of that which is nobody's, by the projects of a bot: one that
 * asks makes it ask, "off" is what they all say. */
struct fallback {
	const char *way;      /* "ask", "latest", "off"; "": no project */
	const char *username; /* the bot's */
	bool has_topics;
	bool is_bound;      /* to this group */
	bool is_first;      /* of the bots that are */
	const char *others; /* names of those others, with spaces between */
};
bool fallback_find(struct db *db, struct arena *a, int64_t client_id,
		   int64_t bot_id, int64_t chat_id, struct fallback *f,
		   struct err *err);

/* A dialog as people know it. */
struct route_choice {
	int64_t dialog_id;
	const char *buyer_name, *item_title;
};

/* Newest message first: those of the bot in the group whose projects have not
 * turned this off. */
bool route_choices(struct db *db, struct arena *a, int64_t client_id,
		   int64_t bot_id, int64_t chat_id, int limit,
		   struct route_choice **list, size_t *n, struct err *err);

/* The open one with the newest message, of the projects that say "latest" and
 * of which this person is an operator; *dialog_id 0: there is none. */
bool route_latest(struct db *db, struct arena *a, const struct route_ask *q,
		  int64_t *dialog_id, struct err *err);

/* One of route_choices(): ERR_MISSING when it is none, ERR_DENIED when this
 * person is no operator there. */
bool route_may_choose(struct db *db, struct arena *a, const struct route_ask *q,
		      int64_t dialog_id, struct err *err);

/* This person may say of the bot's projects in general what is whose. */
bool route_may_dismiss(struct db *db, struct arena *a,
		       const struct route_ask *q, bool *may, struct err *err);

/* A topic that is no dialog's: nobody is asked about it any more. */
bool topic_is_colleagues(struct db *db, struct arena *a, int64_t client_id,
			 int64_t chat_id, int64_t topic_id, int64_t now,
			 struct err *err);

#endif
