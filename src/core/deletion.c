/*
 * deletion.c - messages that are taken back.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "chan/telegram.h"
#include "core/deletion.h"
#include "store/complaint.h"
#include "store/delivery.h"
#include "store/message.h"

static bool is_buyers(const struct message_state *s)
{
	return strcmp(s->author, "buyer") == 0;
}

/* It is known by another name at the place where it was written. */
static bool is_item(const struct message_state *s, const struct message_name *n)
{
	return strcmp(s->origin, n->place) == 0 &&
	       s->origin_id == n->place_id &&
	       strcmp(s->external_id, n->external_id) != 0;
}

static bool mark(struct db *db, struct arena *a, struct deletions *x,
		 const struct message_name *name, const struct message_state *s,
		 struct err *err)
{
	bool changed = false;

	if (!message_delete(db, a, name->client_id, s->id,
			    is_buyers(s) ? "buyer" : "seller", x->now,
			    x->request_id, &changed, err))
		return false;
	x->ring = x->ring || changed;
	return true;
}

static bool tell_of_item(struct db *db, struct arena *a, struct deletions *x,
			 const struct message_name *name,
			 const struct message_state *s, struct err *err)
{
	struct dialog_event e = {
		.client_id = name->client_id,
		.dialog_id = s->dialog_id,
		.key = arena_printf(a, "deleted:%s", name->external_id),
		.text = is_buyers(s)
				? "🗑 Клиент удалил один "
				  "файл "
				  "из "
				  "альбома"
				: "🗑 Один файл из альбома "
				  "удалён "
				  "в "
				  "приложении",
		.now = x->now,
		.request_id = x->request_id,
	};
	int64_t id;

	x->ring = true;
	return message_take_event(db, a, &e, &id, err);
}

static bool take(struct db *db, struct arena *a, struct deletions *x,
		 const struct message_name *name, bool items, struct err *err)
{
	struct message_state s;

	if (!message_look(db, a, name, false, &s, err))
		return false;
	/* One that we never saw otherwise says so itself. */
	if (s.id == 0 || s.is_deleted || strcmp(s.kind, "deleted") == 0 ||
	    is_item(&s, name) != items)
		return true;
	return items ? tell_of_item(db, a, x, name, &s, err)
		     : mark(db, a, x, name, &s, err);
}

bool deletions_at_source(struct db *db, struct arena *a, struct deletions *x,
			 struct err *err)
{
	x->ring = false;
	for (int items = 0; items < 2; items++)
		for (size_t i = 0; i < x->n; i++)
			if (!take(db, a, x, &x->names[i], items, err))
				return false;
	return true;
}

static bool refuse(struct deletion *d, struct err *err, const char *en,
		   const char *ru)
{
	d->refusal = ru;
	return err_set(err, ERR_CONFLICT, "%s", en);
}

static bool is_ours(const struct message_state *s)
{
	return strcmp(s->author, "operator") == 0 ||
	       strcmp(s->author, "robot") == 0;
}

/* What lies at the buyer's can be deleted there, now? */
static bool may_delete(struct arena *a, struct deletion *d,
		       const struct message_state *s, struct err *err)
{
	bool is_business = tg_place_owner(s->chat) != 0;
	const struct chan *chan = chan_of(s->source, is_business);
	int64_t hours = chan->delete_within_s / 3600;

	if (!(chan->can & CHAN_CAN_DELETE))
		return refuse(
			d, err, "this service does not let messages be deleted",
			arena_printf(a, "%s не даёт удалять отправленное.",
				     chan->title_ru));
	if (is_business && !s->owner_lets_delete)
		return refuse(d, err,
			      "the owner of the account has not let the bot "
			      "delete messages",
			      "Владелец аккаунта не разрешил боту удалять "
			      "сообщения: это настраивается в Telegram для "
			      "бизнеса.");
	if (s->arrived_at + chan->delete_within_s * CLOCK_SECOND_US > d->now)
		return true;
	d->refusal = arena_printf(a,
				  "%s даёт удалять сообщение только в течение "
				  "%" PRId64 " ч после отправки.",
				  chan->title_ru, hours);
	return err_set(err, ERR_CONFLICT,
		       "%s lets a message be deleted within %d hours after it "
		       "was sent only",
		       chan->title_ru, (int)hours);
}

bool message_delete_for_buyer(struct db *db, struct arena *a,
			      struct deletion *d, struct err *err)
{
	struct message_state s;
	bool changed;

	if (!message_look_id(db, a, d->client_id, d->message_id, &s, err))
		return false;
	if (s.id == 0)
		return err_set(err, ERR_MISSING, "there is no such message");
	if (s.is_deleted)
		return true;
	if (!is_ours(&s) || s.is_note)
		return refuse(d, err,
			      "only what was written to the buyer can be "
			      "deleted",
			      "Удалить можно только то, что написали "
			      "покупателю вы или коллеги.");
	if (s.is_moving)
		return refuse(d, err,
			      "the message is just being sent; try again in a "
			      "moment",
			      "Сообщение как раз отправляется: повторите через "
			      "несколько секунд.");
	if (s.arrived_at && !may_delete(a, d, &s, err))
		return false;
	if (!s.arrived_at && s.has_left)
		return refuse(d, err,
			      "it is not known whether the message has arrived",
			      "Неизвестно, дошло ли сообщение, поэтому удалить "
			      "его нельзя.");
	if (s.delivery_id) {
		if (!delivery_discard(db, a, d->client_id, s.delivery_id,
				      d->now, err))
			return false;
		complaint_queue_show(db, a, s.delivery_id, d->now,
				     d->request_id);
	}
	return message_delete(db, a, d->client_id, s.id, "operator", d->now,
			      d->request_id, &changed, err);
}

bool deletion_find(struct db *db, struct arena *a, int64_t client_id,
		   int64_t chat_id, int64_t message, int64_t *id,
		   struct err *err)
{
	struct message_name name = {
		.client_id = client_id,
		.place = "telegram",
		.place_id = chat_id,
		.external_id = arena_printf(a, "%" PRId64, message),
	};
	struct message_state s;

	if (!message_look(db, a, &name, false, &s, err))
		return false;
	*id = s.id;
	return true;
}
