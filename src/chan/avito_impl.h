/*
 * avito_impl.h - what the files of the Avito driver share.
 */
#ifndef CHAN_AVITO_IMPL_H
#define CHAN_AVITO_IMPL_H

#include "chan/avito.h"

/* What a call asks for decides what its failure means, and to whom. */
enum avito_call {
	AVITO_ASK,    /* a read or a state: repeating it is harmless */
	AVITO_TOKEN,  /* the same, and nobody has a token yet */
	AVITO_SEND,   /* a message: a lost answer leaves us unsure */
	AVITO_UPLOAD, /* an image: a second one up there disturbs nobody */
};

/* GET of a read, with the token.  The path comes behind the API's base. */
void avito_get(struct arena *a, const struct chan_end *end,
	       struct http_request *rq, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* POST of `body` (NULL: none) as JSON; not idempotent. */
void avito_post(struct arena *a, const struct chan_end *end,
		struct json_object *body, struct http_request *rq,
		const char *fmt, ...) PRINTF_LIKE(5, 6);

const char *avito_base(struct arena *a, const char *api_base);

/* One path segment or query value, percent-encoded. */
const char *avito_segment(struct arena *a, const char *s);

/* A 2xx with JSON: true and *body (NULL for an empty answer or null).  Else
 * err and *trouble as chan.h and section 1.1 of the API's rules say. */
bool avito_reply(struct arena *a, const struct http_reply *reply,
		 enum avito_call call, struct json_object **body,
		 enum chan_trouble *trouble, struct err *err);

/* A 2xx whose JSON is not what was promised. */
bool avito_misread(enum avito_call call, struct err *err);

/* An id as text, whether it came as a string or as a number; "" when absent. */
const char *avito_id(struct arena *a, struct json_object *o, const char *key);

/* A number, also one that came as a string; -1 when absent. */
int64_t avito_number(struct json_object *o, const char *key);

/* The URL of the largest picture of {"WxH": url}; "" when there is none.
 * width and height may be NULL. */
const char *avito_largest(struct json_object *sizes, int *width, int *height);

/* Who wrote it, seen from the account: by author_id, else by direction.
 * False: neither is told. */
bool avito_author(struct json_object *message, int64_t user_id,
		  enum chan_author *author);

/* All but `chat`, from an element of history or a webhook's value. */
void avito_message(struct arena *a, struct json_object *o, int64_t user_id,
		   struct chan_message *m);

void avito_send_write(struct arena *a, const struct chan_end *end,
		      const struct chan_out *out, struct http_request *rq);
bool avito_send_read(struct arena *a, const struct http_reply *reply,
		     struct chan_sent *sent, struct err *err);
void avito_upload_write(struct arena *a, const struct chan_end *end,
			const struct chan_out *out, struct http_request *rq);
bool avito_upload_read(struct arena *a, const struct http_reply *reply,
		       struct chan_sent *uploaded, struct err *err);

/* What was sent, within AVITO_DELETE_S.  It is a POST. */
void avito_delete_write(struct arena *a, const struct chan_end *end,
			const char *chat, const char *id,
			struct http_request *rq);
/* The whole chat, whatever the id. */
void avito_read_up_to_write(struct arena *a, const struct chan_end *end,
			    const char *chat, const char *id,
			    struct http_request *rq);

#endif
