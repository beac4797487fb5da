/*
 * db.c - statements on one PostgreSQL connection, in pipeline mode.
 *
 * Everything sent is remembered as a `pending` mark in order, so that its
 * answer is read back in order.  Only calls that want an answer wait.  A
 * failed statement makes the server skip the rest up to the next sync, so
 * the first failure in a batch is the one that counts.
 */
#include "config.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "store/db.h"

#define CONNECT_TIMEOUT_S "3"
#define DOWN_RETRY_S      1

/* Over TCP: a server that vanished without a word is found out after about
 * 15 s, in silence and while data is under way. */
#define KEEPALIVE_IDLE_S     "5"
#define KEEPALIVE_INTERVAL_S "5"
#define KEEPALIVE_COUNT      "2"
#define UNANSWERED_MS        "15000"

/* More different statements than this in one program is a sign of statements
 * being built at run time. */
#define STMT_MAX    256
#define PENDING_MAX 64

enum pending_kind {
	PENDING_PREPARE,
	PENDING_QUIET, /* its rows are not wanted */
	PENDING_ANSWER,
};

struct pending {
	enum pending_kind kind;
	const struct stmt *stmt;
	int slot;
};

struct db {
	char *url;
	char *program;
	int statement_timeout_ms;
	PGconn *conn;
	const struct stmt *prepared[STMT_MAX]; /* slot n is called "sn" */
	struct pending pending[PENDING_MAX];
	int n_pending;
	bool in_transaction; /* from db_begin() to db_finish() */
	struct err failure;  /* inside it: what left only ROLLBACK to do */
	int64_t touched;
	int64_t full_at;
};

static const struct stmt begin = { "begin", "BEGIN" };
static const struct stmt commit = { "commit", "COMMIT" };
static const struct stmt rollback = { "rollback", "ROLLBACK" };

struct db *db_new(const char *url, const char *program,
		  int statement_timeout_ms)
{
	struct db *db = mem_new(sizeof(*db));

	db->url = strdup(url);
	db->program = strdup(program);
	if (!db->url || !db->program)
		die("out of memory");
	db->statement_timeout_ms = statement_timeout_ms;
	return db;
}

static void disconnect(struct db *db)
{
	if (db->conn)
		PQfinish(db->conn);
	db->conn = NULL;
	memset(db->prepared, 0, sizeof(db->prepared));
	db->n_pending = 0;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	disconnect(db);
	free(db->url);
	free(db->program);
	free(db);
}

static bool down(struct db *db, struct err *err)
{
	disconnect(db);
	err_set(err, ERR_DOWN, "the database cannot be reached; try again");
	err->retry_s = DOWN_RETRY_S;
	return false;
}

static void ignore_notice(void *arg UNUSED, const PGresult *res UNUSED)
{
}

/* Plain queries until the pipeline starts: settings of this session.
 * jit: compiling costs more than any statement here runs.
 * enable_seqscan: plans are kept as long as the session, and those made while
 * a table was empty would read all of it when it has grown. */
static bool prepare_session(struct db *db)
{
	struct arena a = { 0 };
	const char *sql = arena_printf(&a,
				       "SET TimeZone = 'UTC';"
				       "SET DateStyle = 'ISO';"
				       "SET client_encoding = 'UTF8';"
				       "SET search_path = public;"
				       "SET jit = off;"
				       "SET enable_seqscan = off;"
				       "SET statement_timeout = %d;"
				       "SET idle_in_transaction_session_timeout"
				       " = '60s'",
				       db->statement_timeout_ms);
	PGresult *res = PQexec(db->conn, sql);
	bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;

	PQclear(res);
	arena_release(&a);
	return ok && PQenterPipelineMode(db->conn) == 1;
}

static bool connect_now(struct db *db, struct err *err)
{
	const char *const keys[] = {
		"dbname",
		"application_name",
		"connect_timeout",
		"keepalives_idle",
		"keepalives_interval",
		"keepalives_count",
		"tcp_user_timeout",
		NULL,
	};
	const char *const values[] = {
		db->url,
		db->program,
		CONNECT_TIMEOUT_S,
		KEEPALIVE_IDLE_S,
		KEEPALIVE_INTERVAL_S,
		KEEPALIVE_COUNT,
		UNANSWERED_MS,
		NULL,
	};

	db->conn = PQconnectdbParams(keys, values, 1);
	PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
	/* Without DETAIL, which quotes the row. */
	PQsetErrorVerbosity(db->conn, PQERRORS_TERSE);
	if (PQstatus(db->conn) != CONNECTION_OK || !prepare_session(db)) {
		/* libpq's text names host and role, never the password. */
		log_warn("db.connect_failed",
			 lf_str("reason", PQerrorMessage(db->conn)));
		return down(db, err);
	}
	return true;
}

/* The server's last words come first, the end of the connection behind them:
 * read until nothing more is there. */
static bool is_alive(PGconn *conn)
{
	struct pollfd p = { .fd = PQsocket(conn), .events = POLLIN };

	while (poll(&p, 1, 0) > 0)
		if (!PQconsumeInput(conn) || PQstatus(conn) != CONNECTION_OK)
			return false;
	return PQstatus(conn) == CONNECTION_OK;
}

/* A connection that died while it was idle shows only when it is used: look
 * for its end before a transaction starts, when trying again is harmless. */
static bool ensure_connected(struct db *db, struct err *err)
{
	if (db->conn && !is_alive(db->conn))
		disconnect(db);
	return db->conn || connect_now(db, err);
}

bool db_ready(struct db *db, struct err *err)
{
	return ensure_connected(db, err);
}

/* The statement's slot; a new one when *fresh comes back true. */
static int slot_find(const struct db *db, const struct stmt *s, bool *fresh)
{
	int empty = -1;

	*fresh = false;
	for (int i = 0; i < STMT_MAX; i++) {
		if (db->prepared[i] == s)
			return i;
		if (!db->prepared[i] && empty < 0)
			empty = i;
	}
	if (empty < 0)
		bug("db: more than %d statements", STMT_MAX);
	*fresh = true;
	return empty;
}

static void add_pending(struct db *db, enum pending_kind kind,
			const struct stmt *s, int slot)
{
	if (db->n_pending == PENDING_MAX)
		bug("db: too many queued statements");
	db->pending[db->n_pending++] = (struct pending){ kind, s, slot };
}

/* Everything goes into libpq's buffer; a lost connection shows when the
 * answers are read. */
static void put(struct db *db, const struct stmt *s, struct db_args args,
		enum pending_kind kind)
{
	char name[16];
	bool fresh, sent = true;
	int slot;

	if (!db->conn)
		return;
	slot = slot_find(db, s, &fresh);
	snprintf(name, sizeof(name), "s%d", slot);
	if (fresh) {
		db->prepared[slot] = s;
		sent = PQsendPrepare(db->conn, name, s->sql, 0, NULL) == 1;
		add_pending(db, PENDING_PREPARE, s, slot);
	}
	sent = sent && PQsendQueryPrepared(db->conn, name, args.n, args.values,
					   NULL, NULL, 0) == 1;
	add_pending(db, kind, s, slot);
	/* What was not sent has no answer to wait for. */
	if (!sent)
		disconnect(db);
}

static bool sqlstate_is(const char *state, const char *prefix)
{
	return strncmp(state, prefix, strlen(prefix)) == 0;
}

/* Which of the server's refusals is what to us; see db.h. */
static void read_failure(struct db *db, const struct stmt *s,
			 const PGresult *res, struct err *err)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint =
		PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);

	if (!state)
		state = "";
	if (strcmp(state, "23505") == 0 || strcmp(state, "23P01") == 0) {
		err_set(err, ERR_CONFLICT, "this already exists");
	} else if (sqlstate_is(state, "23")) {
		err_set(err, ERR_INPUT, "a value does not fit: %s",
			constraint ? constraint : "constraint");
	} else if (sqlstate_is(state, "22")) {
		err_set(err, ERR_INPUT, "a value is out of range");
	} else {
		/* 40: a deadlock or the like; 57P: the server is stopping. */
		if (!sqlstate_is(state, "40") && !sqlstate_is(state, "57P"))
			log_error("db.refused", lf_str("statement", s->name),
				  lf_str("sqlstate", state),
				  lf_str("reason", text));
		if (strcmp(state, "53100") == 0)
			db->full_at = clock_now_us();
		err_set(err, ERR_DOWN,
			"the database could not do this; try again");
		err->retry_s = DOWN_RETRY_S;
	}
	if (constraint)
		snprintf(err->field, sizeof(err->field), "%s", constraint);
}

static bool lost(const struct db *db)
{
	return PQstatus(db->conn) != CONNECTION_OK;
}

/*
 * One answer of the pipe, in order.  What was not prepared after all gives
 * its slot back.  Returns the result when it is a success, else NULL.
 */
static PGresult *read_answer(struct db *db, const struct pending *p, bool *ok,
			     struct err *err)
{
	PGresult *res = PQgetResult(db->conn);
	ExecStatusType status = PQresultStatus(res);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
		PQclear(PQgetResult(db->conn)); /* NULL ends its results */
		return res;
	}
	if (*ok && !lost(db) && status == PGRES_FATAL_ERROR)
		read_failure(db, p->stmt, res, err);
	*ok = false;
	if (p->kind == PENDING_PREPARE)
		db->prepared[p->slot] = NULL;
	PQclear(res);
	if (!lost(db))
		PQclear(PQgetResult(db->conn));
	return NULL;
}

/*
 * Send all, wait once, read every answer back.  *answer is that of the last
 * PENDING_ANSWER (its caller clears it).  False: the first failure, or a lost
 * connection.
 */
static bool sync_up(struct db *db, PGresult **answer, struct err *err)
{
	bool ok = true;

	*answer = NULL;
	if (!db->conn || PQpipelineSync(db->conn) != 1) {
		down(db, err);
		db->failure = *err;
		return false;
	}
	for (int i = 0; i < db->n_pending && !lost(db); i++) {
		PGresult *res = read_answer(db, &db->pending[i], &ok, err);

		if (res && db->pending[i].kind == PENDING_ANSWER) {
			PQclear(*answer);
			*answer = res;
		} else {
			PQclear(res);
		}
	}
	if (!lost(db))
		PQclear(PQgetResult(db->conn)); /* the sync itself */
	db->n_pending = 0;
	if (lost(db) || !ok) {
		PQclear(*answer);
		*answer = NULL;
		if (lost(db))
			down(db, err);
		db->failure = *err;
		return false;
	}
	return true;
}

void db_queue(struct db *db, const struct stmt *s, struct db_args args)
{
	struct err kept = { 0 }; /* in db->failure, for who asks next */
	PGresult *res;

	if (!db->in_transaction)
		bug("%s: queued outside a transaction", s->name);
	if (db->failure.kind != ERR_NONE)
		return;
	/* Room for this one and for the call that will want an answer. */
	if (db->n_pending + 4 > PENDING_MAX && !sync_up(db, &res, &kept))
		return;
	put(db, s, args, PENDING_QUIET);
}

bool db_begin(struct db *db, struct err *err)
{
	if (db->in_transaction)
		bug("db_begin: inside a transaction");
	if (!ensure_connected(db, err))
		return false;
	db->in_transaction = true;
	db->failure = (struct err){ 0 };
	put(db, &begin, DB_NO_ARGS, PENDING_QUIET);
	return true;
}

/* What is still in the pipe goes with it.  If that fails, the server skips the
 * ROLLBACK behind it, too: then once more. */
static void abandon(struct db *db)
{
	for (int i = 0; i < 2 && db->conn; i++) {
		struct err ignored = { 0 };
		PGresult *res;

		put(db, &rollback, DB_NO_ARGS, PENDING_QUIET);
		if (sync_up(db, &res, &ignored))
			return;
	}
	disconnect(db);
}

bool db_finish(struct db *db, bool ok, struct err *err)
{
	struct err failure = { 0 };
	PGresult *res;
	bool committed;

	if (!db->in_transaction)
		return false; /* db_begin() failed; *err says why */
	db->in_transaction = false;
	if (!ok || db->failure.kind != ERR_NONE) {
		if (err->kind == ERR_NONE)
			*err = db->failure;
		abandon(db);
		return false;
	}
	put(db, &commit, DB_NO_ARGS, PENDING_ANSWER);
	committed = sync_up(db, &res, &failure);
	PQclear(res);
	if (committed)
		return true;
	if (!db->conn) {
		err_set(err, ERR_UNSURE,
			"the database went away while saving; look before "
			"trying again");
		err->retry_s = DOWN_RETRY_S;
	} else {
		*err = failure;
		abandon(db);
	}
	return false;
}

/* A transaction that failed stays failed, and never goes on over another
 * connection. */
static bool may_ask(struct db *db, struct err *err)
{
	if (!db->in_transaction)
		return ensure_connected(db, err);
	if (db->failure.kind == ERR_NONE)
		return true;
	*err = db->failure;
	return false;
}

static bool ask(struct db *db, const struct stmt *s, struct db_args args,
		PGresult **res, struct err *err)
{
	*res = NULL;
	if (!may_ask(db, err))
		return false;
	put(db, s, args, PENDING_ANSWER);
	return sync_up(db, res, err);
}

bool db_exec(struct db *db, const struct stmt *s, struct db_args args,
	     struct err *err)
{
	PGresult *res;
	bool ok = ask(db, s, args, &res, err);

	if (ok)
		db->touched = strtoll(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	return ok;
}

static void clear_result(void *res)
{
	PQclear(res);
}

bool db_all(struct db *db, struct arena *a, const struct stmt *s,
	    struct db_args args, struct rows *r, struct err *err)
{
	PGresult *res;

	*r = (struct rows){ 0 };
	if (!ask(db, s, args, &res, err))
		return false;
	arena_defer(a, clear_result, res);
	r->res = res;
	r->n = PQntuples(res);
	return true;
}

bool db_maybe(struct db *db, struct arena *a, const struct stmt *s,
	      struct db_args args, struct rows *r, struct err *err)
{
	if (!db_all(db, a, s, args, r, err))
		return false;
	if (r->n > 1)
		bug("%s: %d rows where one was expected", s->name, r->n);
	return true;
}

bool db_one(struct db *db, struct arena *a, const struct stmt *s,
	    struct db_args args, struct rows *r, struct err *err)
{
	if (!db_maybe(db, a, s, args, r, err))
		return false;
	return r->n == 1 || err_set(err, ERR_MISSING, "there is no such thing");
}

static bool run_script(struct db *db, const char *sql, struct err *err)
{
	PGresult *res;
	const char *state;
	bool ok;

	if (PQexitPipelineMode(db->conn) != 1)
		bug("db_script: inside a pipeline");
	res = PQexec(db->conn, sql);
	ok = PQresultStatus(res) == PGRES_COMMAND_OK ||
	     PQresultStatus(res) == PGRES_TUPLES_OK;
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (!ok && state)
		err_set(err, ERR_INPUT, "%s", PQresultErrorMessage(res));
	PQclear(res);
	if (lost(db) || PQenterPipelineMode(db->conn) != 1)
		return down(db, err);
	return ok;
}

bool db_script(struct db *db, const char *sql, struct err *err)
{
	PGresult *res;

	if (!may_ask(db, err) || (db->n_pending && !sync_up(db, &res, err)))
		return false;
	if (run_script(db, sql, err))
		return true;
	db->failure = *err;
	return false;
}

int64_t db_full_at(const struct db *db)
{
	return db->full_at;
}

int64_t db_touched(const struct db *db)
{
	return db->touched;
}

int db_fd(const struct db *db)
{
	return db->conn ? PQsocket(db->conn) : -1;
}

const char *arg_i64(struct arena *a, int64_t value)
{
	return arena_printf(a, "%" PRId64, value);
}

const char *arg_id(struct arena *a, int64_t id)
{
	return id ? arg_i64(a, id) : NULL;
}

const char *arg_bool(bool value)
{
	return value ? "t" : "f";
}

const char *arg_time(struct arena *a, int64_t at)
{
	return at ? clock_text(a, at) : NULL;
}

const char *arg_array(struct arena *a, const char *const *texts, size_t n)
{
	struct json_object *array = json_object_new_array();

	json_put(json_new(a), "a", array); /* the object owns and frees it */
	for (size_t i = 0; i < n; i++)
		json_object_array_add(array, json_object_new_string(texts[i]));
	return json_text(array);
}

const char *rows_str(const struct rows *r, int row, int column)
{
	return PQgetvalue(r->res, row, column);
}

int64_t rows_i64(const struct rows *r, int row, int column)
{
	return strtoll(PQgetvalue(r->res, row, column), NULL, 10);
}

bool rows_bool(const struct rows *r, int row, int column)
{
	return PQgetvalue(r->res, row, column)[0] == 't';
}

int64_t rows_time(const struct rows *r, int row, int column)
{
	int64_t at;

	if (PQgetisnull(r->res, row, column) ||
	    !clock_read(PQgetvalue(r->res, row, column), &at))
		return 0;
	return at;
}

bool rows_null(const struct rows *r, int row, int column)
{
	return PQgetisnull(r->res, row, column);
}
