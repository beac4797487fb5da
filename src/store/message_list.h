/*
 * message_list.h - the messages of a dialog as the people of a client see
 * them, with what has become of each.
 */
#ifndef STORE_MESSAGE_LIST_H
#define STORE_MESSAGE_LIST_H

#include "store/db.h"

struct message_line {
	int64_t id, client_id, dialog_id;
	const char *origin; /* "avito", "telegram", "web" */
	int64_t origin_id;
	const char *external_id; /* NULL: none */
	const char *kind, *foreign_kind, *text;
	const char *author; /* "buyer", "operator", "seller", "system" */
	const char *author_id, *author_name;
	bool is_auto_reply, is_history;
	const char *hidden_by; /* id of the filter that keeps it here; NULL */
	bool is_archived;
	bool is_note; /* stays inside */
	/* The worst of its ways that is open, or "delivered". */
	const char *status;
	const char *error;  /* of that way; NULL: none */
	const char *files;  /* JSON array, as the API shows attachments */
	const char *copies; /* JSON array of {place, place_id, part, id} */
	int64_t written_at, created_at;
	/* JSON as in chan/chan.h; "": none. */
	const char *entities, *data;
	const char *album;        /* NULL: none */
	int64_t quote_message_id; /* 0: it quotes none that we know */
	int64_t edited_at, deleted_at, read_at; /* 0: not so */
	const char *deleted_by; /* "buyer", "seller", "operator"; or NULL */
	const char *reactions;  /* JSON array of {side, author_id, emoji} */
};

/* The newest `limit` of those before an id (0: of all), oldest of them first.
 * The caller has found the dialog: that proves whose it is. */
bool messages_list(struct db *db, struct arena *a, int64_t client_id,
		   int64_t dialog_id, int64_t before, int limit,
		   struct message_line **list, size_t *n, struct err *err);

/* What a message said before it was edited, oldest first: a JSON array of
 * {text, entities, replaced_at}. */
bool message_versions(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, const char **versions, struct err *err);

/* ERR_MISSING. */
bool message_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  struct message_line *m, struct err *err);

/*
 * What that person has sent from the web under this reference; *id 0: nothing.
 * Holds the reference until the transaction ends, so that of two requests at
 * once the second finds what the first has sent.
 */
bool message_by_ref(struct db *db, struct arena *a, int64_t client_id,
		    int64_t user_id, const char *ref, int64_t *id,
		    int64_t *dialog_id, struct err *err);

#endif
