/*
 * user_agent.h - a browser as people call it.
 */
#ifndef WEB_USER_AGENT_H
#define WEB_USER_AGENT_H

#include "base/arena.h"

/* "Firefox, Linux".  What is no known browser is shown as it named itself, cut
 * to fit a line; NULL: it did not. */
const char *user_agent_words(struct arena *a, const char *user_agent);

#endif
