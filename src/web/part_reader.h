/*
 * part_reader.h - a multipart/form-data body read bit by bit.
 *
 * For files: memory does not grow with the body.  What is well formed, and
 * what is not, is the same as in parts.h.
 *
 *	while (part_next(&r, &part, &err) && part.name)
 *		while (part_bytes(&r, &bytes, &len, &err) && len)
 *			...
 *	if (err.kind) ...
 */
#ifndef WEB_PART_READER_H
#define WEB_PART_READER_H

#include "web/part_head.h"

/* Any size of the window from here on does. */
#define PART_WINDOW_MIN (2 * PART_HEAD_MAX)

struct part_reader {
	/* The next bytes of the body, at most len; 0: it has ended. */
	size_t (*read)(void *from, char *s, size_t len);
	void *from;

	/* part_reader.c's own */
	struct arena *a;
	const char *delimiter;
	char *window;
	size_t size, at, len; /* window[at .. len) is still to be read */
	bool began, ended, in_part;
};

/* `read` and `from` are set.  False: ERR_INPUT, the type names no boundary. */
bool part_reader_init(struct part_reader *r, struct arena *a, const char *type,
		      size_t window, struct err *err);

/* The head of the next part; behind the last one its name is NULL.  Call it at
 * first and after the former part has been read to its end.  With an error in
 * *err it fails at once, so that the loop above ends. */
bool part_next(struct part_reader *r, struct http_part *part, struct err *err);

/* Some of the part's bytes, which stay until the next call; *len 0: it has
 * ended. */
bool part_bytes(struct part_reader *r, const char **bytes, size_t *len,
		struct err *err);

#endif
