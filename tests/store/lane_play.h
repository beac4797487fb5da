/*
 * lane_play.h - a play: what its parts share.
 *
 * test_lanes.c directs it and has the people, lane_holder.c the daemons.
 */
#ifndef TESTS_STORE_LANE_PLAY_H
#define TESTS_STORE_LANE_PLAY_H

#include "store/lane.h"
#include "store/lane_model.h"

#define LANE_DIALOGS 4
#define LANES        (2 * LANE_DIALOGS) /* to the team, to the buyer, ... */
#define HOLDERS_MAX  24
#define JOINED_MAX   3

#define SECOND INT64_C(1000000)

enum { N_DAEMONS = 2, N_ROOMS = 2, N_OBJECTS = 2 };

/* Where lanes wait for room, and what may hold them. */
extern const char *const play_rooms[N_ROOMS];
extern const char *const play_objects[N_OBJECTS];

extern struct db *play_dbs[N_DAEMONS];

/* A daemon's job, also when its lease is somebody else's by now. */
struct holder {
	struct arena a;
	struct db *db; /* NULL: nobody */
	struct delivery d;
	struct delivery *joined;
	size_t n_joined;
	struct lane *lane;
	struct item *items[1 + JOINED_MAX]; /* the head, and what joined */
	int64_t attempt;                    /* 0: none is open */
	bool has_begun;
};

extern struct play {
	long long seed;
	uint64_t random;
	int step;
	const char *what;
	bool has_failed;
	int64_t now;
	int messages;
	struct lane lanes[LANES];
	struct holder holders[HOLDERS_MAX];
} play;

/* By chance, as the seed has it. */
int pick(int n);
bool perhaps(int percent);

/* The first thing that does not hold is told and ends the play. */
void expect(bool holds, const char *what);
void expect_ok(bool ok, const struct err *err);

/* That daemon claims; the claim's owner and times are filled in. */
void holder_claim(int by, struct claim *c);
void holders_claim_some(void);

/* One of those that hold a lane, or did, does something. */
void holders_act(void);

/* All that are held end as done. */
void holders_finish(void);
void holders_die(void);

/* That daemon's process has ended, and the other one knows. */
void holders_die_with(int daemon);

#endif
