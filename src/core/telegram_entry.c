/*
 * telegram_entry.c - coming in by way of Telegram.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "core/audit.h"
#include "core/master.h"
#include "core/telegram_entry.h"

bool telegram_entry_bot(struct db *db, struct arena *a,
			const struct settings *s, const char **name,
			struct err *err)
{
	struct master m;

	if (!master_find(db, a, s, &m, err))
		return false;
	*name = m.token.len ? m.name : "";
	return true;
}

bool telegram_entry_read(struct db *db, struct arena *a,
			 const struct settings *s, struct json_object *fields,
			 const char *init_data, int64_t now,
			 struct telegram_proof *p, struct err *err)
{
	struct secret token;

	if (!master_token(db, a, s, &token, err))
		return false;
	if (!token.len)
		return err_set(err, ERR_MISSING,
			       "nobody can sign in with Telegram here: there "
			       "is no master bot");
	if (fields)
		return telegram_widget_read(a, fields, token, now, p, err);
	return telegram_init_data_read(a, init_data, token, now, p, err);
}

/* For the audit, in the transaction; *told when that has been committed. */
static bool note_new(struct db *db, struct arena *a,
		     const struct account *account, const char *method,
		     const struct visitor *v, struct audit_entry *told,
		     struct err *err)
{
	*told = visitor_entry(v, "user.create");
	told->client_id = account->client_id;
	told->user_id = account->user_id;
	told->login = account->login;
	told->object = arena_printf(a, "user:%" PRId64, account->user_id);
	told->after = json_new(a);
	json_put_str(told->after, "login", account->login);
	json_put_str(told->after, "role", account->role);
	json_put_str(told->after, "by", method);
	return audit_visit(db, a, told, err);
}

/* In the transaction that spent whatever proves it. */
static bool arrive(struct db *db, struct arena *a, const struct settings *s,
		   const struct newcomer *n, const char *method,
		   const struct visitor *v, struct arrival *arrival,
		   struct err *err)
{
	struct account *account = &arrival->account;

	return account_open(db, a, n, v->now, account, err) &&
	       (!account->is_new ||
		note_new(db, a, account, method, v, &arrival->made, err)) &&
	       auth_enter(db, a, s, account->user_id, method, v,
			  &arrival->entry, err);
}

/* The transaction's end.  That somebody was refused is told, too; whoever it
 * was hears the same when the audit cannot be written. */
static bool finish(struct db *db, struct arena *a, bool ok, const char *method,
		   const struct visitor *v, const struct arrival *arrival,
		   struct err *err)
{
	struct audit_entry e = visitor_entry(v, "sign_in.refused");
	struct err ignored = { 0 };

	if (db_finish(db, ok, err)) {
		if (arrival->account.is_new)
			audit_tell(a, &arrival->made);
		return true;
	}
	if (err->kind != ERR_AUTH && err->kind != ERR_DENIED)
		return false;
	e.after = json_new(a);
	json_put_str(e.after, "by", method);
	json_put_str(e.after, "reason", err->text);
	audit_visitor(db, a, &e, &ignored);
	return false;
}

static bool enter_with(struct db *db, struct arena *a, const struct settings *s,
		       struct json_object *fields, const char *init_data,
		       const struct visitor *v, struct arrival *arrival,
		       struct err *err)
{
	const char *method = fields ? "telegram" : "mini_app";
	struct telegram_proof p;
	struct newcomer n;
	bool ok;

	*arrival = (struct arrival){ 0 };
	ok = db_begin(db, err) &&
	     telegram_entry_read(db, a, s, fields, init_data, v->now, &p,
				 err) &&
	     telegram_proof_spend(db, a, &p, err);
	if (ok) {
		n = (struct newcomer){
			.telegram_user_id = p.telegram_user_id,
			.name = newcomer_name(a, p.first_name, p.last_name,
					      p.username),
			.email = "",
		};
		ok = arrive(db, a, s, &n, method, v, arrival, err);
	}
	return finish(db, a, ok, method, v, arrival, err);
}

bool telegram_entry_widget(struct db *db, struct arena *a,
			   const struct settings *s, struct json_object *fields,
			   const struct visitor *v, struct arrival *arrival,
			   struct err *err)
{
	return enter_with(db, a, s, fields, NULL, v, arrival, err);
}

bool telegram_entry_app(struct db *db, struct arena *a,
			const struct settings *s, const char *init_data,
			const struct visitor *v, struct arrival *arrival,
			struct err *err)
{
	return enter_with(db, a, s, NULL, init_data, v, arrival, err);
}

static struct newcomer of_link(const struct link *l, const char *name,
			       const char *email)
{
	return (struct newcomer){
		.telegram_user_id = l->telegram_user_id,
		.name = name,
		.email = email,
		.invite_id = l->invite_id,
		.invite_client_id = l->client_id,
	};
}

bool telegram_entry_link(struct db *db, struct arena *a,
			 const struct settings *s, struct secret token,
			 const char *name, const char *email,
			 const struct visitor *v, struct arrival *arrival,
			 struct err *err)
{
	struct newcomer n;
	struct link l;
	bool ok;

	*arrival = (struct arrival){ 0 };
	ok = db_begin(db, err) && link_find(db, a, token, v->now, &l, err) &&
	     link_take(db, a, &l, v->now, err);
	if (ok) {
		n = of_link(&l, name, email);
		ok = arrive(db, a, s, &n, "link", v, arrival, err);
	}
	return finish(db, a, ok, "link", v, arrival, err);
}

static bool look(struct db *db, struct arena *a, struct secret token,
		 int64_t now, struct link_view *view, struct err *err)
{
	struct newcomer n;
	struct link l;

	if (!link_find(db, a, token, now, &l, err) ||
	    !account_find(db, a, l.telegram_user_id, &view->account, err))
		return false;
	n = of_link(&l, "", "");
	view->telegram_name = newcomer_name(a, l.first_name, "", l.username);
	view->username = l.username;
	return view->account.user_id ||
	       account_place(db, a, &n, now, &view->client_name, err);
}

bool telegram_entry_look(struct db *db, struct arena *a, struct secret token,
			 int64_t now, struct link_view *view, struct err *err)
{
	bool ok;

	*view = (struct link_view){ 0 };
	ok = db_begin(db, err) && look(db, a, token, now, view, err);
	return db_finish(db, ok, err);
}
