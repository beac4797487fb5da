/*
 * telegram_impl.h - what the files of the Telegram driver share.
 */
#ifndef CHAN_TELEGRAM_IMPL_H
#define CHAN_TELEGRAM_IMPL_H

#include "chan/telegram.h"

/* POST of `params` as JSON; not idempotent. */
void tg_call(struct arena *a, const struct chan_end *end, const char *method,
	     struct json_object *params, struct http_request *rq);

/* The same as multipart/form-data, with files, if there are any.  Objects and
 * arrays of `params` become JSON text. */
void tg_call_with_files(struct arena *a, const struct chan_end *end,
			const char *method, struct json_object *params,
			const struct http_part *files, size_t n,
			struct http_request *rq);

/* The file of `out` under `field`. */
struct http_part tg_file_of(const char *field, const struct chan_out *out);

/* tg_read() for a call that makes something: a lost answer is ERR_UNSURE. */
bool tg_read_made(struct arena *a, const struct http_reply *reply,
		  struct json_object **result, enum chan_trouble *trouble,
		  int64_t *migrate_to, struct err *err);

/* A call that made something answered ok, but not what it made. */
bool tg_misread_made(struct err *err);

/* chat_id, and for whom the bot speaks there. */
void tg_put_chat(struct arena *a, struct json_object *p,
		 const struct chan_end *end, const char *chat);
/* That, and all else that comes before what is sent. */
struct json_object *tg_send_params(struct arena *a, const struct chan_end *end,
				   const struct chan_out *out);
/* The text of `out` and its formatting under these names. */
void tg_put_text(struct arena *a, struct json_object *p, const char *text_key,
		 const char *entities_key, const struct chan_out *out);

/* kind, text and media from a message; false when it holds nothing that we
 * know, so that it may as well be news about the chat. */
bool tg_content(struct arena *a, struct json_object *message,
		struct chan_message *m);

/* A Message object; `kind` is what it was brought as. */
bool tg_message_read(struct arena *a, struct json_object *o,
		     enum tg_update_kind kind, struct tg_update *u,
		     struct err *err);

/* "First Last", of a User or a private Chat; "": neither. */
const char *tg_person_name(struct arena *a, struct json_object *person);

/* What a business connection brings; anything else is left alone. */
bool tg_business_read(struct arena *a, struct json_object *body,
		      struct tg_update *u, struct err *err);

void tg_send_write(struct arena *a, const struct chan_end *end,
		   const struct chan_out *out, struct http_request *rq);
bool tg_send_read(struct arena *a, const struct http_reply *reply,
		  struct chan_sent *sent, struct err *err);

/* telegram_album.c; as in chan.h. */
void tg_album_write(struct arena *a, const struct chan_end *end,
		    const struct chan_out *out, size_t n,
		    struct http_request *rq);
bool tg_album_read(struct arena *a, const struct http_reply *reply,
		   struct chan_sent *sent, size_t n, struct err *err);

/* telegram_act.c; as in chan.h. */
void tg_edit_content_write(struct arena *a, const struct chan_end *end,
			   const struct chan_out *out, const char *id,
			   struct http_request *rq);
void tg_delete_write(struct arena *a, const struct chan_end *end,
		     const char *chat, const char *id, struct http_request *rq);
void tg_delete_business_write(struct arena *a, const struct chan_end *end,
			      const char *chat, const char *id,
			      struct http_request *rq);
void tg_react_to_write(struct arena *a, const struct chan_end *end,
		       const char *chat, const char *id, const char *emoji,
		       struct http_request *rq);
void tg_read_business_write(struct arena *a, const struct chan_end *end,
			    const char *chat, const char *id,
			    struct http_request *rq);
void tg_typing_write(struct arena *a, const struct chan_end *end,
		     const char *chat, struct http_request *rq);
bool tg_done_read(struct arena *a, const struct http_reply *reply,
		  enum chan_trouble *trouble, struct err *err);

#endif
