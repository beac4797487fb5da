/*
 * program.c - one of our programs, run by a test to its end.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "harness/program.h"
#include "harness/unit.h"

#define ARGS_MAX 32
#define ENV_MAX  32

/* Files in memory, not pipes: nobody waits for anybody. */
static int memory_file(const char *content)
{
	int fd = memfd_create("program", MFD_CLOEXEC);

	if (fd < 0)
		die("memfd_create: %s", strerror(errno));
	if (content && write(fd, content, strlen(content)) < 0)
		die("write: %s", strerror(errno));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static const char *content_of(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = arena_alloc(&unit_arena, (size_t)len + 1);

	if (pread(fd, text, (size_t)len, 0) != len)
		die("read: %s", strerror(errno));
	close(fd);
	return text;
}

static const char *const *environment(const struct program *p)
{
	static const char *const kept[] = { "PATH", "TMPDIR", "HOME",
					    "ASAN_OPTIONS", "UBSAN_OPTIONS" };
	const char **env = arena_array(&unit_arena, ENV_MAX + 1, sizeof(*env));
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const char *value = getenv(kept[i]);

		if (value)
			env[n++] = arena_printf(&unit_arena, "%s=%s", kept[i],
						value);
	}
	for (size_t i = 0; p->env && p->env[i] && n < ENV_MAX; i++)
		env[n++] = p->env[i];
	return env;
}

struct ran run_program(const struct program *p, ...)
{
	const char *argv[ARGS_MAX + 1] = { NULL };
	int in = memory_file(p->in), out = memory_file(NULL),
	    err = memory_file(NULL), status;
	const char *const *env = environment(p);
	struct ran ran;
	size_t n = 0;
	va_list ap;
	pid_t pid;

	argv[n++] = arena_printf(&unit_arena, "./%s", p->path);
	va_start(ap, p);
	while (n < ARGS_MAX && (argv[n] = va_arg(ap, const char *)))
		n++;
	va_end(ap);
	pid = fork();
	if (pid == 0) {
		if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
			_exit(126);
		execve(argv[0], (char *const *)(uintptr_t)argv,
		       (char *const *)(uintptr_t)env);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("%s: %s", argv[0], strerror(errno));
	close(in);
	ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	ran.out = content_of(out);
	ran.err = content_of(err);
	return ran;
}
