/*
 * hash_gate.c - hashing passwords without being in anybody's way.
 *
 * A place is one byte of a nameless file, taken by a record lock: those
 * belong to the process, are shared across fork() by nobody, and end with it.
 */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "core/hash_gate.h"

/* Whoever waits holds a worker, so few may: the others are told at once, and
 * a storm of sign-ins leaves workers for the rest. */
#define MOST_PLACES 2
#define ROOM        4 /* inside or waiting */
#define WAIT_MS     2000
#define LOOK_MS     15
#define RETRY_S     2

#define FEW_CORES 2

/* A tenth of the share that who does not give way has. */
#define GIVES_WAY 10

#define NO_PLACE (-1)

static int gate_fd = -1;
static int places = MOST_PLACES;
static int my_place = NO_PLACE;

void hash_gate_init(long cores)
{
	places = cores > FEW_CORES ? MOST_PLACES : 1;
	gate_fd = memfd_create("hash-gate", MFD_CLOEXEC);
	if (gate_fd < 0)
		die("memfd_create: no gate for password hashing");
}

static bool lock(int place, short type)
{
	struct flock l = { .l_type = type,
			   .l_whence = SEEK_SET,
			   .l_start = place,
			   .l_len = 1 };

	return fcntl(gate_fd, F_SETLK, &l) == 0;
}

/* One of n places from `first` on, else NO_PLACE. */
static int take(int first, int n)
{
	for (int i = first; i < first + n; i++)
		if (lock(i, F_WRLCK))
			return i;
	return NO_PLACE;
}

static int wait_for_place(void)
{
	const struct timespec pause = { 0, LOOK_MS * 1000000L };
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	int waiting = take(places, ROOM - places), place = NO_PLACE;

	if (waiting == NO_PLACE)
		return NO_PLACE;
	while (place == NO_PLACE && clock_mono_ms() < until_ms) {
		nanosleep(&pause, NULL);
		place = take(0, places);
	}
	lock(waiting, F_UNLCK);
	return place;
}

static bool refuse(struct err *err)
{
	err_set(err, ERR_LIMIT,
		"too many people are signing in at this moment; try again");
	err->retry_s = RETRY_S;
	return false;
}

static bool is_free(int place)
{
	struct flock l = { .l_type = F_WRLCK,
			   .l_whence = SEEK_SET,
			   .l_start = place,
			   .l_len = 1 };

	return fcntl(gate_fd, F_GETLK, &l) != 0 || l.l_type == F_UNLCK;
}

bool hash_gate_may_come(struct err *err)
{
	if (gate_fd < 0)
		return true;
	for (int i = 0; i < ROOM; i++)
		if (is_free(i))
			return true;
	return refuse(err);
}

bool hash_gate_enter(struct err *err)
{
	if (gate_fd < 0)
		return true;
	my_place = take(0, places);
	if (my_place == NO_PLACE)
		my_place = wait_for_place();
	return my_place != NO_PLACE || refuse(err);
}

void hash_gate_leave(void)
{
	if (my_place != NO_PLACE)
		lock(my_place, F_UNLCK);
	my_place = NO_PLACE;
}

/* One of both, as `out` says. */
struct hashing {
	struct secret password;
	struct arena *a;
	const char **out;
	const char *known;
	struct err *err;
	bool ok;
};

static void hash(struct hashing *h)
{
	h->ok = h->out ? password_hash(h->a, h->password, h->out, h->err)
		       : password_matches(h->known, h->password);
}

/* Linux has a priority for each thread; 0 is the one that asks. */
static void *hash_behind_others(void *arg)
{
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + GIVES_WAY);
	hash(arg);
	return NULL;
}

/* Its thread has ended on return.  Signals stay blocked in it that are so
 * here, and without a thread the password is hashed all the same. */
static bool run(struct hashing *h)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, hash_behind_others, h) == 0)
		pthread_join(thread, NULL);
	else
		hash(h);
	return h->ok;
}

bool hash_gate_hash(struct arena *a, struct secret password, const char **out,
		    struct err *err)
{
	return run(&(struct hashing){
		.password = password, .a = a, .out = out, .err = err });
}

bool hash_gate_matches(const char *known, struct secret password)
{
	return run(&(struct hashing){ .password = password, .known = known });
}
