-- roles.sql - the roles and the database, made by the server's superuser.
--
--	OWNER_PASSWORD=... WEB_PASSWORD=... DAEMON_PASSWORD=... \
--		psql -X -v ON_ERROR_STOP=1 -d postgres -f roles.sql
--
-- Once before the first migration; run again, it changes passwords and makes
-- what is missing.  A password that is not given is not touched, which suits
-- servers that know their users by peer authentication.
--
-- No role may read across clients by being privileged: the policies say who
-- sees what, and the server enforces them for the owner of the tables, too.

\getenv owner_password OWNER_PASSWORD
\getenv web_password WEB_PASSWORD
\getenv daemon_password DAEMON_PASSWORD

-- tuberry_owner runs migrations, tuberry_web and tuberry_daemon the services;
-- tuberry_lookup owns the few functions that find whose a request is.
SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['tuberry_owner', 'tuberry_web', 'tuberry_daemon',
		    'tuberry_lookup']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE tuberry_owner LOGIN
	NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE tuberry_web LOGIN
	NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE tuberry_daemon LOGIN
	NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE tuberry_lookup NOLOGIN
	NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Giving a function to a role takes membership in it.
GRANT tuberry_lookup TO tuberry_owner;

\if :{?owner_password}
ALTER ROLE tuberry_owner PASSWORD :'owner_password';
\endif
\if :{?web_password}
ALTER ROLE tuberry_web PASSWORD :'web_password';
\endif
\if :{?daemon_password}
ALTER ROLE tuberry_daemon PASSWORD :'daemon_password';
\endif

SELECT 'CREATE DATABASE tuberry OWNER tuberry_owner TEMPLATE template0'
       ' ENCODING ''UTF8'''
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'tuberry')
\gexec
REVOKE ALL ON DATABASE tuberry FROM PUBLIC;
GRANT CONNECT ON DATABASE tuberry TO tuberry_web, tuberry_daemon;

\connect tuberry
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tuberry_owner, tuberry_lookup;
