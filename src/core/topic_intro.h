/*
 * topic_intro.h - the first words in a topic that continues a former one.
 */
#ifndef CORE_TOPIC_INTRO_H
#define CORE_TOPIC_INTRO_H

#include "store/topic.h"

/* So many of the last messages are told. */
#define TOPIC_INTRO_LINES 10

/* One text that Telegram takes: that it continues, and who wrote what when,
 * oldest first; what is no text is named by its kind. */
const char *topic_intro(struct arena *a, const char *buyer_name,
			const struct topic_line *lines, size_t n);

#endif
