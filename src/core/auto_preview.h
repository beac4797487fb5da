/*
 * auto_preview.h - what would be sent to a message of that moment, and why.
 */
#ifndef CORE_AUTO_PREVIEW_H
#define CORE_AUTO_PREVIEW_H

#include "core/auto_reply.h"
#include "core/auto_text.h"
#include "store/auto_window.h"

struct auto_preview {
	/* Told. */
	const char *auto_reply; /* JSON: the source's, or else the project's */
	const char *greeting;
	const char *project_name, *shop_name;
	bool is_first; /* the message is the first of a new dialog */
	int64_t at, delay_s;

	/* The answer. */
	struct auto_reply set;
	const char *clock;   /* "2026-12-31 23:59:59" in its zone */
	const char *special; /* JSON: the day's entry of `dates`; "" */
	struct auto_window window;
	/* Why no auto-reply starts: "disabled", "closed"; or NULL. */
	const char *reason;
	const char *explanation; /* for people */
	struct auto_forecast {
		const char *kind; /* "greeting", "auto_reply" */
		size_t step;
		int64_t due_at;
		const char *text;
		/* Why not this one: "replaced" by the greeting, "closed" (no
		 * window is open then), "empty"; or NULL. */
		const char *reason;
	} list[AUTO_REPLY_STEPS_MAX + 2];
	size_t n;
};

/* In a dialog in which nothing else was sent, and nobody answers. */
bool auto_preview(struct db *db, struct arena *a, struct auto_preview *p,
		  struct err *err);

#endif
