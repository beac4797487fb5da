/*
 * settings.h - every setting of the installation, one struct.
 *
 * Names are those of docs/configuration.md.  Each program loads all of them
 * and asks for what it needs: settings_load() demands only the keys that the
 * program's `needs` name.
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "base/buf.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/secret.h"

struct settings {
	const char *database_url;        /* web */
	const char *database_url_daemon; /* daemon and ctl */
	const char *database_url_owner;  /* migrations */
	const char *redis_url;
	const char *webhook_base_url; /* no slash at the end */
	const char *frontend_base_url;
	const char *telegram_api_base;
	const char *avito_api_base;
	struct secret app_secret, app_secret_old;
	struct secret jwt_secret, jwt_secret_old;
	struct secret master_bot_token, master_link_token; /* empty: none */
	const char *master_bot_name;                       /* "": none */
	int64_t jwt_expires_s, refresh_expires_s;
	int64_t sign_in_per_address, sign_in_per_account; /* in ten minutes */
	int64_t requests_per_user;                        /* in a minute */
	bool admin_second_factor;
	int64_t web_workers, webhook_workers; /* 0: by the number of cores */
	const char *web_socket, *webhook_socket;
	int64_t request_max_bytes;
	int64_t poll_interval_ms;
	int64_t auto_reply_delay_s;
	int64_t telegram_bot_per_second, telegram_group_per_minute;
	const char *media_dir;
	int64_t media_max_bytes, upload_max_bytes;
	const char *media_hosts;
	bool allow_insecure_api;
	const char *metrics_addr;        /* "": none */
	const char *trusted_proxies;     /* told to nginx */
	const char *cors_origins;        /* "https://a,https://b", or "" */
	const char *admin_password_file; /* "": none */
	const char *vault_addr, *vault_cacert, *vault_token_file, *vault_path;
	int64_t vault_timeout_s;
	bool api_docs;
	const char *log_level, *log_format;
};

/* Which keys a program cannot do without. */
enum settings_needs {
	NEED_DATABASE_WEB = 1 << 0,
	NEED_DATABASE_DAEMON = 1 << 1,
	NEED_DATABASE_OWNER = 1 << 2,
	NEED_REDIS = 1 << 3,
	NEED_APP_SECRET = 1 << 4,
	NEED_JWT_SECRET = 1 << 5,
	NEED_SOCKETS = 1 << 6,
	NEED_URLS = 1 << 7,
	NEED_MEDIA = 1 << 8,
	/* Those of Vault and no others: what it makes may be missing yet. */
	NEED_VAULT = 1 << 9,
};

/* False: `report` names every problem, a line each.  Checks what the types
 * cannot: URLs, secrets' lengths, https where it is demanded. */
bool settings_load(struct arena *a, const char *path, unsigned needs,
		   struct settings *s, struct buf *report);

/* A secret, or an address with a password in it; names of them, from 0, and
 * NULL behind the last. */
bool settings_is_secret(const char *name);
const char *settings_secret_name(size_t i);

/* Markdown: docs/configuration.md. */
void settings_describe(struct buf *b);

/* What every program does with the same words of its command line: --config
 * FILE, --check-config, --help, --version.  Returns the index of the first
 * argument left; ends the process for the last three and for bad settings
 * (status 78).  Starts secrets, keys and the log. */
int settings_main(struct arena *a, int argc, char **argv, const char *help,
		  unsigned needs, struct settings *s);

#endif
