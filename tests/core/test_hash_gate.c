/*
 * test_hash_gate.c - two hash, two wait, the others are told to come back, and
 * all of them give way.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/hash_gate.h"
#include "harness/unit.h"

#define FEW_CORES   2
#define CORES       4
#define DEADLINE_MS 20000

/* A process that is inside, until it is killed. */
static pid_t enter_and_stay(void)
{
	int ready[2];
	char word;
	pid_t pid;

	CU_ASSERT_FATAL(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		struct err err = { 0 };

		if (!hash_gate_enter(&err) || write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	CU_ASSERT(read(ready[0], &word, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void few_cores_have_one_place(void)
{
	struct err err = { 0 };
	pid_t first;

	hash_gate_init(FEW_CORES);
	first = enter_and_stay();
	CU_ASSERT_TRUE(hash_gate_may_come(&err));
	CU_ASSERT_FALSE(hash_gate_enter(&err));
	UNIT_ASSERT_INT(err.kind, ERR_LIMIT);
	end(first);
	hash_gate_init(CORES);
}

static void a_third_has_to_come_back(void)
{
	pid_t first = enter_and_stay(), second = enter_and_stay();
	struct err err = { 0 };

	CU_ASSERT_FALSE(hash_gate_enter(&err));
	UNIT_ASSERT_INT(err.kind, ERR_LIMIT);
	CU_ASSERT(err.retry_s > 0);
	end(first);
	end(second);
}

static void who_dies_inside_gives_the_place_back(void)
{
	pid_t first = enter_and_stay(), second = enter_and_stay();
	struct err err = { 0 };

	end(first);
	CU_ASSERT_TRUE(hash_gate_enter(&err));
	hash_gate_leave();
	end(second);
}

static void what_was_hashed_is_known_again(void)
{
	struct secret right = { "correct horse", 13 }, wrong = { "horse", 5 };
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *hash = NULL;

	CU_ASSERT_TRUE_FATAL(hash_gate_hash(&a, right, &hash, &err));
	CU_ASSERT_TRUE(hash_gate_matches(hash, right));
	CU_ASSERT_FALSE(hash_gate_matches(hash, wrong));
	CU_ASSERT_FALSE(hash_gate_matches("", right));
	arena_release(&a);
}

/* The weakest priority among the threads of a process. */
static int weakest(pid_t pid)
{
	char path[64];
	int found = getpriority(PRIO_PROCESS, (id_t)pid);
	struct dirent *entry;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(threads);
	while ((entry = readdir(threads))) {
		int tid = (int)strtol(entry->d_name, NULL, 10);
		int nice;

		errno = 0;
		nice = getpriority(PRIO_PROCESS, (id_t)tid);
		if (tid && errno == 0 && nice > found)
			found = nice;
	}
	closedir(threads);
	return found;
}

static void hashing_gives_way_and_the_rest_does_not(void)
{
	int usual = getpriority(PRIO_PROCESS, 0), seen = usual;
	int64_t until_ms = clock_mono_ms() + DEADLINE_MS;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			hash_gate_matches("", (struct secret){ "x", 1 });
	while (seen == usual && clock_mono_ms() < until_ms)
		seen = weakest(pid);
	CU_ASSERT(seen > usual);
	UNIT_ASSERT_INT(getpriority(PRIO_PROCESS, (id_t)pid), usual);
	end(pid);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(few_cores_have_one_place),
		UNIT_TEST(a_third_has_to_come_back),
		UNIT_TEST(who_dies_inside_gives_the_place_back),
		UNIT_TEST(what_was_hashed_is_known_again),
		UNIT_TEST(hashing_gives_way_and_the_rest_does_not),
	};

	secret_init();
	hash_gate_init(CORES);
	return unit_main("core/hash_gate", tests, ARRAY_LEN(tests), argc, argv);
}
