/*
 * test_cell.c - from within the cell nothing can be reached.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "convert/cell.h"
#include "harness/unit.h"

#define GOT_IT 40

/* How a process ends that tries this inside the cell. */
static int end_of(void (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct err err = { 0 };

		if (cell_close(&err))
			attempt();
		_exit(1);
	}
	CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
	return status;
}

static void assert_killed(void (*attempt)(void))
{
	int status = end_of(attempt);

	CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void open_file(void)
{
	_exit(open("/etc/passwd", O_RDONLY) >= 0 ? GOT_IT : 0);
}

static void call_out(void)
{
	_exit(socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? GOT_IT : 0);
}

static void run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	_exit(GOT_IT);
}

static void make_process(void)
{
	_exit(fork() >= 0 ? GOT_IT : 0);
}

static void take_memory(void)
{
	char *much = malloc(300UL * 1024 * 1024);

	if (much)
		memset(much, 1, 4096);
	_exit(much ? GOT_IT : 0);
}

static void take_time(void)
{
	for (volatile unsigned long i = 0;; i++)
		;
}

static void use_what_it_needs(void)
{
	char *some = malloc(20UL * 1024 * 1024);

	memset(some, 1, 20UL * 1024 * 1024);
	free(some);
	if (write(STDOUT_FILENO, "", 0) == 0)
		_exit(GOT_IT);
}

static void files_network_and_processes_are_out_of_reach(void)
{
	assert_killed(open_file);
	assert_killed(call_out);
	assert_killed(run_program);
	assert_killed(make_process);
}

static void memory_has_an_end(void)
{
	int status = end_of(take_memory);

	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void time_has_an_end(void)
{
	CU_ASSERT_TRUE(WIFSIGNALED(end_of(take_time)));
}

static void what_decoding_needs_is_there(void)
{
	int status = end_of(use_what_it_needs);

	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == GOT_IT);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(files_network_and_processes_are_out_of_reach),
		UNIT_TEST(memory_has_an_end),
		UNIT_TEST(time_has_an_end),
		UNIT_TEST(what_decoding_needs_is_there),
	};

#ifdef CELL_IS_OPEN
	puts("no cell in a build with sanitizers");
	return 77;
#endif
	return unit_main("cell", tests, ARRAY_LEN(tests), argc, argv);
}
