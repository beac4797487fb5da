/*
 * hash_gate.c - how many passwords are hashed at once.
 *
 * A place is one byte of a nameless file, taken by a record lock: those
 * belong to the process, are shared across fork() by nobody, and end with it.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"
#include "core/hash_gate.h"

#define PLACES   2
#define WAIT_MS  2000
#define LOOK_MS  15
#define RETRY_S  2
#define NO_PLACE (-1)

static int gate_fd = -1;
static int my_place = NO_PLACE;

void hash_gate_init(void)
{
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

bool hash_gate_enter(struct err *err)
{
	const struct timespec pause = { 0, LOOK_MS * 1000000L };
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	if (gate_fd < 0)
		return true;
	for (;;) {
		for (int i = 0; i < PLACES; i++) {
			if (lock(i, F_WRLCK)) {
				my_place = i;
				return true;
			}
		}
		if (clock_mono_ms() >= until_ms)
			break;
		nanosleep(&pause, NULL);
	}
	err_set(err, ERR_LIMIT,
		"too many people are signing in at this moment; try again");
	err->retry_s = RETRY_S;
	return false;
}

void hash_gate_leave(void)
{
	if (my_place != NO_PLACE)
		lock(my_place, F_UNLCK);
	my_place = NO_PLACE;
}
