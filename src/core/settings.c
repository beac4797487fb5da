/*
 * settings.c - every setting of the installation, one table.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "chan/telegram.h"
#include "core/settings.h"

#define REPORT_MAX_BYTES      65536
#define JWT_SECRET_MIN        32
#define MASTER_LINK_TOKEN_MIN 32
#define DAY_S                 86400
#define MIB                   (INT64_C(1024) * 1024)

/* Of VAULT_PATH, so that it means in a URL what it says. */
#define PATH_CHARS                   \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789/_-."

#define AT(member) offsetof(struct settings, member)

static const struct conf_key keys[] = {
	/* clang-format off */
	{ "DATABASE_URL", CONF_STR, AT(database_url), "", 0, 0,
	  "PostgreSQL as tuberry_web (tuberry-web)" },
	{ "DATABASE_URL_DAEMON", CONF_STR, AT(database_url_daemon), "", 0, 0,
	  "PostgreSQL as tuberry_daemon (tuberryd, tuberryctl)" },
	{ "DATABASE_URL_OWNER", CONF_STR, AT(database_url_owner), "", 0, 0,
	  "PostgreSQL as tuberry_owner (tuberryctl migrate only; keep it from the services)" },
	{ "REDIS_URL", CONF_STR, AT(redis_url), "", 0, 0,
	  "unix:///path or redis://host:port[/db]" },
	{ "WEBHOOK_BASE_URL", CONF_STR, AT(webhook_base_url), "", 0, 0,
	  "public address that Telegram and Avito reach, without a slash at the end" },
	{ "FRONTEND_BASE_URL", CONF_STR, AT(frontend_base_url), "", 0, 0,
	  "public address of the cabinet, without a slash at the end" },
	{ "TELEGRAM_API_BASE", CONF_STR, AT(telegram_api_base), "https://api.telegram.org", 0, 0,
	  "Telegram's Bot API" },
	{ "AVITO_API_BASE", CONF_STR, AT(avito_api_base), "https://api.avito.ru", 0, 0,
	  "Avito's API" },
	{ "APP_SECRET", CONF_SECRET, AT(app_secret), "", 0, 0,
	  "key for secrets at rest: 32 bytes, base64" },
	{ "APP_SECRET_OLD", CONF_SECRET, AT(app_secret_old), "", 0, 0,
	  "former APP_SECRET while secrets are being sealed anew" },
	{ "JWT_SECRET", CONF_SECRET, AT(jwt_secret), "", 0, 0,
	  "key for access tokens, at least 32 characters" },
	{ "JWT_SECRET_OLD", CONF_SECRET, AT(jwt_secret_old), "", 0, 0,
	  "former JWT_SECRET: its tokens stay good until they expire" },
	{ "MASTER_BOT_TOKEN", CONF_SECRET, AT(master_bot_token), "", 0, 0,
	  "token of the bot by which people sign in; empty: as the cabinet says" },
	{ "MASTER_BOT_NAME", CONF_STR, AT(master_bot_name), "", 0, 0,
	  "its name without @; empty: as the cabinet or Telegram says" },
	{ "MASTER_LINK_TOKEN", CONF_SECRET, AT(master_link_token), "", 0, 0,
	  "lets another program make sign-in links, at least 32 characters; empty: none may" },
	{ "JWT_EXPIRES", CONF_INT, AT(jwt_expires_s), "900", 60, DAY_S,
	  "life of an access token, seconds" },
	{ "REFRESH_EXPIRES", CONF_INT, AT(refresh_expires_s), "2592000", 3600, 366 * DAY_S,
	  "life of a session without use, seconds" },
	{ "SIGN_IN_PER_ADDRESS", CONF_INT, AT(sign_in_per_address), "60", 1, 100000,
	  "attempts to sign in that one address has in ten minutes" },
	{ "SIGN_IN_PER_ACCOUNT", CONF_INT, AT(sign_in_per_account), "10", 1, 100000,
	  "attempts to sign in with a password that one account has in ten minutes" },
	{ "REQUESTS_PER_USER", CONF_INT, AT(requests_per_user), "1200", 10, 100000,
	  "pages and API calls that one user has in a minute, programs included" },
	{ "ADMIN_SECOND_FACTOR", CONF_BOOL, AT(admin_second_factor), "off", 0, 0,
	  "administrators must have a second factor" },
	{ "WEB_WORKERS", CONF_INT, AT(web_workers), "0", 0, 512,
	  "processes for pages and API; 0: 4 for each core, at least 8" },
	{ "WEBHOOK_WORKERS", CONF_INT, AT(webhook_workers), "0", 0, 512,
	  "processes for webhooks; 0: 4 for each core, at least 8" },
	{ "WEB_SOCKET", CONF_STR, AT(web_socket), "/run/tuberry/web.sock", 0, 0,
	  "FastCGI socket for pages and API: a path, or HOST:PORT" },
	{ "WEBHOOK_SOCKET", CONF_STR, AT(webhook_socket), "/run/tuberry/webhook.sock", 0, 0,
	  "FastCGI socket for webhooks: a path, or HOST:PORT" },
	{ "REQUEST_MAX_BYTES", CONF_INT, AT(request_max_bytes), "1048576", 4096, 64 * MIB,
	  "largest request body, bytes" },
	{ "POLL_INTERVAL_MS", CONF_INT, AT(poll_interval_ms), "10000", 200, 3600000,
	  "pause between two quick looks at an Avito account, milliseconds" },
	{ "AUTO_REPLY_DELAY", CONF_INT, AT(auto_reply_delay_s), "75", 0, 3600,
	  "how long an auto-reply waits for a person's answer unless its project says so, seconds" },
	{ "TELEGRAM_BOT_PER_SECOND", CONF_INT, AT(telegram_bot_per_second), "30", 1, 1000,
	  "messages that Telegram takes from one bot in a second" },
	{ "TELEGRAM_GROUP_PER_MINUTE", CONF_INT, AT(telegram_group_per_minute), "20", 1, 20000,
	  "messages that Telegram takes for one group in a minute" },
	{ "MEDIA_DIR", CONF_STR, AT(media_dir), "/var/lib/tuberry/media", 0, 0,
	  "folder for photos, voice and files" },
	{ "MEDIA_MAX_BYTES", CONF_INT, AT(media_max_bytes), "25165824", 65536, 2048 * MIB,
	  "largest file that is fetched or accepted, bytes" },
	{ "UPLOAD_MAX_BYTES", CONF_INT, AT(upload_max_bytes), "52428800", 65536, 2048 * MIB,
	  "largest file that people may bring to the cabinet, bytes; nginx has a limit of its own for /api/upload" },
	{ "MEDIA_HOSTS", CONF_STR, AT(media_hosts), ".avito.ru,.avito.st,api.telegram.org", 0, 0,
	  "hosts that media may be fetched from; .x stands for all of x" },
	{ "ALLOW_INSECURE_API", CONF_BOOL, AT(allow_insecure_api), "no", 0, 0,
	  "allow API addresses that are not https on a public name (sandbox, tests)" },
	{ "METRICS_ADDR", CONF_STR, AT(metrics_addr), "127.0.0.1:9464", 0, 0,
	  "where tuberryd answers GET /metrics: a number and port, not a public one; empty: nowhere" },
	{ "TRUSTED_PROXIES", CONF_STR, AT(trusted_proxies), "", 0, 0,
	  "load balancers in front of nginx: addresses or networks, comma separated, whose X-Forwarded-For counts" },
	{ "CORS_ORIGINS", CONF_STR, AT(cors_origins), "", 0, 0,
	  "other sites whose scripts may use the API with a token: https://host[:port], comma separated; empty: none" },
	{ "ADMIN_PASSWORD_FILE", CONF_STR, AT(admin_password_file), "", 0, 0,
	  "file with the first administrator's password, for `tuberryctl seed`; empty: one is made up and printed" },
	{ "VAULT_ADDR", CONF_STR, AT(vault_addr), "", 0, 0,
	  "HashiCorp Vault for `tuberryctl vault render`: https only" },
	{ "VAULT_CACERT", CONF_STR, AT(vault_cacert), "", 0, 0,
	  "file of the certificates that Vault's is signed with, PEM; empty: those that the system trusts" },
	{ "VAULT_TOKEN_FILE", CONF_STR, AT(vault_token_file), "", 0, 0,
	  "file with the token for Vault, which only its owner can read" },
	{ "VAULT_PATH", CONF_STR, AT(vault_path), "", 0, 0,
	  "the secret's path in a KV v2 engine, like secret/data/tuberry" },
	{ "VAULT_TIMEOUT", CONF_INT, AT(vault_timeout_s), "10", 1, 300,
	  "how long Vault may take to answer, seconds" },
	{ "API_DOCS", CONF_BOOL, AT(api_docs), "on", 0, 0,
	  "show /openapi.json and /docs to everybody" },
	{ "LOG_LEVEL", CONF_STR, AT(log_level), "info", 0, 0,
	  "error, warn, info or debug" },
	{ "LOG_FORMAT", CONF_STR, AT(log_format), "text", 0, 0,
	  "text or json" },
	/* clang-format on */
};

struct demand {
	unsigned need;
	const char *name;
	size_t offset;
	enum conf_type type;
};

static const struct demand demands[] = {
	{ NEED_DATABASE_WEB, "DATABASE_URL", AT(database_url), CONF_STR },
	{ NEED_DATABASE_DAEMON, "DATABASE_URL_DAEMON", AT(database_url_daemon),
	  CONF_STR },
	{ NEED_DATABASE_OWNER, "DATABASE_URL_OWNER", AT(database_url_owner),
	  CONF_STR },
	{ NEED_REDIS, "REDIS_URL", AT(redis_url), CONF_STR },
	{ NEED_APP_SECRET, "APP_SECRET", AT(app_secret), CONF_SECRET },
	{ NEED_JWT_SECRET, "JWT_SECRET", AT(jwt_secret), CONF_SECRET },
	{ NEED_SOCKETS, "WEB_SOCKET", AT(web_socket), CONF_STR },
	{ NEED_SOCKETS, "WEBHOOK_SOCKET", AT(webhook_socket), CONF_STR },
	{ NEED_URLS, "WEBHOOK_BASE_URL", AT(webhook_base_url), CONF_STR },
	{ NEED_URLS, "FRONTEND_BASE_URL", AT(frontend_base_url), CONF_STR },
	{ NEED_MEDIA, "MEDIA_DIR", AT(media_dir), CONF_STR },
	{ NEED_VAULT, "VAULT_ADDR", AT(vault_addr), CONF_STR },
	{ NEED_VAULT, "VAULT_TOKEN_FILE", AT(vault_token_file), CONF_STR },
	{ NEED_VAULT, "VAULT_PATH", AT(vault_path), CONF_STR },
};

static bool is_empty(const struct settings *s, const struct demand *d)
{
	const char *at = (const char *)s + d->offset;

	if (d->type == CONF_SECRET)
		return ((const struct secret *)(const void *)at)->len == 0;
	return **(const char *const *)(const void *)at == '\0';
}

static bool check_demands(const struct settings *s, unsigned needs,
			  struct buf *report)
{
	bool ok = true;

	for (size_t i = 0; i < ARRAY_LEN(demands); i++) {
		if ((needs & demands[i].need) && is_empty(s, &demands[i])) {
			buf_addf(report, "%s: is required\n", demands[i].name);
			ok = false;
		}
	}
	return ok;
}

static bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool check_url(const char *name, const char *url, bool insecure,
		      struct buf *report)
{
	size_t len = strlen(url);

	if (len == 0)
		return true;
	if (!has_prefix(url, "https://") && !has_prefix(url, "http://")) {
		buf_addf(report, "%s: must begin with https://\n", name);
		return false;
	}
	if (url[len - 1] == '/') {
		buf_addf(report, "%s: must not end with a slash\n", name);
		return false;
	}
	if (!insecure && has_prefix(url, "http://")) {
		buf_addf(report,
			 "%s: must be https; http is for the sandbox only "
			 "(ALLOW_INSECURE_API=1)\n",
			 name);
		return false;
	}
	return true;
}

/* What it tells is nobody's business outside. */
static bool check_metrics_addr(const char *text, struct buf *report)
{
	struct sockaddr_storage addr;
	const struct sockaddr *sa = (const struct sockaddr *)&addr;
	socklen_t len;

	if (!*text)
		return true;
	if (!addr_read(text, &addr, &len)) {
		buf_add_str(report, "METRICS_ADDR: must be like 127.0.0.1:9464 "
				    "or [::1]:9464\n");
		return false;
	}
	if (addr_is_public(sa) || addr_is_any(sa)) {
		buf_add_str(report, "METRICS_ADDR: must be a loopback or "
				    "private address\n");
		return false;
	}
	return true;
}

/* As browsers write it, or it would never be found equal. */
static bool is_origin(const char *s)
{
	static const char host_chars[] = "abcdefghijklmnopqrstuvwxyz"
					 "0123456789.-";
	const char *host = s + strlen("https://");
	const char *port = host;
	long long number;

	if (!has_prefix(s, "https://"))
		return false;
	port += strspn(host, host_chars);
	if (port == host || *port == '\0')
		return port != host;
	/* A browser leaves the usual port out. */
	return *port == ':' && port[1] != '0' &&
	       text_read_i64(port + 1, 1, 65535, &number) && number != 443;
}

/* Each item of a list without spaces; what is wrong is named. */
static bool check_list(const char *name, const char *list,
		       bool (*is_good)(const char *item), const char *wanted,
		       struct buf *report)
{
	char *rest = arena_str(report->a, list), *item;
	bool ok = true;

	while (*list && (item = strsep(&rest, ","))) {
		if (is_good(item))
			continue;
		buf_addf(report, "%s: \"%s\" must be %s\n", name, item, wanted);
		ok = false;
	}
	return ok;
}

static bool check_master(const struct settings *s, struct buf *report)
{
	bool ok = true;

	if (s->master_bot_token.len && !tg_token_id(s->master_bot_token)) {
		buf_add_str(report, "MASTER_BOT_TOKEN: must be a bot token as "
				    "@BotFather gives it\n");
		ok = false;
	}
	if (*s->master_bot_name && !tg_is_username(s->master_bot_name)) {
		buf_add_str(report, "MASTER_BOT_NAME: must be a bot's name "
				    "like tuberry_bot, without @\n");
		ok = false;
	}
	if (s->master_link_token.len &&
	    s->master_link_token.len < MASTER_LINK_TOKEN_MIN) {
		buf_addf(report,
			 "MASTER_LINK_TOKEN: must have at least %d "
			 "characters\n",
			 MASTER_LINK_TOKEN_MIN);
		ok = false;
	}
	return ok;
}

/* Secrets travel there, so the sandbox is no excuse for http. */
static bool check_vault(const struct settings *s, struct buf *report)
{
	bool ok = true;

	if (*s->vault_addr && !has_prefix(s->vault_addr, "https://")) {
		buf_add_str(report, "VAULT_ADDR: must begin with https://\n");
		ok = false;
	}
	if (*s->vault_path &&
	    (s->vault_path[strspn(s->vault_path, PATH_CHARS)] ||
	     strstr(s->vault_path, "..") || !strstr(s->vault_path, "/data/"))) {
		buf_add_str(report,
			    "VAULT_PATH: must be a path in a KV v2 engine, "
			    "like secret/data/tuberry\n");
		ok = false;
	}
	return ok;
}

static bool check_values(const struct settings *s, struct buf *report)
{
	bool insecure = s->allow_insecure_api, ok = true;
	struct err err = { 0 };

	ok &= check_url("TELEGRAM_API_BASE", s->telegram_api_base, insecure,
			report);
	ok &= check_url("AVITO_API_BASE", s->avito_api_base, insecure, report);
	ok &= check_url("WEBHOOK_BASE_URL", s->webhook_base_url, insecure,
			report);
	ok &= check_url("FRONTEND_BASE_URL", s->frontend_base_url, insecure,
			report);
	ok &= check_metrics_addr(s->metrics_addr, report);
	/* nginx would look a name up, once and without saying so. */
	ok &= check_list("TRUSTED_PROXIES", s->trusted_proxies, addr_is_network,
			 "an address or a network like 10.0.0.0/8", report);
	ok &= check_list("CORS_ORIGINS", s->cors_origins, is_origin,
			 "like https://host or https://host:8443: lower case, "
			 "no path, no usual port",
			 report);
	ok &= check_master(s, report);
	ok &= check_vault(s, report);
	if (s->app_secret.len &&
	    !seal_init(s->app_secret, s->app_secret_old, &err)) {
		buf_addf(report, "%s\n", err.text);
		ok = false;
	}
	if (s->jwt_secret.len && s->jwt_secret.len < JWT_SECRET_MIN) {
		buf_addf(report,
			 "JWT_SECRET: must have at least %d characters\n",
			 JWT_SECRET_MIN);
		ok = false;
	}
	if (log_level_read(s->log_level) < 0) {
		buf_add_str(report,
			    "LOG_LEVEL: must be error, warn, info or debug\n");
		ok = false;
	}
	if (log_format_read(s->log_format) < 0) {
		buf_add_str(report, "LOG_FORMAT: must be text or json\n");
		ok = false;
	}
	return ok;
}

bool settings_load(struct arena *a, const char *path, unsigned needs,
		   struct settings *s, struct buf *report)
{
	/* All checks run, so that every problem is named at once. */
	bool ok = conf_load_only(a, keys, ARRAY_LEN(keys),
				 needs & NEED_VAULT ? "VAULT_" : "", path, s,
				 report);

	ok &= check_demands(s, needs, report);
	ok &= check_values(s, report);
	return ok;
}

bool settings_is_secret(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].type == CONF_SECRET ||
			       has_prefix(name, "DATABASE_URL");
	return false;
}

const char *settings_secret_name(size_t i)
{
	for (size_t k = 0; k < ARRAY_LEN(keys); k++)
		if (settings_is_secret(keys[k].name) && i-- == 0)
			return keys[k].name;
	return NULL;
}

static const char intro[] =
	"# Configuration\n"
	"\n"
	"This page is what `tuberryctl show-config` prints.\n"
	"\n"
	"Every program reads its settings from the file of `--config FILE` and "
	"from the environment, which\n"
	"overrides the file. The file has `KEY=VALUE` lines as a systemd "
	"`EnvironmentFile` has them: `#` and\n"
	"`;` begin comments, values may stand in quotes. Any setting can be "
	"given as a file instead:\n"
	"`NAME_FILE=/path` takes the first line of that file (systemd "
	"credentials, Docker secrets). A file\n"
	"that holds a secret must be readable by its owner only; one that "
	"belongs to root may be readable\n"
	"by the service's group. `tuberryctl vault render` makes such files "
	"out of Vault.\n"
	"\n"
	"`--check-config` names every bad or missing key at once, with file "
	"and line, and ends with status\n"
	"78. A program demands only what it needs itself: keep "
	"`DATABASE_URL_OWNER` out of the services'\n"
	"file and give it to `tuberryctl migrate` alone.\n"
	"\n";

void settings_describe(struct buf *b)
{
	buf_add_str(b, intro);
	conf_describe(keys, ARRAY_LEN(keys), b);
}

int settings_main(struct arena *a, int argc, char **argv, const char *help,
		  unsigned needs, struct settings *s)
{
	const char *path = NULL;
	bool check_only = false;
	struct buf report;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			path = argv[++i];
		} else if (strcmp(argv[i], "--check-config") == 0) {
			check_only = true;
		} else if (strcmp(argv[i], "--version") == 0) {
			puts(PACKAGE_STRING);
			exit(0);
		} else if (strcmp(argv[i], "--help") == 0) {
			fputs(help, stdout);
			exit(0);
		} else {
			break;
		}
	}
	secret_init();
	buf_init(&report, a, REPORT_MAX_BYTES);
	if (!settings_load(a, path, needs, s, &report)) {
		fputs(report.s, stderr);
		exit(CONF_EXIT);
	}
	if (check_only)
		exit(0);
	log_init((enum log_level)log_level_read(s->log_level),
		 (enum log_format)log_format_read(s->log_format));
	return i;
}
