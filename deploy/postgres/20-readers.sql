-- Reading by other tools: the schema of the views, the role that may read it, and Grafana's login.
-- Run once by the superuser, after 10-roles.sql: PostgreSQL's image runs this file too, and
-- `psql --file deploy/postgres/20-readers.sql` adds it to a server that is older than it.
\set ON_ERROR_STOP on
\getenv reader_password DVK_READER_PASSWORD
\connect dvk

-- Reporting writes the views; dvk_reader may read them, these and all later ones, and nothing else.
SELECT 'CREATE ROLE dvk_reader NOLOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dvk_reader') \gexec
CREATE SCHEMA IF NOT EXISTS dvk_read AUTHORIZATION dvk_reporting;
GRANT CONNECT ON DATABASE dvk TO dvk_reader;
GRANT USAGE ON SCHEMA dvk_read TO dvk_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA dvk_read TO dvk_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE dvk_reporting IN SCHEMA dvk_read
  GRANT SELECT ON TABLES TO dvk_reader;

-- A login has its own settings, as they are not inherited: no statement over 30 seconds (a rebuild
-- waits 40 for readers of a view), no transaction left open, no write.
SELECT 'CREATE ROLE dvk_grafana LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dvk_grafana') \gexec
ALTER ROLE dvk_grafana PASSWORD :'reader_password';
GRANT dvk_reader TO dvk_grafana;
ALTER ROLE dvk_grafana SET statement_timeout = '30s';
ALTER ROLE dvk_grafana SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE dvk_grafana SET default_transaction_read_only = on;
ALTER ROLE dvk_grafana SET search_path = dvk_read;
