-- The role that seals the log: it reads three numbers of each event and no record, and inserts tiles
-- and checkpoints. prepare.py grants these rights. Run once by the superuser, after 10-roles.sql:
-- PostgreSQL's image runs this file too, and `psql --file deploy/postgres/30-sealer.sql` adds the role
-- to a server that is older than it.
\set ON_ERROR_STOP on
\getenv sealer_password DVK_SEALER_PASSWORD
\connect dvk
SELECT 'CREATE ROLE dvk_sealer LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dvk_sealer') \gexec
ALTER ROLE dvk_sealer PASSWORD :'sealer_password';
GRANT CONNECT ON DATABASE dvk TO dvk_sealer;
