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

bool deletion_at_source(struct db *db, struct arena *a,
			const struct message_name *name, const char *by,
			int64_t now, const char *request_id, bool *ring,
			struct err *err)
{
	struct message_state s;
	bool changed = false;

	if (!message_look(db, a, name, false, &s, err))
		return false;
	/* One that we never saw otherwise says so itself. */
	if (s.id && !s.is_deleted && strcmp(s.kind, "deleted") != 0 &&
	    !message_delete(db, a, name->client_id, s.id,
			    strcmp(s.author, "buyer") == 0 ? "buyer" : by, now,
			    request_id, &changed, err))
		return false;
	*ring = *ring || changed;
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
