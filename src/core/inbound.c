/*
 * inbound.c - a message that Avito shows or tells of, into the database.
 */
#include "config.h"

#include "core/deletion.h"
#include "core/inbound.h"
#include "core/topic_title.h"
#include "store/dialog_source.h"
#include "store/message.h"

size_t inbound_file(const struct chan_message *m, struct message_file *file)
{
	const struct chan_media *f = &m->media;
	bool has_file = (f->url && *f->url) || (f->ref && *f->ref);

	*file = (struct message_file){
		.kind = chan_kind_name(m->kind),
		.url = f->url,
		.ref = f->ref,
		.mime = f->mime,
		.name = f->name,
		.bytes = f->bytes,
		.width = f->width,
		.height = f->height,
		.duration_s = f->duration_s,
	};
	return has_file;
}

static bool note_deletion(struct db *db, struct arena *a,
			  const struct inbound *in,
			  const struct chan_message *m, bool *changed,
			  struct err *err)
{
	struct message_name name = {
		.client_id = in->client_id,
		.place = chan_avito.name,
		.place_id = in->account_id,
		.external_id = m->id,
	};
	struct deletions x = {
		.names = &name,
		.n = 1,
		.now = in->now,
		.request_id = in->request_id,
	};

	if (!deletions_at_source(db, a, &x, err))
		return false;
	*changed = *changed || x.ring;
	return true;
}

bool inbound_again(struct db *db, struct arena *a, const struct inbound *in,
		   const struct chan_message *m, size_t n, bool *changed,
		   struct err *err)
{
	struct message_reading *list = arena_array(a, n, sizeof(*list));
	size_t n_read = 0;

	for (size_t i = 0; i < n; i++) {
		if (m[i].kind == CHAN_DELETED &&
		    !note_deletion(db, a, in, &m[i], changed, err))
			return false;
		if (m[i].author == CHAN_SELLER && m[i].read_at)
			list[n_read++] =
				(struct message_reading){ m[i].id,
							  m[i].read_at };
	}
	if (n_read)
		messages_queue_read(db, a, in->client_id, chan_avito.name,
				    in->account_id, list, n_read);
	return true;
}

static bool take(struct db *db, struct arena *a, const struct message_in *row,
		 enum chan_author author, int64_t *id, struct err *err)
{
	switch (author) {
	case CHAN_BUYER:
		return message_take_buyer(db, a, row, id, err);
	case CHAN_SELLER:
		return message_take_own(db, a, row, id, err);
	case CHAN_NOBODY:
		break;
	}
	return message_take_system(db, a, row, id, err);
}

bool inbound_avito(struct db *db, struct arena *a, const struct inbound *in,
		   const struct chan_message *m, int64_t *id, struct err *err)
{
	struct message_file file;
	struct message_in row = {
		.client_id = in->client_id,
		.source = chan_avito.name,
		.source_id = in->account_id,
		.chat = m->chat,
		.external_id = m->id,
		.author_id = m->author_id,
		.author_name = "",
		.kind = chan_kind_name(m->kind),
		.foreign_kind = m->foreign_kind,
		.text = m->text,
		.entities = m->entities,
		.data = m->data,
		.album = m->album,
		.quote_id = m->quote_id,
		.files = &file,
		.n_files = inbound_file(m, &file),
		.item_id = m->item_id,
		.buyer_id = m->author == CHAN_BUYER ? m->author_id : "",
		.written_at = m->created_at,
		.now = in->now,
		.request_id = in->request_id,
		.history = in->history,
	};
	bool changed = false;

	dialog_queue_make(db, a, &row);
	/* One that is here already has been deleted since. */
	return take(db, a, &row, m->author, id, err) &&
	       (m->kind != CHAN_DELETED || *id ||
		note_deletion(db, a, in, m, &changed, err));
}

bool inbound_chat(struct db *db, struct arena *a, const struct inbound *in,
		  const struct avito_chat *c, int64_t *dialog_id,
		  struct err *err)
{
	struct chat_details details = {
		.client_id = in->client_id,
		.account_id = in->account_id,
		.chat = c->id,
		.buyer_id = c->buyer_id,
		.buyer_name = c->buyer_name,
		.buyer_url = c->buyer_url,
		.item_id = c->item_id,
		.item_title = c->item_title,
		.item_price = c->item_price,
		.item_url = c->item_url,
		.last_at = c->last_at,
		.now = in->now,
	};

	return dialog_learn(db, a, &details, dialog_id, err) &&
	       topic_title_mend(db, a, *dialog_id, in->now, in->request_id,
				err);
}
