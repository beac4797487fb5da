/*
 * cell.h - what a process may still do once it reads a stranger's bytes.
 *
 * Whoever takes it over through a mistake in a decoder finds no file, no
 * network, no other process, and little memory and time.
 */
#ifndef CONVERT_CELL_H
#define CONVERT_CELL_H

#include "base/err.h"

/* Builds with sanitizers go without: what those need is what this takes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CELL_IS_OPEN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define CELL_IS_OPEN 1
#endif
#endif

/*
 * From now on: so much memory and processor time, no new files, nothing but
 * read(), write(), memory and the end of the process.  Any other system call
 * ends it.  ERR_DOWN: the system does not offer that.
 */
bool cell_close(struct err *err);

#endif
