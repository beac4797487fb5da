/*
 * cell.c - what a process may still do once it reads a stranger's bytes
 * (over libseccomp).
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <seccomp.h>

#include "convert/cell.h"

/* Room for an image of STICKER_PIXELS_MAX, its PNG and both libraries. */
#define MEMORY_MAX_BYTES (256UL * 1024 * 1024)
/* An image of that size takes half a second. */
#define CPU_MAX_S 2

#ifdef CELL_IS_OPEN

bool cell_close(struct err *err UNUSED)
{
	return true;
}

#else

static bool limit(int what, rlim_t max)
{
	struct rlimit r = { max, max };

	return setrlimit(what, &r) == 0;
}

static bool forbid_calls(void)
{
	static const int allowed[] = {
		SCMP_SYS(read),    SCMP_SYS(write),      SCMP_SYS(brk),
		SCMP_SYS(mmap),    SCMP_SYS(munmap),     SCMP_SYS(mremap),
		SCMP_SYS(madvise), SCMP_SYS(exit_group),
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool ok = ctx != NULL;

	for (size_t i = 0; ok && i < ARRAY_LEN(allowed); i++)
		ok = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	ok = ok && seccomp_load(ctx) == 0;
	seccomp_release(ctx);
	return ok;
}

bool cell_close(struct err *err)
{
	/* No core either: it would hold what somebody sent in confidence. */
	if (limit(RLIMIT_AS, MEMORY_MAX_BYTES) &&
	    limit(RLIMIT_CPU, CPU_MAX_S) && limit(RLIMIT_FSIZE, 0) &&
	    limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 3) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && forbid_calls())
		return true;
	return err_set(err, ERR_DOWN, "the process cannot be confined: %s",
		       strerror(errno));
}

#endif
