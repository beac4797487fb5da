/*
 * lane_holder.c - the daemons of a play: they claim, and do with what they
 * hold whatever a job may do.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "harness/relay.h"
#include "harness/unit.h"
#include "store/attempt.h"
#include "store/lane_play.h"

#define LEASE      (60 * SECOND)
#define LEASE_REST (5 * SECOND) /* of a process that died */

/* As their leases begin with. */
static const char *const owners[N_DAEMONS] = { "aaaaaaaaaaaaaaaa",
					       "bbbbbbbbbbbbbbbb" };

/* ---- claims ---- */

static struct lane *lane_of(const struct delivery *d)
{
	for (int i = 0; i < LANES; i++)
		if (play.lanes[i].dialog_id == d->dialog_id &&
		    strcmp(play.lanes[i].direction, d->direction) == 0)
			return &play.lanes[i];
	return NULL;
}

static bool owns(const struct holder *h)
{
	return h->lane->token && strcmp(h->lane->token, h->d.lease_token) == 0;
}

static void forget(struct holder *h)
{
	arena_release(&h->a);
	*h = (struct holder){ 0 };
}

static struct holder *free_holder(void)
{
	for (int i = 0; i < HOLDERS_MAX; i++)
		if (!play.holders[i].db)
			return &play.holders[i];
	/* A job that is dropped here was a process that died. */
	forget(&play.holders[0]);
	return &play.holders[0];
}

static int by_due(const void *x, const void *y)
{
	const struct lane *a = *(struct lane *const *)x;
	const struct lane *b = *(struct lane *const *)y;

	return (a->due_at > b->due_at) - (a->due_at < b->due_at);
}

static int by_turn(const void *x, const void *y)
{
	const struct lane *a = *(struct lane *const *)x;
	const struct lane *b = *(struct lane *const *)y;

	return (a->queued_at > b->queued_at) - (a->queued_at < b->queued_at);
}

/* Whom the model lets come from that room, first come first served. */
static int wanted_from(const struct room *room, struct lane **list)
{
	int n = 0;

	for (int i = 0; i < LANES; i++)
		if (play.lanes[i].held_by &&
		    strcmp(play.lanes[i].held_by, room->key) == 0)
			list[n++] = &play.lanes[i];
	qsort(list, (size_t)n, sizeof(struct lane *), by_turn);
	return n < room->places ? n : room->places;
}

/* Of what is due the longest comes first.  Among those due at the same time
 * any may, so the limit goes up to where it cuts none of them. */
static int wanted_due(int *limit, struct lane **list)
{
	int n = 0;

	for (int i = 0; i < LANES; i++)
		if (play.lanes[i].due_at && play.lanes[i].due_at <= play.now)
			list[n++] = &play.lanes[i];
	qsort(list, (size_t)n, sizeof(struct lane *), by_due);
	while (*limit && *limit < n &&
	       list[*limit - 1]->due_at == list[*limit]->due_at)
		*limit += 1;
	return n < *limit ? n : *limit;
}

static void load_joined(struct holder *h, bool again)
{
	struct item **list = &h->items[1];
	struct err err = { 0 };
	int n;

	if (again) {
		n = lane_travelled(h->lane, list, JOINED_MAX);
		expect_ok(lane_joined(h->db, &h->a, &h->d, &h->joined,
				      &h->n_joined, &err),
			  &err);
	} else {
		n = lane_may_join(h->lane, list, JOINED_MAX);
		expect_ok(lane_behind(h->db, &h->a, &h->d, JOINED_MAX,
				      &h->joined, &h->n_joined, &err),
			  &err);
	}
	expect(n == (int)h->n_joined, "as many travel along as expected");
	for (int i = 0; i < n && !play.has_failed; i++)
		expect(strcmp(h->joined[i].text, list[i]->text) == 0,
		       "those that travel along are in order");
}

static void hold(struct db *by, const struct delivery *d, struct lane *l)
{
	struct holder *h = free_holder();

	h->db = by;
	h->d = *d;
	h->d.lease_token = arena_str(&h->a, d->lease_token);
	h->d.direction = l->direction;
	h->d.text = arena_str(&h->a, d->text);
	h->d.author = arena_str(&h->a, d->author);
	h->d.source = "avito";
	h->d.request_id = "";
	h->lane = l;
	h->items[0] = lane_head(l);
	if (!item_is(h->items[0], "queued"))
		load_joined(h, true);
}

static const struct delivery *
find_claimed(const struct lane *l, const struct delivery *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lane_of(&list[i]) == l)
			return &list[i];
	return NULL;
}

/* The lane has a new holder, or rests when nothing is left in it. */
static bool take_lane(struct lane *l, const struct claim *c,
		      const struct delivery *d)
{
	const struct item *head = lane_head(l);

	l->held_by = NULL;
	l->token = NULL;
	l->due_at = head ? c->lease_until : 0;
	if (!head)
		l->queued_at = 0;
	expect(!d == !head, "a lane is claimed when it has a head");
	if (!d || !head)
		return false;
	expect(strcmp(d->text, head->text) == 0,
	       "the lowest unfinished one is claimed");
	expect(strcmp(d->state, head->state) == 0 &&
		       d->attempts == head->attempts &&
		       d->queued_at == l->queued_at,
	       "it is claimed as it is");
	l->token = arena_str(&unit_arena, d->lease_token);
	return true;
}

static void check_turns(const struct delivery *list, size_t n)
{
	for (size_t i = 1; i < n; i++)
		expect(!list[i].queued_at ||
			       (list[i - 1].queued_at &&
				list[i - 1].queued_at <= list[i].queued_at),
		       "heads come by their turn");
}

void holder_claim(int by, struct claim *c)
{
	struct arena a = { 0 };
	struct lane *wanted[2 * LANES];
	struct delivery *list;
	struct err err = { 0 };
	size_t n = 0;
	int n_wanted = 0, n_heads = 0;

	c->owner = owners[by];
	c->now = play.now;
	c->lease_until = play.now + LEASE;
	for (size_t i = 0; i < c->n_rooms; i++)
		n_wanted += wanted_from(&c->rooms[i], &wanted[n_wanted]);
	n_wanted += wanted_due(&c->due, &wanted[n_wanted]);
	expect_ok(lanes_claim(play_dbs[by], &a, c, &list, &n, &err), &err);
	for (int i = 0; i < n_wanted && !play.has_failed; i++) {
		const struct delivery *d = find_claimed(wanted[i], list, n);

		if (!take_lane(wanted[i], c, d))
			continue;
		n_heads++;
		hold(play_dbs[by], d, wanted[i]);
	}
	expect(n_heads == (int)n, "nothing else is claimed");
	check_turns(list, n);
	arena_release(&a);
}

void holders_claim_some(void)
{
	struct room some[N_ROOMS];
	struct claim c = { .rooms = some };
	int by = pick(N_DAEMONS);

	play.what = by ? "B claims" : "A claims";
	c.due = pick(LANES + 1);
	for (size_t i = 0; i < N_ROOMS; i++)
		if (perhaps(40))
			some[c.n_rooms++] =
				(struct room){ play_rooms[i], 1 + pick(2) };
	holder_claim(by, &c);
}

/* ---- what a holder does ---- */

static void renew(struct holder *h)
{
	struct err err = { 0 };
	int64_t until = play.now + 2 * LEASE;
	bool mine = owns(h);
	bool ok = lane_renew(h->db, &h->a, &h->d, until, &err);

	play.what = "a lease is renewed";
	expect(ok == mine, "who owns the lane renews the lease");
	if (mine)
		h->lane->due_at = until;
}

static void set_sending(struct holder *h, int64_t attempt, int64_t lease_until)
{
	struct item *head = h->items[0];

	for (size_t i = 0; i <= h->n_joined; i++) {
		h->items[i]->state = "sending";
		h->items[i]->leader = i ? head : NULL;
	}
	head->attempt = attempt;
	head->is_unsure = true;
	h->attempt = attempt;
	h->has_begun = true;
	h->lane->due_at = lease_until;
}

static void begin(struct holder *h)
{
	struct attempt_new t = {
		.d = &h->d,
		.joined = h->joined,
		.n_joined = h->n_joined,
		.action = "x",
		.content = h->d.text,
		.lease_until = play.now + LEASE,
	};
	struct err err = { 0 };
	bool mine = owns(h);
	bool ok = db_begin(h->db, &err) &&
		  attempts_begin(h->db, &h->a, &t, 1, play.now, &err);

	play.what = "an attempt begins";
	expect_ok(db_finish(h->db, ok, &err), &err);
	expect((t.id != 0) == mine, "who owns the lane begins");
	if (mine)
		set_sending(h, t.id, t.lease_until);
	else
		forget(h);
}

/* An attempt that is open ends with it. */
static void write_outcome(struct holder *h, struct outcome o)
{
	struct item *head = h->items[0];
	struct err err = { 0 };
	bool mine = owns(h);
	bool ok;

	o.d = &h->d;
	o.joined = h->joined;
	o.n_joined = h->n_joined;
	o.attempt_id = h->attempt;
	ok = db_begin(h->db, &err) &&
	     outcomes_write(h->db, &h->a, &o, 1, play.now, &err);
	expect_ok(db_finish(h->db, ok, &err), &err);
	expect(o.is_owned == mine, "who owns the lane writes");
	if (h->attempt && head->attempt == h->attempt)
		head->is_unsure = strcmp(o.outcome, "unsure") == 0;
	h->attempt = 0;
	if (mine)
		expect(lane_end_with(h->lane, &o, h->items,
				     (int)h->n_joined + 1, play.now),
		       "nobody was overtaken");
	if (!mine || o.lane != LANE_KEEP)
		forget(h);
}

static void part_arrives(struct holder *h)
{
	play.what = "a part has arrived";
	write_outcome(h,
		      (struct outcome){ .lane = LANE_KEEP,
					.outcome = "done",
					.copies = (const char *[]){ h->d.text },
					.n_copies = 1,
					.place = "telegram",
					.place_id = RELAY_GROUP });
}

static void ends(struct holder *h, const char *state)
{
	play.what = state;
	write_outcome(h, (struct outcome){
				 .lane = LANE_FREE,
				 .state = state,
				 .outcome = perhaps(50) ? "unsure" : "done",
				 .reason = "because",
			 });
}

/* What came in unsure stays so until an attempt has begun. */
static struct outcome waiting(const struct holder *h)
{
	bool unsure = item_is(h->items[0], "sending") &&
		      (!h->has_begun || perhaps(30));

	unsure = unsure || item_is(h->items[0], "unsure");
	return (struct outcome){
		.lane = LANE_WAIT,
		.state = unsure ? "unsure" : "queued",
		.outcome = unsure ? "unsure" : "later",
		.attempts = pick(2),
		.parts_company = !unsure,
		.is_alone = !unsure && h->n_joined && perhaps(50),
	};
}

static int64_t later(void)
{
	return play.now + pick(90) * SECOND;
}

static void waits(struct holder *h)
{
	struct outcome o = waiting(h);

	play.what = "it waits for a time";
	o.due_at = later();
	write_outcome(h, o);
}

static void waits_for_room(struct holder *h)
{
	struct outcome o = waiting(h);

	play.what = "it waits for room";
	o.held_by = play_rooms[pick(N_ROOMS)];
	/* Turns are one daemon's and never the same. */
	o.queued_at = h->d.queued_at ? h->d.queued_at : play.now + play.step;
	write_outcome(h, o);
}

static void is_held(struct holder *h)
{
	struct outcome o = waiting(h);

	play.what = "it is held";
	o.held_by = play_objects[pick(N_OBJECTS)];
	write_outcome(h, o);
}

static bool may_join_now(const struct holder *h)
{
	return owns(h) && !h->has_begun && !h->n_joined &&
	       item_is(h->items[0], "queued") && !h->items[0]->is_alone &&
	       strcmp(h->lane->direction, "team") == 0;
}

/* With others it ends only by what became of the attempt. */
static void ends_somehow(struct holder *h)
{
	switch (pick(7)) {
	case 0:
		waits(h);
		return;
	case 1:
	case 2:
		waits_for_room(h);
		return;
	case 3:
		is_held(h);
		return;
	case 4:
		if (h->has_begun || !h->n_joined) {
			ends(h, "dead");
			return;
		}
		begin(h);
		return;
	default:
		if (h->has_begun)
			ends(h, "done");
		else
			begin(h);
	}
}

static struct holder *some_holder(void)
{
	int first = pick(HOLDERS_MAX);

	for (int i = 0; i < HOLDERS_MAX; i++) {
		struct holder *h = &play.holders[(first + i) % HOLDERS_MAX];

		if (h->db)
			return h;
	}
	return NULL;
}

void holders_act(void)
{
	struct holder *h = some_holder();

	if (!h)
		return;
	if (may_join_now(h) && perhaps(50)) {
		play.what = "texts are gathered";
		load_joined(h, false);
		return;
	}
	switch (pick(10)) {
	case 0:
		play.what = "a holder dies";
		forget(h);
		return;
	case 1:
		renew(h);
		return;
	case 2:
	case 3:
	case 4:
		if (!h->attempt)
			begin(h);
		else
			part_arrives(h);
		return;
	default:
		ends_somehow(h);
	}
}

void holders_finish(void)
{
	for (int i = 0; i < HOLDERS_MAX && !play.has_failed; i++) {
		struct holder *h = &play.holders[i];

		if (h->db)
			begin(h);
		if (h->db)
			ends(h, "done");
	}
}

void holders_die(void)
{
	for (int i = 0; i < HOLDERS_MAX; i++)
		if (play.holders[i].db)
			forget(&play.holders[i]);
}

void holders_die_with(int daemon)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	int64_t until = play.now + LEASE_REST, n, n_wanted = 0;

	play.what = "a process has died";
	for (int i = 0; i < HOLDERS_MAX; i++)
		if (play.holders[i].db == play_dbs[daemon])
			forget(&play.holders[i]);
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &play.lanes[i];

		if (!l->token || l->token[0] != owners[daemon][0] ||
		    l->due_at <= until)
			continue;
		l->due_at = until;
		n_wanted++;
	}
	expect_ok(lanes_orphaned(play_dbs[1 - daemon], &a, owners[daemon],
				 until, &n, &err),
		  &err);
	expect(n == n_wanted, "the dead one's leases end soon");
	arena_release(&a);
}
