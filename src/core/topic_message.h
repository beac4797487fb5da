/*
 * topic_message.h - what a person wrote in a group, as the store takes it.
 */
#ifndef CORE_TOPIC_MESSAGE_H
#define CORE_TOPIC_MESSAGE_H

#include "core/bot_say.h"
#include "store/message.h"

/* With its file.  What begins as a note (core/command.h) is one, without that
 * beginning. */
struct topic_message topic_message_read(struct arena *a,
					const struct in_group *g,
					struct message_file *file);

/* The text without "@name" in it, wherever that stands first; false: it does
 * not.  Letters' case does not count.  What is left may be a note. */
bool topic_message_unname(struct arena *a, struct topic_message *m,
			  const char *name);

/* "@name" of one of these (with spaces between) is in the text. */
bool topic_message_names(struct arena *a, const struct topic_message *m,
			 const char *names);

#endif
