-- The roles, once, by the superuser when the server is made (PostgreSQL's image runs this file).
-- What each may do is granted by prepare.py, from the one list in shared/eventlog/migrations.py.
\set ON_ERROR_STOP on
\getenv owner_password DVK_OWNER_PASSWORD
\getenv registry_password DVK_REGISTRY_PASSWORD
\getenv evaluation_password DVK_EVALUATION_PASSWORD
\getenv reporting_password DVK_REPORTING_PASSWORD

-- The owner makes and migrates the tables; no service ever signs in as the owner.
CREATE ROLE dvk_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE dvk_registry LOGIN PASSWORD :'registry_password';
CREATE ROLE dvk_evaluation LOGIN PASSWORD :'evaluation_password';
CREATE ROLE dvk_reporting LOGIN PASSWORD :'reporting_password';

CREATE DATABASE dvk OWNER dvk_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
REVOKE ALL ON DATABASE dvk FROM PUBLIC;
GRANT CONNECT ON DATABASE dvk TO dvk_registry, dvk_evaluation, dvk_reporting;

\connect dvk
-- The read models are reporting's own: it makes, rebuilds and swaps their tables in this schema,
-- which PostgreSQL searches first because it bears the role's name.
CREATE SCHEMA dvk_reporting AUTHORIZATION dvk_reporting;
