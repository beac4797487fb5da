/*
 * place.c - where calls go, how much goes there at once, and who waits.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/backoff.h"
#include "daemon/limits.h"
#include "daemon/place.h"
#include "store/window.h"

#define BUCKETS 256

struct places {
	struct place *buckets[BUCKETS];
	int turn; /* with whom the next claim begins */
};

static const char *const words[] = {
	[PLACE_AVITO] = "avito",
	[PLACE_BOT] = "bot",
	[PLACE_SOURCE] = "source",
};

static struct place **bucket_of(struct places *all, enum place_kind kind,
				int64_t id)
{
	return &all->buckets[((uint64_t)id * ARRAY_LEN(words) + kind) %
			     BUCKETS];
}

struct place *place_of(struct daemon *dm, enum place_kind kind, int64_t id)
{
	struct place **at, *p;

	if (!dm->places)
		dm->places = mem_new(sizeof(*dm->places));
	at = bucket_of(dm->places, kind, id);
	for (p = *at; p; p = p->next)
		if (p->kind == kind && p->id == id)
			return p;
	p = mem_new(sizeof(*p));
	*p = (struct place){
		.next = *at,
		.kind = kind,
		.id = id,
		.bot_id = kind == PLACE_BOT ? id : 0,
		.window = WINDOW_FIRST,
		.threshold = WINDOW_MAX,
	};
	snprintf(p->room_key, sizeof(p->room_key), "room:%s:%" PRId64,
		 words[kind], id);
	*at = p;
	return p;
}

const char *place_object(const struct place *p)
{
	return p->room_key + strlen("room:");
}

/* ---- room ---- */

int64_t place_closed_until(const struct place *p, int64_t now)
{
	return p->closed_until > now ? p->closed_until : 0;
}

/* Nothing is free before; a time that lies further away than any quota is from
 * before somebody set the clock back. */
static int64_t quota_until(const struct place *p, int64_t now)
{
	return p->quota_at > now + QUOTA_MAX_US ? 0 : p->quota_at;
}

static int room_at(const struct place *p, int64_t now)
{
	int room = (int)p->window - p->in_work;

	if (p->closed_until > now || quota_until(p, now) > now)
		return 0;
	/* How much of the quota is free shows one by one. */
	if (place_is_tight(p, now) && room > TIGHT_ROOM - p->in_work)
		room = TIGHT_ROOM - p->in_work;
	return room > 0 ? room : 0;
}

bool place_enter(struct place *p, int64_t turn, int64_t now)
{
	if (room_at(p, now) == 0 || (p->has_waiting && !turn))
		return false;
	p->in_work++;
	return true;
}

void place_leave(struct place *p)
{
	p->in_work--;
}

int64_t place_turn(struct place *p, int64_t now)
{
	p->has_waiting = true;
	p->last_turn = p->last_turn < now ? now : p->last_turn + 1;
	return p->last_turn;
}

/* ---- the window ---- */

void place_worked(struct place *p)
{
	p->failures = 0;
	if (p->window < p->threshold)
		p->window += 1;
	else
		p->window += 1 / p->window;
	if (p->window > WINDOW_MAX)
		p->window = WINDOW_MAX;
}

static void cut(struct place *p, int64_t now)
{
	p->threshold = p->window > 2 ? p->window / 2 : 1;
	p->window = p->threshold;
	p->cut_at = now;
}

static void close_until(struct place *p, int64_t until)
{
	if (p->closed_until < until)
		p->closed_until = until;
}

void place_failed(struct place *p, int64_t began_at, int64_t now)
{
	int64_t pause;

	if (began_at < p->cut_at)
		return;
	if (p->window >= 2) {
		cut(p, now);
		return;
	}
	p->cut_at = now;
	pause = backoff_us(p->failures++);
	close_until(p, now + (pause < CLOSED_MAX_US ? pause : CLOSED_MAX_US));
}

int64_t place_told(struct place *p, int told_s, int64_t now)
{
	int64_t pause = told_s ? told_s * SECOND_US : backoff_us(p->failures++);

	cut(p, now);
	close_until(p, now + pause);
	if (p->kind == PLACE_BOT)
		p->tight_until = p->closed_until + TIGHT_US;
	return p->closed_until;
}

/* ---- the quota ---- */

/* Telegram says, in its FAQ for bots: 30 messages a second in all, one a
 * second to a person, 20 a minute to a group. */
static struct window bot_window(const struct daemon *dm, struct place *p,
				char *key, size_t size)
{
	snprintf(key, size, "bot:%" PRId64, p->bot_id);
	return (struct window){ key, (int)dm->s->telegram_bot_per_second,
				SECOND_US, 1 };
}

static struct window chat_window(const struct daemon *dm, struct place *p,
				 int64_t chat_id, char *key, size_t size)
{
	snprintf(key, size, "chat:%" PRId64 ":%" PRId64, p->bot_id, chat_id);
	if (chat_id < 0)
		return (struct window){ key,
					(int)dm->s->telegram_group_per_minute,
					60 * SECOND_US, 1 };
	return (struct window){ key, 1, SECOND_US, 1 };
}

/* What is more than all is granted when all is free. */
static void weigh(struct window *w, size_t n)
{
	w->weight = (int)n < w->limit ? (int)n : w->limit;
}

bool place_take(struct daemon *dm, struct place *p, int64_t chat_id, size_t n,
		int64_t now, int64_t *free_at)
{
	char bot[48], chat[64];
	struct window list[] = {
		bot_window(dm, p, bot, sizeof(bot)),
		chat_window(dm, p, chat_id, chat, sizeof(chat)),
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		weigh(&list[i], n);
	*free_at = 0;
	if (quota_until(p, now) > now) {
		*free_at = p->quota_at;
		return false;
	}
	if (windows_take(dm->windows, list, ARRAY_LEN(list), 1, now, free_at) ==
	    1)
		return true;
	p->quota_at = *free_at;
	p->tight_until = *free_at + TIGHT_US;
	return false;
}

/* So many calls of the bot at once. */
static bool take_of_bot(struct daemon *dm, struct place *p, size_t n,
			int64_t now, int64_t *free_at)
{
	char key[48];
	struct window w = bot_window(dm, p, key, sizeof(key));

	weigh(&w, n);
	return windows_take(dm->windows, &w, 1, 1, now, free_at) == 1;
}

bool place_take_person(struct daemon *dm, struct place *p, int64_t chat_id,
		       size_t n, int64_t now, int64_t *free_at, bool *alone)
{
	char key[64];
	struct window w = chat_window(dm, p, chat_id, key, sizeof(key));

	*alone = false;
	*free_at = quota_until(p, now);
	if (*free_at > now)
		return false;
	*alone = windows_take(dm->windows, &w, 1, 1, now, free_at) != 1;
	if (*alone)
		return false;
	/* The person's turn is spent if the bot has none: a second of one
	 * chat. */
	if (take_of_bot(dm, p, n, now, free_at))
		return true;
	p->quota_at = *free_at;
	return false;
}

bool place_take_small(struct daemon *dm, struct place *p, int64_t now,
		      int64_t *free_at)
{
	return take_of_bot(dm, p, 1, now, free_at);
}

bool place_take_topic(struct daemon *dm, struct place *p, int64_t chat_id,
		      int64_t now, int64_t *free_at)
{
	char bot[48], topics[64];
	struct window list[] = {
		bot_window(dm, p, bot, sizeof(bot)),
		{ topics, TOPIC_CHANGES_PER_MINUTE, 60 * SECOND_US, 1 },
	};

	snprintf(topics, sizeof(topics), "topics:%" PRId64, chat_id);
	return windows_take(dm->windows, list, ARRAY_LEN(list), 1, now,
			    free_at) == 1;
}

bool place_is_tight(const struct place *p, int64_t now)
{
	return p->tight_until > now;
}

/* ---- all of them ---- */

size_t places_rooms(struct daemon *dm, struct arena *a, int max, int64_t now,
		    struct room **rooms, struct place ***of)
{
	size_t n = 0, size = 0;

	for (int i = 0; dm->places && i < BUCKETS; i++)
		for (struct place *p = dm->places->buckets[i]; p; p = p->next)
			size += p->has_waiting;
	*rooms = arena_array(a, size, sizeof(**rooms));
	*of = arena_array(a, size, sizeof(**of));
	if (size == 0)
		return 0;
	dm->places->turn++;
	for (int i = 0; i < BUCKETS && max > 0; i++)
		for (struct place *p =
			     dm->places->buckets[(dm->places->turn + i) %
						 BUCKETS];
		     p && max > 0; p = p->next) {
			int room = p->has_waiting ? room_at(p, now) : 0;

			if (room == 0)
				continue;
			if (room > max)
				room = max;
			max -= room;
			(*of)[n] = p;
			(*rooms)[n++] = (struct room){ p->room_key, room };
		}
	return n;
}

int64_t places_open_at(const struct daemon *dm, int64_t now)
{
	int64_t first = 0;

	for (int i = 0; dm->places && i < BUCKETS; i++)
		for (struct place *p = dm->places->buckets[i]; p; p = p->next) {
			int64_t quota_at = quota_until(p, now);
			int64_t at = p->closed_until > quota_at
					     ? p->closed_until
					     : quota_at;

			if (p->has_waiting && at > now &&
			    (!first || at < first))
				first = at;
		}
	return first;
}

void places_learn(struct daemon *dm, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *word = keys[i] + strlen("room:");
		const char *id = strrchr(keys[i], ':');
		enum place_kind kind = PLACE_AVITO;

		while (kind < PLACE_SOURCE &&
		       strncmp(word, words[kind], (size_t)(id - word)) != 0)
			kind++;
		place_of(dm, kind, strtoll(id + 1, NULL, 10))->has_waiting =
			true;
	}
}
