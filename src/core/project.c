/*
 * project.c - the rules for projects.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/auto_reply.h"
#include "core/auto_text.h"
#include "core/fields.h"
#include "core/filter.h"
#include "core/project.h"
#include "core/rule.h"
#include "core/slug.h"
#include "store/bot.h"
#include "store/filter.h"
#include "store/lane.h"
#include "store/tenant.h"

const char *const project_operators[] = { "members", "linked", NULL };
const char *const project_fallbacks[] = { "ask", "latest", "off", NULL };

bool project_init(struct db *db, struct arena *a, int64_t client_id,
		  struct project *p, struct err *err)
{
	struct problems ignored = { .a = a };
	struct json_object *defaults;
	struct tenant t;

	*p = (struct project){
		.client_id = client_id,
		.name = "",
		.description = "",
		.greeting = "",
		.filters = "[]",
		.rules = "[]",
		.auto_reply = "{}",
		.operators = project_operators[0],
		.fallback = project_fallbacks[0],
		.hide_system_messages = true,
	};
	/* Locked: two projects at once shall not choose the same slug. */
	if (!tenant_lock(db, a, client_id, &t, err)) {
		if (err->kind == ERR_MISSING)
			err_field(err, "client_id", "there is no such client");
		return false;
	}
	if (!json_read(a, t.defaults, strlen(t.defaults), &defaults, err))
		return false;
	project_apply(a, defaults, p, &ignored); /* checked when stored */
	return true;
}

void project_apply(struct arena *a, struct json_object *defaults,
		   struct project *p, struct problems *problems)
{
	struct json_object *v;
	struct fields f;

	if (!fields_init(&f, defaults, "", problems))
		return;
	fields_text(&f, "description", &p->description);
	fields_bool(&f, "require_quote", &p->require_quote);
	fields_text(&f, "greeting", &p->greeting);
	v = fields_array(&f, "filters", FILTERS_MAX);
	if (v)
		p->filters = json_text(v);
	v = fields_array(&f, "rules", RULES_MAX);
	if (v)
		p->rules = json_text(v);
	v = fields_object(&f, "auto_reply");
	if (v)
		p->auto_reply = auto_reply_merge(a, p->auto_reply, v);
	fields_text(&f, "operators", &p->operators);
	fields_text(&f, "fallback", &p->fallback);
	fields_bool(&f, "hide_system_messages", &p->hide_system_messages);
	fields_end(&f);
}

bool project_check_rules(struct db *db, struct arena *a,
			 const struct project *before, struct project *p,
			 struct problems *problems, struct err *err)
{
	bool same_rules = before && strcmp(before->rules, p->rules) == 0;

	problems_check_text(problems, "description", p->description, 0,
			    PROJECT_DESCRIPTION_MAX);
	auto_text_check(problems, "greeting", p->greeting, 0,
			PROJECT_GREETING_MAX);
	problems_check_word(problems, "operators", p->operators,
			    project_operators);
	problems_check_word(problems, "fallback", p->fallback,
			    project_fallbacks);
	return filters_check(db, a, &p->filters, problems, err) &&
	       (same_rules ||
		rules_check(db, a, p->client_id, &p->rules, problems, err)) &&
	       auto_reply_check(db, a, &p->auto_reply, problems, err);
}

static bool check_bot(struct db *db, struct arena *a, const struct project *p,
		      struct problems *problems, struct err *err)
{
	struct bot bot;

	if (!p->bot_id || bot_find(db, a, p->client_id, p->bot_id, &bot, err))
		return true;
	if (err->kind != ERR_MISSING)
		return false;
	*err = (struct err){ 0 };
	problems_add(problems, "bot_id", "there is no such bot");
	return true;
}

static bool check(struct db *db, struct arena *a, const struct project *before,
		  struct project *p, struct problems *problems, struct err *err)
{
	problems_check_text(problems, "name", p->name, 1, PROJECT_NAME_MAX);
	if (!slug_is_valid(p->slug))
		problems_add(problems, "slug",
			     "must have from 1 to %d lower-case letters, "
			     "digits and single hyphens between them",
			     SLUG_MAX);
	return project_check_rules(db, a, before, p, problems, err) &&
	       check_bot(db, a, p, problems, err) &&
	       problems_none(problems, err);
}

/* What the constraint's name means to people. */
static bool explain(struct err *err)
{
	if (err->kind == ERR_CONFLICT &&
	    strcmp(err->field, "projects_slug") == 0) {
		err_field(err, "slug",
			  "another project of this client has this slug");
		err->kind = ERR_CONFLICT;
	}
	return false;
}

static bool choose_slug(struct db *db, struct arena *a, struct project *p,
			struct err *err)
{
	const char *base = slug_of(a, p->name);
	const char **taken;
	size_t n;

	if (!project_slugs(db, a, p->client_id, base, &taken, &n, err))
		return false;
	p->slug = slug_free(a, base, taken, n);
	return true;
}

bool project_add(struct db *db, struct arena *a, struct project *p, int64_t now,
		 struct problems *problems, struct err *err)
{
	p->created_at = p->updated_at = now;
	if (!p->slug && !choose_slug(db, a, p, err))
		return false;
	return check(db, a, NULL, p, problems, err) &&
	       (project_insert(db, a, p, err) || explain(err));
}

bool project_change(struct db *db, struct arena *a,
		    const struct project *before, struct project *p,
		    int64_t now, struct problems *problems, struct err *err)
{
	p->updated_at = now;
	if (!check(db, a, before, p, problems, err) ||
	    (!project_store(db, a, p, err) && !explain(err)))
		return false;
	if (strcmp(before->filters, p->filters) != 0 &&
	    !filter_hits_forget(db, a, p->client_id, p->id, p->filters, err))
		return false;
	return p->bot_id == before->bot_id ||
	       lanes_wake_client(db, a, p->client_id, now, err);
}

bool project_remove(struct db *db, struct arena *a, const struct project *p,
		    struct err *err)
{
	struct project_use use;

	if (!project_used(db, a, p, &use, err))
		return false;
	if (use.accounts || use.sources || use.dialogs)
		return err_set(
			err, ERR_CONFLICT,
			"the project has Avito accounts (%" PRId64
			"), Telegram sources (%" PRId64
			") and dialogs (%" PRId64
			"); delete the accounts and sources or move them "
			"to another project first",
			use.accounts, use.sources, use.dialogs);
	return project_delete(db, a, p, err);
}
