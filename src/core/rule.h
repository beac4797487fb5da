/*
 * rule.h - a project's keyword rules: as they are set up, and applied.
 *
 * [{id, name, enabled, when: "first"|"any", words, match, action, stop,
 * repeat_after_hours}], asked in their order for each message of a buyer that
 * is neither history nor dropped by a filter.  One without words applies to
 * every message; "first" only to the first that the buyer wrote in a dialog.
 *
 * action is {"send": text (core/auto_text.h)}, {"assign": user id}, {"label":
 * text} or {}, which does nothing.  It is done once in an interval, as
 * auto-replies are: for repeat_after_hours the same rule leaves the dialog
 * alone.
 *
 * stop: when the rule applies, those behind it are not asked and the message
 * starts no auto-reply, also when the action was done before or is nothing.
 * One that was planned for an earlier message still comes, as does the
 * greeting.
 */
#ifndef CORE_RULE_H
#define CORE_RULE_H

#include "core/words.h"

#define RULES_MAX         50
#define RULE_ID_MAX       64 /* characters */
#define RULE_NAME_MAX     100
#define RULE_REPEAT_H     24
#define RULE_REPEAT_MAX_H 720

/* *json: each complete, with a default for what was absent.  client_id 0: of
 * nobody yet, so that no user can be named.  What is wrong is noted under
 * "rules".  False only when the database cannot be asked. */
bool rules_check(struct db *db, struct arena *a, int64_t client_id,
		 const char **json, struct problems *p, struct err *err);

struct rule {
	const char *id, *name;
	bool enabled, stop;
	bool first_only;
	const char *send;  /* NULL: not that */
	int64_t assign;    /* 0: not that */
	const char *label; /* NULL: not that */
	int64_t repeat_us;
};

/* Those of a project, as rules_check() has completed them. */
bool rules_read(struct arena *a, const char *json, struct rule **list,
		size_t *n, struct err *err);

/* It is on and applies to a message; `found`: the ids of rules whose words are
 * in it, `is_first` of its buyer. */
bool rule_applies(const struct rule *r, struct json_object *found,
		  bool is_first);

/* What the rule sends as it is now; NULL: it is gone, off, or sends nothing. */
bool rule_text(struct arena *a, const char *json, const char *id,
	       const char **text, struct err *err);

/* A buyer's message, now that it has been stored. */
struct rule_question {
	int64_t client_id, message_id;
	int64_t now;
	const char *request_id;
};

struct rule_outcome {
	bool stopped; /* no auto-reply */
};

/*
 * Inside the caller's transaction.  A text to be sent becomes a row of
 * auto_replies (kind "rule", which names the rule) and a task
 * "auto_reply.send" with that row's id; one that cannot be assigned or comes
 * too late is left with its reason.  Applying twice changes nothing.
 */
bool rules_apply(struct db *db, struct arena *a, const struct rule_question *q,
		 struct rule_outcome *outcome, struct err *err);

#endif
