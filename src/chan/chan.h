/*
 * chan.h - what every outside service is to us: messages in, messages out.
 *
 * A driver is pure.  It writes requests and reads replies and hooks; the
 * daemon does the talking.  So every driver is tested from recorded replies.
 * What is optional is a bit, and a bit promises its functions.
 *
 * To add a service: src/chan/<name>.c with one `const struct chan`, a line in
 * src/chan/all.c, recorded replies in tests/chan/.
 */
#ifndef CHAN_CHAN_H
#define CHAN_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/http.h"
#include "base/json.h"

/* What a message is.  The words of chan_kind_name() stand in the database and
 * in the API; they never change. */
enum chan_kind {
	CHAN_TEXT,
	CHAN_IMAGE,
	CHAN_VOICE,
	CHAN_AUDIO,
	CHAN_VIDEO,
	CHAN_VIDEO_NOTE,
	CHAN_ANIMATION,
	CHAN_DOCUMENT,
	CHAN_STICKER,
	CHAN_LOCATION,
	CHAN_CONTACT,
	CHAN_LINK,
	CHAN_ITEM,
	CHAN_CALL,
	CHAN_POLL,
	CHAN_DICE,
	CHAN_SYSTEM,
	CHAN_DELETED,
	CHAN_UNSUPPORTED, /* a kind we do not know: named, never dropped */
	CHAN_KINDS
};

/* For struct chan's masks. */
#define CHAN_BIT(kind) (1u << (kind))

const char *chan_kind_name(enum chan_kind kind);

/* -1 for a word that is no kind. */
int chan_kind_read(const char *word);

/* Who wrote a message that a service brought. */
enum chan_author {
	CHAN_BUYER,  /* the customer */
	CHAN_SELLER, /* the account itself: our echo, or typed elsewhere */
	CHAN_NOBODY, /* the service's own notices */
};

/* A service's Unix seconds as our time; 0 (never) for what is no sensible
 * one. */
int64_t chan_seconds_at(int64_t seconds);

/* A file that came with a message: by URL, or by a reference that only the
 * service resolves (Avito's voice_id, Telegram's file_id).  Both "": none.
 * What drivers read has no NULL in here. */
struct chan_media {
	const char *url;
	const char *ref;
	const char *unique; /* stable identity where the service has one */
	const char *mime;   /* as the service says; "" unknown */
	const char *name;
	int64_t bytes; /* 0 unknown */
	int width, height, duration_s;
};

/*
 * A message as a service brought it, whatever its dialect.  What cannot be
 * carried (a poll, a video that the service keeps to itself) has no media and
 * a text that names it, so that nobody is left without a word.  No string is
 * NULL but those that say so.
 *
 * `data` is what a message that is more than words consists of, a JSON object:
 *   location  {latitude, longitude, title?, address?}
 *   contact   {phone_number, first_name, last_name?}
 *   poll      {question, options: [text]}
 *   dice      {emoji, value}
 *   sticker   {emoji, format: "static" | "animated" | "video"}
 *   link      {url, title?, description?}
 *   item      {title, price?, url?}
 *   call      {status}
 * `text` says the same in words.
 */
struct chan_message {
	const char *id;   /* external id, opaque */
	const char *chat; /* external chat id, opaque */
	enum chan_kind kind;
	const char *foreign_kind; /* the service's own word for the kind */
	enum chan_author author;
	const char *author_id; /* "" when not told */
	const char *text;      /* what a person reads; "" when none */
	/* Formatting of text: a JSON array of Telegram's MessageEntity, offsets
	 * in UTF-16 units; NULL: none. */
	const char *entities;
	const char *data;  /* NULL: none */
	const char *album; /* what belongs together has the same; NULL */
	struct chan_media media;
	const char *quote_id; /* external id of what it answers, or NULL */
	int64_t created_at;   /* the service's time */
	int64_t read_at;      /* ours: by the buyer; 0: not told */
	int64_t item_id;      /* the ad; 0 when not told */
};

/* Where and as whom a driver acts. */
struct chan_end {
	const char *api_base;
	struct secret token;
	int64_t account; /* Avito: user_id; Telegram: unused */
	/* Telegram Business: business_connection_id; NULL: none. */
	const char *connection;
};

/* One part on its way out: exactly one message at the service. */
struct chan_out {
	enum chan_kind kind; /* CHAN_TEXT, or what .can promises */
	const char *chat;
	int64_t topic;        /* 0: none */
	const char *text;     /* of CHAN_TEXT; caption of others, or NULL */
	const char *entities; /* of text; NULL: none */
	const char *data;     /* as in chan_message; NULL: none */
	const char *reply_to; /* external id, or NULL */
	const char *file_ref; /* what upload_read() gave, or a file id */
	const char *bytes;    /* the file itself, where no upload precedes */
	size_t len;
	const char *mime;
	const char *name;
	int width, height, duration_s;
	bool silent;
};

/* Why a call failed, where the cure differs.  The err kind says how to go on;
 * this says what to mend. */
enum chan_trouble {
	CHAN_FINE,
	CHAN_TOKEN_REFUSED,   /* credentials: a person must act */
	CHAN_TOKEN_STALE,     /* Avito: renew once, then as above */
	CHAN_NO_SUBSCRIPTION, /* Avito 402/403: the account's plan */
	CHAN_OTHER_ACCOUNT,   /* the credentials are somebody else's */
	CHAN_TOPIC_GONE,      /* make it anew */
	CHAN_TOPIC_CLOSED,    /* reopen it */
	CHAN_NOT_FORUM,       /* the group has no topics */
	CHAN_NO_RIGHTS,       /* the bot may not */
	CHAN_KICKED,          /* bot thrown out, or group unknown */
	CHAN_BLOCKED,         /* this person takes no messages */
	CHAN_NOT_CONNECTED,   /* the account is not ours to answer for */
	CHAN_MIGRATED,        /* group got a new id: migrate_to */
	CHAN_REPLY_GONE,      /* send without the quote */
	CHAN_BAD_FILE,        /* this file will never be taken */
	CHAN_WEBHOOK_ACTIVE,  /* no polling while updates go to a webhook */
	CHAN_OTHER_POLLER,    /* another program polls with this token */
};

struct chan_sent {
	const char *id; /* external id of what was made; NULL on failure */
	enum chan_trouble trouble;
	int64_t migrate_to;
};

/* What a service takes from us (CAN) and tells us (BRINGS) besides messages of
 * the kinds in .takes and .brings. */
enum chan_can {
	CHAN_CAN_FORMAT = 1 << 0,  /* entities */
	CHAN_CAN_CAPTION = 1 << 1, /* text travels with the file */
	CHAN_CAN_QUOTE = 1 << 2,   /* reply_to is carried */
	CHAN_CAN_ALBUM = 1 << 3,   /* several files are one thing */
	CHAN_CAN_EDIT = 1 << 4,    /* what was sent, later */
	CHAN_CAN_DELETE = 1 << 5,  /* the same */
	CHAN_CAN_REACT = 1 << 6,
	CHAN_CAN_READ = 1 << 7, /* the buyer sees that we have read */
	CHAN_CAN_TYPING = 1 << 8,
	CHAN_CAN_READ_BACK = 1 << 9, /* an unsure send can be looked up */
	CHAN_MUST_UPLOAD = 1 << 10,  /* files go up first, then are sent */

	CHAN_BRINGS_FORMAT = 1 << 16,
	CHAN_BRINGS_QUOTE = 1 << 17,
	CHAN_BRINGS_ALBUM = 1 << 18,
	CHAN_BRINGS_EDIT = 1 << 19,
	CHAN_BRINGS_DELETE = 1 << 20,
	CHAN_BRINGS_REACTION = 1 << 21,
	CHAN_BRINGS_READ = 1 << 22, /* the buyer has read ours */
};

struct chan {
	const char *name; /* never changes */
	unsigned takes;   /* kinds that can be sent as they are: CHAN_BIT() */
	unsigned brings;  /* kinds that come as what they are */
	unsigned hides;   /* kinds that it only names to us */
	unsigned can;     /* enum chan_can */
	size_t text_max;  /* in UTF-16 units or code points: */
	bool text_by_units;
	size_t caption_max; /* 0 without CHAN_CAN_CAPTION */
	size_t album_max;   /* items; 0 without CHAN_CAN_ALBUM */
	size_t image_max_bytes;
	size_t file_max_bytes;
	int64_t delete_within_s; /* of what was sent; with CHAN_CAN_DELETE */
	const char *title_ru;    /* as people read it: "Avito" */

	/* One part.  The request is not idempotent. */
	void (*send_write)(struct arena *a, const struct chan_end *end,
			   const struct chan_out *out, struct http_request *rq);

	/*
	 * true: *sent holds the id.  false: err and sent->trouble say why:
	 * ERR_LIMIT (err->retry_s), ERR_DOWN (nothing happened, try later),
	 * ERR_INPUT (this message will never be taken), ERR_AUTH and
	 * ERR_DENIED (account- or group-wide: hold), ERR_MISSING (the chat or
	 * topic is gone), ERR_CONFLICT (mend what trouble names, then send
	 * again at once), ERR_UNSURE (it may have happened).  The text is
	 * Russian, for the people of the cabinet and the topic.
	 */
	bool (*send_read)(struct arena *a, const struct http_reply *reply,
			  struct chan_sent *sent, struct err *err);

	/* CHAN_MUST_UPLOAD.  The result goes to chan_out.file_ref. */
	void (*upload_write)(struct arena *a, const struct chan_end *end,
			     const struct chan_out *out,
			     struct http_request *rq);
	bool (*upload_read)(struct arena *a, const struct http_reply *reply,
			    struct chan_sent *uploaded, struct err *err);

	/* CHAN_CAN_ALBUM: 2 to album_max files in one request; sent[] has room
	 * for n.  Errors as of send_read(), in the first of them. */
	void (*album_write)(struct arena *a, const struct chan_end *end,
			    const struct chan_out *out, size_t n,
			    struct http_request *rq);
	bool (*album_read)(struct arena *a, const struct http_reply *reply,
			   struct chan_sent *sent, size_t n, struct err *err);

	/* CHAN_CAN_EDIT: text (or, of what is no text, caption) of the message
	 * `id` becomes that of `out`.  CHAN_CAN_DELETE, _REACT (emoji NULL: no
	 * longer), _READ (up to `id`) and _TYPING alike; all are idempotent,
	 * and their answers are read by done_read(). */
	void (*edit_write)(struct arena *a, const struct chan_end *end,
			   const struct chan_out *out, const char *id,
			   struct http_request *rq);
	void (*delete_write)(struct arena *a, const struct chan_end *end,
			     const char *chat, const char *id,
			     struct http_request *rq);
	void (*react_write)(struct arena *a, const struct chan_end *end,
			    const char *chat, const char *id, const char *emoji,
			    struct http_request *rq);
	void (*read_write)(struct arena *a, const struct chan_end *end,
			   const char *chat, const char *id,
			   struct http_request *rq);
	void (*typing_write)(struct arena *a, const struct chan_end *end,
			     const char *chat, struct http_request *rq);
	bool (*done_read)(struct arena *a, const struct http_reply *reply,
			  enum chan_trouble *trouble, struct err *err);
};

/* Does a message of that kind go there as what it is? */
static inline bool chan_takes(const struct chan *c, enum chan_kind kind)
{
	return c->takes & CHAN_BIT(kind);
}

/* By name, NULL when there is none. */
const struct chan *chan_find(const char *name);

/* The driver of a dialog's buyer: its source, and whether it is the chat of a
 * connected personal account. */
const struct chan *chan_of(const char *source, bool is_business);

extern const struct chan *const chan_all[]; /* ends with NULL */

#endif
