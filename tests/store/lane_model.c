/*
 * lane_model.c - what lanes should be like.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "store/lane_model.h"

#define WORDS_MAX (1024 * 1024)

bool item_is(const struct item *x, const char *state)
{
	return strcmp(x->state, state) == 0;
}

bool item_is_finished(const struct item *x)
{
	return item_is(x, "done") || item_is(x, "dead") ||
	       item_is(x, "discarded");
}

static void put_last(struct lane *l, struct item *x, int64_t now)
{
	l->items[l->n++] = x;
	x->turn = ++l->last_turn;
	if (!l->held_by && !l->due_at)
		l->due_at = now;
}

void lane_add(struct lane *l, struct item *x, int64_t now)
{
	x->state = "queued";
	put_last(l, x, now);
}

static int head_at(const struct lane *l)
{
	int i = 0;

	while (i < l->n && item_is_finished(l->items[i]))
		i++;
	return i;
}

struct item *lane_head(const struct lane *l)
{
	int i = head_at(l);

	return i < l->n ? l->items[i] : NULL;
}

struct item *lane_find(const struct lane *l, const char *text)
{
	for (int i = 0; i < l->n; i++)
		if (strcmp(l->items[i]->text, text) == 0)
			return l->items[i];
	return NULL;
}

int lane_may_join(const struct lane *l, struct item **list, int limit)
{
	int n = 0;

	for (int i = head_at(l) + 1; i < l->n && n < limit; i++) {
		struct item *x = l->items[i];

		if (item_is_finished(x))
			continue;
		if (!item_is(x, "queued") || x->is_alone)
			break;
		list[n++] = x;
	}
	return n;
}

int lane_travelled(const struct lane *l, struct item **list, int limit)
{
	const struct item *head = lane_head(l);
	int n = 0;

	for (int i = 0; i < l->n && n < limit; i++) {
		struct item *x = l->items[i];

		if (x->leader == head &&
		    (item_is(x, "sending") || item_is(x, "unsure")))
			list[n++] = x;
	}
	return n;
}

static void end_item(struct item *x, const struct outcome *o)
{
	x->state = o->state;
	x->attempts += o->attempts;
	x->is_alone = x->is_alone || o->is_alone;
	if (o->parts_company)
		x->leader = NULL;
}

bool lane_end_with(struct lane *l, const struct outcome *o, struct item **items,
		   int n, int64_t now)
{
	bool in_order = true;

	for (int i = 0; i < n; i++) {
		if (o->state)
			end_item(items[i], o);
		if (o->lane != LANE_FREE)
			continue;
		in_order = in_order && items[i]->turn > l->ended_turn;
		l->ended_turn = items[i]->turn;
	}
	l->queued_at = o->queued_at;
	l->held_by = o->held_by;
	if (o->lane == LANE_KEEP)
		return in_order;
	l->token = NULL;
	if (o->lane == LANE_WAIT)
		l->due_at = o->held_by ? 0 : o->due_at;
	else
		l->due_at = l->last_turn > l->ended_turn ? now : 0;
	return in_order;
}

static void to_the_end(struct lane *l, struct item *x, int64_t now)
{
	int i = 0;

	while (l->items[i] != x)
		i++;
	memmove(&l->items[i], &l->items[i + 1],
		(size_t)(l->n - i - 1) * sizeof(*l->items));
	l->n--;
	put_last(l, x, now);
}

bool lane_retry(struct lane *l, struct item *x, int64_t now)
{
	if (item_is(x, "dead") || item_is(x, "discarded")) {
		x->state = x->is_unsure ? "unsure" : "queued";
		x->leader = NULL;
		to_the_end(l, x, now);
	} else if (item_is(x, "done") || item_is(x, "sending")) {
		return false;
	} else if (!l->token) {
		l->held_by = NULL;
		l->due_at = now;
	}
	x->attempts = 0;
	return true;
}

/* Texts to the team may be about to travel with a head that was claimed and
 * has not begun. */
static bool may_fly(const struct lane *l, const struct item *x)
{
	const struct item *head = lane_head(l);

	return x == head || (strcmp(l->direction, "team") == 0 &&
			     item_is(x, "queued") && item_is(head, "queued"));
}

bool lane_discard(struct lane *l, struct item *x)
{
	if (item_is(x, "done") || item_is(x, "discarded") ||
	    item_is(x, "sending"))
		return false;
	if (l->token && may_fly(l, x))
		return false;
	x->state = "discarded";
	return true;
}

bool lane_confirm(struct lane *l, struct item *x, int64_t now)
{
	if (strcmp(l->direction, "buyer") != 0 ||
	    !(item_is(x, "dead") || (item_is(x, "unsure") && !l->token)))
		return false;
	x->state = "done";
	x->is_unsure = false;
	x->attempt = 0;
	if (!l->token && l->due_at)
		l->due_at = now;
	return true;
}

/* ---- in words ---- */

static void add_lane(struct buf *b, const struct lane *l)
{
	buf_addf(b, "\n%" PRId64 " %s %s due=%" PRId64 " %s turn=%" PRId64,
		 l->dialog_id, l->direction, l->token ? l->token : "-",
		 l->due_at, l->held_by ? l->held_by : "-", l->queued_at);
	for (int i = 0; i < l->n; i++) {
		const struct item *x = l->items[i];

		buf_addf(b, " %s:%s:%d:%s%s", x->text, x->state, x->attempts,
			 x->leader ? x->leader->text : "",
			 x->is_alone ? ":alone" : "");
	}
}

const char *lanes_words(struct arena *a, const struct lane *lanes, int n)
{
	struct buf b;

	buf_init(&b, a, WORDS_MAX);
	for (int i = 0; i < n; i++)
		if (lanes[i].n)
			add_lane(&b, &lanes[i]);
	buf_add_char(&b, '\n');
	return b.s;
}

#define MICROSECONDS(column) \
	"coalesce((extract(epoch FROM " column ") * 1000000)::bigint, 0)"

const char lanes_sql[] =
	"SELECT coalesce(string_agg(E'\\n' || concat_ws(' ', l.dialog_id,"
	" l.direction, coalesce(l.lease_token::text, '-'),"
	" 'due=' || " MICROSECONDS(
		"l.due_at") ", coalesce(l.held_by, '-'),"
			    " 'turn=' || " MICROSECONDS(
				    "l.queued_at") ", x.words), ''"
						   " ORDER BY l.dialog_id, "
						   "l.direction DESC), '') || "
						   "E'\\n'"
						   " FROM lanes l CROSS JOIN "
						   "LATERAL (SELECT "
						   "string_agg(m.text || ':' ||"
						   "  x.state || ':' || "
						   "x.attempts || ':' || "
						   "coalesce(y.text, '') ||"
						   "  CASE WHEN x.is_alone "
						   "THEN ':alone' ELSE '' END, "
						   "' '"
						   "  ORDER BY x.seq) AS words"
						   " FROM deliveries x JOIN "
						   "messages m ON m.id = "
						   "x.message_id"
						   " LEFT JOIN (SELECT d.id, "
						   "t.text FROM deliveries d"
						   "  JOIN messages t ON t.id "
						   "= d.message_id) y ON y.id "
						   "= x.leader_id"
						   " WHERE x.dialog_id = "
						   "l.dialog_id AND "
						   "x.direction = l.direction) "
						   "x";
