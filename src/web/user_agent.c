/*
 * user_agent.c - a browser as people call it.
 *
 * Browsers name each other: Edge says that it is Chrome and Safari, too.  So
 * the tables are read from above, and the first mark that is there counts.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "web/user_agent.h"

#define SHOWN_UNITS 60

struct mark {
	const char *mark, *name;
};

static const struct mark programs[] = {
	{ "YaBrowser/", "Yandex Browser" },
	{ "Edg/", "Edge" },
	{ "EdgA/", "Edge" },
	{ "EdgiOS/", "Edge" },
	{ "OPR/", "Opera" },
	{ "SamsungBrowser/", "Samsung Internet" },
	{ "Firefox/", "Firefox" },
	{ "FxiOS/", "Firefox" },
	{ "CriOS/", "Chrome" },
	{ "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
};

static const struct mark systems[] = {
	{ "Android", "Android" }, { "iPhone", "iPhone" },
	{ "iPad", "iPad" },       { "Windows", "Windows" },
	{ "Mac OS X", "macOS" },  { "CrOS", "ChromeOS" },
	{ "Linux", "Linux" },
};

static const char *find(const struct mark *marks, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(s, marks[i].mark))
			return marks[i].name;
	return NULL;
}

const char *user_agent_words(struct arena *a, const char *user_agent)
{
	const char *program = find(programs, ARRAY_LEN(programs), user_agent);
	const char *system = find(systems, ARRAY_LEN(systems), user_agent);
	const char *cut;

	if (text_is_blank(user_agent))
		return NULL;
	if (program && strncmp(user_agent, "Mozilla/", 8) == 0)
		return system ? arena_printf(a, "%s, %s", program, system)
			      : program;
	cut = text_cut(a, user_agent, SHOWN_UNITS);
	return strlen(cut) < strlen(user_agent) ? arena_printf(a, "%s…", cut)
						: cut;
}
