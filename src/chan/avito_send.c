/*
 * avito_send.c - texts and images on their way to Avito.
 *
 * An image goes up first and is sent by the id it got there.  There are no
 * captions, quotes or other files.  What was sent can be deleted for an hour.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "chan/avito_impl.h"

static struct json_object *text_body(struct arena *a, const char *text)
{
	struct json_object *body = json_new(a);
	struct json_object *message = json_object_new_object();

	json_put_str(message, "text", text);
	json_put(body, "message", message);
	json_put_str(body, "type", "text");
	return body;
}

void avito_send_write(struct arena *a, const struct chan_end *end,
		      const struct chan_out *out, struct http_request *rq)
{
	const char *chat = avito_segment(a, out->chat);
	struct json_object *body;

	switch (out->kind) {
	case CHAN_TEXT:
		avito_post(a, end, text_body(a, out->text), rq,
			   "/messenger/v1/accounts/%" PRId64
			   "/chats/%s/messages",
			   end->account, chat);
		break;
	case CHAN_IMAGE:
		body = json_new(a);
		json_put_str(body, "image_id", out->file_ref);
		avito_post(a, end, body, rq,
			   "/messenger/v1/accounts/%" PRId64
			   "/chats/%s/messages/image",
			   end->account, chat);
		break;
	default:
		bug("avito: a %s cannot be sent", chan_kind_name(out->kind));
	}
}

bool avito_send_read(struct arena *a, const struct http_reply *reply,
		     struct chan_sent *sent, struct err *err)
{
	struct json_object *body;
	const char *id;

	*sent = (struct chan_sent){ 0 };
	if (!avito_reply(a, reply, AVITO_SEND, &body, &sent->trouble, err))
		return false;
	id = avito_id(a, body, "id");
	if (!*id)
		return avito_misread(AVITO_SEND, err);
	sent->id = id;
	return true;
}

void avito_upload_write(struct arena *a, const struct chan_end *end,
			const struct chan_out *out, struct http_request *rq)
{
	struct http_part *part = arena_alloc(a, sizeof(*part));

	*part = (struct http_part){
		.name = "uploadfile[]",
		.filename = out->name && *out->name ? out->name : "image",
		.mime = out->mime,
		.bytes = out->bytes,
		.len = out->len,
	};
	avito_post(a, end, NULL, rq,
		   "/messenger/v1/accounts/%" PRId64 "/uploadImages",
		   end->account);
	rq->parts = part;
	rq->n_parts = 1;
	rq->idempotent = true;
}

/* The id is the key: {"50838.3e79aa": {"1280x960": url, ...}}. */
bool avito_upload_read(struct arena *a, const struct http_reply *reply,
		       struct chan_sent *uploaded, struct err *err)
{
	struct json_object *body;

	*uploaded = (struct chan_sent){ 0 };
	if (!avito_reply(a, reply, AVITO_UPLOAD, &body, &uploaded->trouble,
			 err))
		return false;
	if (!body || !json_object_is_type(body, json_type_object))
		return avito_misread(AVITO_UPLOAD, err);
	json_object_object_foreach(body, key, sizes)
	{
		if (*key && sizes &&
		    json_object_is_type(sizes, json_type_object)) {
			uploaded->id = arena_str(a, key);
			return true;
		}
	}
	return avito_misread(AVITO_UPLOAD, err);
}

void avito_delete_write(struct arena *a, const struct chan_end *end,
			const char *chat, const char *id,
			struct http_request *rq)
{
	avito_post(a, end, NULL, rq,
		   "/messenger/v1/accounts/%" PRId64 "/chats/%s/messages/%s",
		   end->account, avito_segment(a, chat), avito_segment(a, id));
	rq->idempotent = true;
}

void avito_read_up_to_write(struct arena *a, const struct chan_end *end,
			    const char *chat, const char *id UNUSED,
			    struct http_request *rq)
{
	avito_read_write(a, end, chat, rq);
}
