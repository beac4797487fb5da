/*
 * test_hash_gate.c - two hash, two wait, the others are told to come back.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/hash_gate.h"
#include "harness/unit.h"

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

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_third_has_to_come_back),
		UNIT_TEST(who_dies_inside_gives_the_place_back),
	};

	hash_gate_init();
	return unit_main("core/hash_gate", tests, ARRAY_LEN(tests), argc, argv);
}
