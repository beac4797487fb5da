/*
 * topic_state.c - a dialog's topic shows how the dialog stands.
 *
 * It shows what is true when it runs.  It waits for everything else: while the
 * bot is told to wait, or the group's quota is used up, topics stay as they
 * are; title and icon change once a minute at most.  A topic that is gone
 * shows nothing, and the next message makes it anew.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "chan/telegram.h"
#include "core/topic_title.h"
#include "daemon/limits.h"
#include "daemon/place.h"
#include "daemon/task/telegram_small.h"
#include "daemon/tasks.h"
#include "store/topic_state.h"

static void go_on(struct run *r);

static struct topic_view *view_of(struct run *r)
{
	return r->state;
}

static bool is_closed(const struct topic_view *v)
{
	return strcmp(v->state, "closed") == 0;
}

static const char *title_of(struct run *r)
{
	const struct topic_view *v = view_of(r);

	return topic_title_with(
		&r->a, topic_title(&r->a, v->buyer_name, v->item_title),
		v->state);
}

/* What changed meanwhile is shown by the next run. */
static bool write_shown(struct run *r, struct err *err)
{
	const struct topic_view *v = view_of(r);
	bool current;

	return topic_view_shown(r->dm->db, &r->a, v, &current, err) &&
	       (current ||
		topic_state_ask(r->dm->db, &r->a, v->client_id, v->dialog_id,
				clock_now_us(), r->t.request_id, err));
}

static bool has_room(struct run *r)
{
	const struct topic_view *v = view_of(r);
	struct place *p = place_of(r->dm, PLACE_BOT, v->bot_id);
	int64_t now = clock_now_us();
	int64_t until = place_closed_until(p, now);

	if (!until && place_is_tight(p, now))
		until = p->tight_until;
	if (!until && place_take_topic(r->dm, p, v->chat_id, now, &until))
		return true;
	run_again(r, until, NULL);
	return false;
}

/* false: the run has ended. */
static bool is_changed(struct run *r)
{
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (tg_read(&r->a, &r->call.reply, &result, &trouble, NULL, &err))
		return true;
	if (trouble == CHAN_TOPIC_GONE || err.kind == ERR_MISSING)
		run_done(r);
	else
		small_failed(r, view_of(r)->bot_id, &err);
	return false;
}

static void on_titled(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct topic_view *v = view_of(r);

	if (!is_changed(r))
		return;
	v->shown_title = title_of(r);
	v->shown_state = v->state;
	v->shown_at = clock_now_us();
	run_done_with(r, write_shown);
}

static void show_title(struct run *r)
{
	const struct topic_view *v = view_of(r);

	if (!has_room(r))
		return;
	r->call.rq = (struct http_request){ 0 };
	tg_edit_topic_write(&r->a, &r->end, v->chat_id, v->topic_id,
			    title_of(r), topic_icon(&r->a, v->icons, v->state),
			    &r->call.rq);
	run_call(r, on_titled);
}

static void on_door(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct topic_view *v = view_of(r);
	struct err err = { 0 };
	bool current;

	if (!is_changed(r))
		return;
	v->shown_closed = is_closed(v);
	if (!topic_view_shown(r->dm->db, &r->a, v, &current, &err) ||
	    !topic_view_find(r->dm->db, &r->a, v->dialog_id, v, &err))
		run_error(r, &err);
	else if (run_renew(r))
		go_on(r);
}

static void show_door(struct run *r)
{
	const struct topic_view *v = view_of(r);

	if (!has_room(r))
		return;
	r->call.rq = (struct http_request){ 0 };
	if (is_closed(v))
		tg_close_topic_write(&r->a, &r->end, v->chat_id, v->topic_id,
				     &r->call.rq);
	else
		tg_reopen_topic_write(&r->a, &r->end, v->chat_id, v->topic_id,
				      &r->call.rq);
	run_call(r, on_door);
}

static void go_on(struct run *r)
{
	const struct topic_view *v = view_of(r);
	int64_t since = clock_now_us() - v->shown_at;

	if (v->shown_closed != is_closed(v))
		show_door(r);
	else if (strcmp(v->shown_state, v->state) == 0 &&
		 strcmp(v->shown_title, title_of(r)) == 0)
		run_done(r);
	else if (v->shown_at && since >= 0 && since < TOPIC_CHANGE_EVERY_US)
		run_again(r, v->shown_at + TOPIC_CHANGE_EVERY_US, NULL);
	else
		show_title(r);
}

static void start(struct run *r)
{
	struct topic_view *v = arena_alloc(&r->a, sizeof(*v));
	struct err err = { 0 };

	r->state = v;
	if (!topic_view_find(r->dm->db, &r->a, r->t.subject_id, v, &err)) {
		if (err.kind == ERR_MISSING)
			run_done(r);
		else
			run_error(r, &err);
	} else if (!v->topic_id) {
		run_done(r);
	} else if (v->bot_broken) {
		run_again(r, clock_now_us() + RECHECK_US, NULL);
	} else if (run_bot_of(r, v->bot_id)) {
		go_on(r);
	}
}

const struct task_type task_topic_state = {
	.kind = "topic.state",
	.start = start,
	.room = ROOM_SMALL,
};
