/*
 * doctor.c - tuberryctl doctor: look at everything and name the cure.
 *
 * A new check: a function here or in doctor_data.c, and its row in the table
 * below.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/url.h"
#include "ctl/doctor.h"
#include "ctl/probe.h"
#include "store/inspect.h"
#include "store/redis.h"

#define REPORT_MAX_BYTES 16384
#define PROBE_TIMEOUT_MS 5000
#define ANSWER_MAX_BYTES (1024 * 1024)
#define STATEMENT_MS     5000

/* Below either of them the disk is called full. */
#define DISK_FREE_MIN_MIB     512
#define DISK_FREE_MIN_PERCENT 5

/* What the services need, all of them together. */
#define SERVICES_NEED                                                   \
	(NEED_DATABASE_WEB | NEED_DATABASE_DAEMON | NEED_REDIS |        \
	 NEED_APP_SECRET | NEED_JWT_SECRET | NEED_SOCKETS | NEED_URLS | \
	 NEED_MEDIA)

static void check_settings(struct ctl *c, struct findings *f)
{
	struct settings s;
	struct buf report;
	char *rest, *line;

	buf_init(&report, c->a, REPORT_MAX_BYTES);
	if (settings_load(c->a, c->config, SERVICES_NEED, &s, &report)) {
		find(f, FIND_OK, "settings", NULL, "complete");
		return;
	}
	rest = report.s;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			find(f, FIND_FAIL, "settings",
			     "docs/configuration.md has every setting", "%s",
			     line);
}

static void check_file(struct ctl *c, struct findings *f)
{
	struct stat st;

	if (!c->config) {
		find(f, FIND_OK, "config_file", NULL,
		     "none; all settings come from the environment");
	} else if (stat(c->config, &st) < 0) {
		find(f, FIND_FAIL, "config_file", "name it with --config",
		     "%s: %s", c->config, strerror(errno));
	} else if (st.st_mode & 0007) {
		find(f, FIND_FAIL, "config_file",
		     arena_printf(c->a, "chmod o= %s", c->config),
		     "%s has secrets and everybody can read it", c->config);
	} else {
		find(f, FIND_OK, "config_file", NULL, "%s", c->config);
	}
}

static void check_insecure(struct ctl *c, struct findings *f)
{
	if (c->s->allow_insecure_api)
		find(f, FIND_WARN, "insecure_api",
		     "in production remove ALLOW_INSECURE_API",
		     "ALLOW_INSECURE_API is on, as for the sandbox");
	else
		find(f, FIND_OK, "insecure_api", NULL, "off");
}

/* ---- the database's roles ---- */

static void judge_role(struct findings *f, const char *name,
		       const struct role_facts *r, bool may_own)
{
	if (r->sees_all)
		find(f, FIND_FAIL, name,
		     "ALTER ROLE ... NOSUPERUSER NOBYPASSRLS; sql/roles.sql "
		     "makes the right roles",
		     "%s is above row level security", r->name);
	else if (r->owns && !may_own)
		find(f, FIND_FAIL, name,
		     "use the role of its own that sql/roles.sql makes",
		     "%s owns tables; a service must not", r->name);
	else if (!r->owns && may_own)
		find(f, FIND_FAIL, name,
		     "use tuberry_owner, and run tuberryctl migrate with it",
		     "%s does not own the tables", r->name);
	else
		find(f, FIND_OK, name, NULL, "connects as %s", r->name);
}

static void check_role(struct ctl *c, struct findings *f, const char *name,
		       const char *setting, const char *url, bool may_own)
{
	struct db *db = db_new(url, "tuberryctl", STATEMENT_MS);
	struct err err = { 0 };
	struct role_facts r;

	if (inspect_role(db, c->a, &r, &err))
		judge_role(f, name, &r, may_own);
	else
		find(f, FIND_FAIL, name,
		     arena_printf(c->a,
				  "check %s, that PostgreSQL runs, and that "
				  "sql/roles.sql was run",
				  setting),
		     "%s", err.text);
	db_free(db);
}

static void check_roles(struct ctl *c, struct findings *f)
{
	if (*c->s->database_url)
		check_role(c, f, "database.web", "DATABASE_URL",
			   c->s->database_url, false);
	if (*c->s->database_url_daemon)
		check_role(c, f, "database.daemon", "DATABASE_URL_DAEMON",
			   c->s->database_url_daemon, false);
	if (*c->s->database_url_owner)
		check_role(c, f, "database.owner", "DATABASE_URL_OWNER",
			   c->s->database_url_owner, true);
}

/* ---- what else it stands on ---- */

static void check_redis(struct ctl *c, struct findings *f)
{
	struct redis *r;

	if (!*c->s->redis_url)
		return; /* the settings' check says so */
	r = redis_new(c->s->redis_url);
	if (!r)
		find(f, FIND_FAIL, "redis",
		     "REDIS_URL is unix:///path or redis://host:port",
		     "the address is malformed");
	else if (!redis_ready(r))
		find(f, FIND_WARN, "redis",
		     "start Redis, or check REDIS_URL and its rights",
		     "does not answer; messages wait up to 5 s longer");
	else
		find(f, FIND_OK, "redis", NULL, "answers");
	redis_free(r);
}

static void check_disk(struct ctl *c, struct findings *f)
{
	const char *dir = c->s->media_dir;
	struct statvfs fs;
	long long free_mib, percent;

	if (statvfs(dir, &fs) < 0)
		return;
	free_mib = (long long)fs.f_bavail * (long long)fs.f_frsize / 1048576;
	percent = fs.f_blocks ? (long long)(fs.f_bavail * 100 / fs.f_blocks)
			      : 100;
	if (free_mib < DISK_FREE_MIN_MIB || percent < DISK_FREE_MIN_PERCENT)
		find(f, FIND_WARN, "disk", "make room, or move MEDIA_DIR",
		     "%lld MiB (%lld %%) free in %s", free_mib, percent, dir);
	else
		find(f, FIND_OK, "disk", NULL, "%lld MiB free in %s", free_mib,
		     dir);
}

static void check_media(struct ctl *c, struct findings *f)
{
	const char *dir = c->s->media_dir;
	struct stat st;

	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		find(f, FIND_FAIL, "media",
		     "make MEDIA_DIR, owned by the services' user",
		     "%s is no folder", dir);
	else if (access(dir, R_OK | W_OK | X_OK) < 0)
		find(f, FIND_FAIL, "media",
		     "give MEDIA_DIR to the services' user",
		     "cannot write in %s: %s", dir, strerror(errno));
	else if (st.st_mode & S_IWOTH)
		find(f, FIND_WARN, "media",
		     arena_printf(c->a, "chmod o-w %s", dir),
		     "everybody can write in %s", dir);
	else
		find(f, FIND_OK, "media", NULL, "%s", dir);
	check_disk(c, f);
}

/* The host's front page, where any answer will do: calls of the API need a
 * token, and a wrong one could count against us. */
static void check_api(struct ctl *c, struct findings *f, const char *name,
		      const char *base)
{
	struct http_request rq = {
		.method = "GET",
		.answer_max = ANSWER_MAX_BYTES,
		.timeout_ms = PROBE_TIMEOUT_MS,
		.idempotent = true,
	};
	struct http_reply reply;
	struct origin o;

	if (!origin_read(c->a, base, &o)) {
		find(f, FIND_FAIL, name, "correct the address", "%s", base);
		return;
	}
	rq.url = arena_printf(c->a, "%s://%s:%s/", o.scheme, o.host, o.port);
	reply = probe(c->a, &rq);

	if (reply.end == HTTP_ANSWERED)
		find(f, FIND_OK, name, NULL, "%s answers in %d ms", base,
		     reply.total_ms);
	else
		find(f, FIND_FAIL, name,
		     "check DNS, firewall and routes of this machine", "%s: %s",
		     base, reply.problem);
}

static void check_apis(struct ctl *c, struct findings *f)
{
	struct err err = { 0 };

	if (!probe_init(c->s, &err)) {
		find(f, FIND_FAIL, "api",
		     "correct TELEGRAM_API_BASE and AVITO_API_BASE", "%s",
		     err.text);
		return;
	}
	check_api(c, f, "api.telegram", c->s->telegram_api_base);
	check_api(c, f, "api.avito", c->s->avito_api_base);
}

static void (*const checks[])(struct ctl *c, struct findings *f) = {
	check_settings, check_file,  check_insecure, check_roles,
	doctor_data,    check_redis, check_media,    check_apis,
};

int run_doctor(struct ctl *c)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	struct findings f;
	bool as_json = false;
	int o;

	while ((o = getopt_long(c->argc, c->argv, "", options, NULL)) != -1) {
		if (o != 'j')
			return ctl_usage(c, "this cannot be understood");
		as_json = true;
	}
	if (optind < c->argc)
		return ctl_usage(c, "\"%s\" is too much", c->argv[optind]);
	findings_init(&f, c->a);
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		checks[i](c, &f);
	findings_print(&f, as_json);
	return (int)f.worst;
}
