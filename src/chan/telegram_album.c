/*
 * telegram_album.c - several files that are shown as one message.
 *
 * Each is a message of its own for Telegram, and the answer names all of them
 * in order.
 */
#include "config.h"

#include <inttypes.h>

#include "base/text.h"
#include "chan/telegram_impl.h"

static const char *type_of(enum chan_kind kind)
{
	switch (kind) {
	case CHAN_IMAGE:
		return "photo";
	case CHAN_VIDEO:
		return "video";
	case CHAN_AUDIO:
		return "audio";
	case CHAN_DOCUMENT:
		return "document";
	default:
		bug("telegram: a %s is no item of an album",
		    chan_kind_name(kind));
	}
}

static void put_sizes(struct json_object *item, const struct chan_out *out)
{
	if (out->kind == CHAN_VIDEO && out->width > 0 && out->height > 0) {
		json_put_i64(item, "width", out->width);
		json_put_i64(item, "height", out->height);
	}
	if ((out->kind == CHAN_VIDEO || out->kind == CHAN_AUDIO) &&
	    out->duration_s > 0)
		json_put_i64(item, "duration", out->duration_s);
}

/* What has no file id yet goes up with the call, under this name. */
static const char *attached(struct arena *a, size_t i)
{
	return arena_printf(a, "file%zu", i);
}

static struct json_object *item_of(struct arena *a, const struct chan_out *out,
				   size_t i)
{
	struct json_object *item = json_object_new_object();

	json_put_str(item, "type", type_of(out->kind));
	json_put_str(item, "media",
		     out->file_ref && *out->file_ref
			     ? out->file_ref
			     : arena_printf(a, "attach://%s", attached(a, i)));
	if (out->text && !text_is_blank(out->text))
		tg_put_text(a, item, "caption", "caption_entities", out);
	put_sizes(item, out);
	return item;
}

void tg_album_write(struct arena *a, const struct chan_end *end,
		    const struct chan_out *out, size_t n,
		    struct http_request *rq)
{
	struct json_object *p = tg_send_params(a, end, out);
	struct json_object *media = json_object_new_array();
	struct http_part *files = arena_array(a, n, sizeof(*files));
	size_t n_files = 0;

	json_put(p, "media", media);
	for (size_t i = 0; i < n; i++) {
		json_object_array_add(media, item_of(a, &out[i], i));
		if (!out[i].file_ref || !*out[i].file_ref)
			files[n_files++] = tg_file_of(attached(a, i), &out[i]);
	}
	tg_call_with_files(a, end, "sendMediaGroup", p, files, n_files, rq);
}

bool tg_album_read(struct arena *a, const struct http_reply *reply,
		   struct chan_sent *sent, size_t n, struct err *err)
{
	struct json_object *list;

	for (size_t i = 0; i < n; i++)
		sent[i] = (struct chan_sent){ 0 };
	if (!tg_read_made(a, reply, &list, &sent->trouble, &sent->migrate_to,
			  err))
		return false;
	if (!json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) != n)
		return tg_misread_made(err);
	for (size_t i = 0; i < n; i++) {
		struct json_object *m = json_object_array_get_idx(list, i);
		int64_t id = json_i64(m, "message_id", 0);

		if (id <= 0)
			return tg_misread_made(err);
		sent[i].id = arena_printf(a, "%" PRId64, id);
	}
	return true;
}
