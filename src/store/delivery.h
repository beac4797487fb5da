/*
 * delivery.h - a message on its way, and what a person may do to it.
 *
 * How a daemon gets at one is in lane.h, what it writes about it in
 * attempt.h and outcome.h.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include "store/db.h"

/* A file of a message. */
struct delivery_file {
	int64_t id;
	const char *kind, *url, *ref, *mime, *name;
	const char *sha256; /* "": not fetched yet */
	int64_t bytes;      /* 0: not known */
	int width, height, duration_s;
};

/* The head of a claimed lane with all that its way needs. */
struct delivery {
	int64_t id, client_id, dialog_id, seq;
	const char *direction; /* "buyer" or "team" */
	const char *state; /* "queued", "sending" (a crash left it), "unsure" */
	int attempts, settle_reads;
	bool is_alone; /* never joined with others */
	const char *request_id;
	int64_t created_at;
	const char *lease_token;
	const char *former_token; /* of the lease right before; "": none */
	int64_t queued_at;  /* since when it waits for room; 0: it did not */
	int64_t not_before; /* more of its album may come till then; 0: no */

	int64_t message_id;
	const char *origin; /* "avito", "telegram", "web", "tuberry" */
	int64_t origin_id;
	const char *external_id;
	const char
		*author; /* "buyer", "operator", "seller", "system", "robot" */
	const char *author_name, *kind, *foreign_kind, *text;
	const char *entities, *data; /* JSON as in chan/chan.h; "": none */
	const char *album;           /* "": none */
	bool is_auto_reply, is_edited;
	const char *deleted_by; /* "buyer", "seller", "operator"; "": nobody */
	int64_t written_at;
	const char *quote_id;     /* "": quotes nothing */
	int64_t quote_message_id; /* 0: none that we know */
	const char *quote_copies; /* JSON; read by delivery_quote() */
	const char *copies;       /* JSON; read by delivery_copies() */

	struct delivery_file *files; /* in order */
	size_t n_files;

	const char *source; /* "avito", "telegram" */
	int64_t source_id;  /* Avito account, Telegram source */
	const char *chat;   /* external chat id at the source */
	bool blocked;       /* the buyer takes no messages */

	/* Of an Avito account. */
	int64_t account_user_id;                    /* 0: not known yet */
	const char *account_status, *account_token; /* sealed */
	int64_t account_token_generation, account_token_expires_at;
	int64_t account_paused_until; /* 0: nobody told us to wait */

	/* Of a Telegram source. */
	int64_t source_bot_id;        /* 0: it is none */
	const char *source_bot_token; /* sealed */
	bool source_bot_broken;       /* its token is refused */
	int64_t source_bot_paused_until;
	int64_t connection_id;  /* 0: the bot's own chat */
	const char *connection; /* business_connection_id; "": none */
	bool connection_enabled, connection_can_reply;

	const char *buyer_name, *buyer_url;
	const char *item_title, *item_price, *item_url;
	bool details_known;
	const char *dialog_origin; /* what led the buyer here; "": not known */
	int64_t project_id;

	/* Where the team is: the bot in charge now, and the topic as stored. */
	int64_t bot_id;       /* 0: none configured */
	int64_t bot_group_id; /* 0: bound to no group */
	bool bot_topics;
	bool bot_broken;       /* it may not speak */
	const char *bot_token; /* sealed */
	int64_t bot_paused_until;
	int64_t topic_bot_id, topic_group_id, topic_id, card_id;
	bool topic_continues; /* a former one, and does not say so yet */
};

/* External ids of the parts that have arrived at a place, by part; NULL where
 * none has. */
void delivery_copies(struct arena *a, const struct delivery *d,
		     const char *place, int64_t place_id, int n_parts,
		     const char **ids);

/* d->files of what a query gave as JSON; for store/lane.c. */
void delivery_read_files(struct arena *a, struct delivery *d, const char *json);

/* What the quoted message is called at a place, if it can be seen there; else
 * NULL.  Of several parts it is the same that was quoted, if there is one. */
const char *delivery_quote(struct arena *a, const struct delivery *d,
			   const char *place, int64_t place_id);

/* Both inside the caller's transaction.
 *
 * A dead or unsure one goes to its lane's end, a waiting one is taken out.
 * client_id 0: any (administrators).  ERR_MISSING, or ERR_CONFLICT with the
 * reason when its state does not allow it. */
bool delivery_retry(struct db *db, struct arena *a, int64_t client_id,
		    int64_t id, int64_t now, struct err *err);
bool delivery_discard(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, int64_t now, struct err *err);

/* A dead or unsure one to the buyer has arrived after all, by the word of a
 * person, whose name the ledger keeps.  Errors as above. */
bool delivery_confirm(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, const char *who, int64_t now,
		      const char *request_id, struct err *err);

#endif
