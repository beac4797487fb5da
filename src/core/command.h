/*
 * command.h - what an operator can tell the bot in a topic.
 *
 * Pure: words in, meaning out.  Who may do it and what it does is in
 * core/topic_command.h.
 */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum command {
	COMMAND_UNKNOWN,
	COMMAND_CLOSE,
	COMMAND_REOPEN,
	COMMAND_TAKE,
	COMMAND_ASSIGN,
	COMMAND_NOTE,
	COMMAND_DELETE,
	COMMAND_INFO,
	COMMAND_HELP,
	COMMAND_GETID,
};

/* "/close", in small letters and without @bot. */
enum command command_read(const char *word);

/* A note begins with two slashes, or with /note: where its own words begin, in
 * bytes.  0: it is none. */
size_t command_note(const char *text);

/* What there is, a line each, for people in Telegram. */
const char *command_help(struct arena *a);

/* What Telegram offers to those who type a slash in a group: counted up with
 * each change of it. */
#define COMMANDS_VERSION 1

struct command_offer {
	const char *word; /* without the slash */
	const char *text;
};
size_t command_offers(struct arena *a, bool russian,
		      struct command_offer **offers);

#endif
