/*
 * place.h - where calls go, how much goes there at once, and who waits.
 *
 * A place is what one set of limits belongs to: a bot with its group, a bot with
 * the people who write to it (a Telegram source), an Avito account.  Three things hold calls back:
 *
 *   the window  calls in work at once; grows with success, is halved by
 *               failure (as TCP does).  A place that fails with the smallest
 *               window is closed for a while and then tried with one call, so
 *               a dead service costs neither attempts nor work.
 *   a closing   we were told to wait (429), or the place is broken.
 *   the quota   Telegram's messages per second and per minute, counted in
 *               Redis for all daemons (store/window.h).
 *
 * What finds no room waits in the database as "room:bot:5" (store/lane.h),
 * first come first served, and is claimed from there when there is room: so
 * one loud dialog never hides the others, and 100,000 that wait cost nothing.
 */
#ifndef DAEMON_PLACE_H
#define DAEMON_PLACE_H

#include "daemon/daemon.h"
#include "store/lane.h"

struct places;

enum place_kind {
	PLACE_AVITO,  /* an account */
	PLACE_BOT,    /* a bot with its group */
	PLACE_SOURCE, /* a Telegram source: a bot with people in private */
};

struct place {
	struct place *next;
	char room_key[32]; /* "room:bot:5" */
	enum place_kind kind;
	int64_t id;
	int64_t bot_id; /* whose messages a second count; 0: nobody's */

	double window, threshold;
	int in_work;
	int failures;   /* in a row, with the smallest window */
	int64_t cut_at; /* calls begun before that halve nothing more */
	int64_t closed_until;

	int64_t quota_at;    /* nothing is free before; 0: unknown */
	int64_t tight_until; /* the quota has been the bottleneck till then */

	bool has_waiting;  /* lanes wait in the database */
	int64_t last_turn; /* the newest place in their line */
};

/* Made when it is first asked for; lives as long as the process. */
struct place *place_of(struct daemon *dm, enum place_kind kind, int64_t id);

/* "bot:5", "avito:7", "source:3": the object, as in held_by. */
const char *place_object(const struct place *p);

/* Room for one more, now?  `turn`: it has waited for it (queued_at), so it
 * does not stand behind those that wait. */
bool place_enter(struct place *p, int64_t turn, int64_t now);
void place_leave(struct place *p);

/* A turn of its own, behind all that wait. */
int64_t place_turn(struct place *p, int64_t now);

/* How a call went that began then. */
void place_worked(struct place *p);
void place_failed(struct place *p, int64_t began_at, int64_t now);
/* Told to wait (429), until then; told_s 0: a growing while. */
int64_t place_told(struct place *p, int told_s, int64_t now);

/* Nothing goes there before; 0: open. */
int64_t place_closed_until(const struct place *p, int64_t now);

/* n messages of a bot to a chat at once, by Telegram's quota.  false: not before
 * *free_at.  More than a quota's whole are taken when all of it is free. */
bool place_take(struct daemon *dm, struct place *p, int64_t chat_id, size_t n,
		int64_t now, int64_t *free_at);
/* The same to one person.  *alone: only that person's turn is not yet, others
 * may go. */
bool place_take_person(struct daemon *dm, struct place *p, int64_t chat_id,
		       size_t n, int64_t now, int64_t *free_at, bool *alone);
/* A call that is no message, such as a reaction, counts for the bot only. */
bool place_take_small(struct daemon *dm, struct place *p, int64_t now,
		      int64_t *free_at);

/* A change of a topic: few of them, so that Telegram has no cause to make
 * messages wait. */
bool place_take_topic(struct daemon *dm, struct place *p, int64_t chat_id,
		      int64_t now, int64_t *free_at);

/* The quota is the bottleneck there. */
bool place_is_tight(const struct place *p, int64_t now);

/* For the next claim: where lanes wait and may come, at most `max` in all.
 * rooms[i] belongs to of[i]. */
size_t places_rooms(struct daemon *dm, struct arena *a, int max, int64_t now,
		    struct room **rooms, struct place ***of);

/* When a place opens at which lanes wait; 0: none. */
int64_t places_open_at(const struct daemon *dm, int64_t now);

/* Lanes wait at these ("room:bot:5"): told by the database. */
void places_learn(struct daemon *dm, const char *const *keys, size_t n);

#endif
