-- The roles, created once by the superuser with the server (PostgreSQL's image runs this file).
-- Their rights are granted by prepare.py, from the list in shared/eventlog/migrations.py.
\set ON_ERROR_STOP on
\getenv owner_password DVK_OWNER_PASSWORD
\getenv registry_password DVK_REGISTRY_PASSWORD
\getenv evaluation_password DVK_EVALUATION_PASSWORD
\getenv reporting_password DVK_REPORTING_PASSWORD
\getenv lists_password DVK_LISTS_PASSWORD
\getenv people_password DVK_PEOPLE_PASSWORD

-- The owner creates and migrates the tables; no service ever logs in as the owner.
CREATE ROLE dvk_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE dvk_registry LOGIN PASSWORD :'registry_password';
CREATE ROLE dvk_evaluation LOGIN PASSWORD :'evaluation_password';
CREATE ROLE dvk_reporting LOGIN PASSWORD :'reporting_password';
CREATE ROLE dvk_lists LOGIN PASSWORD :'lists_password';
CREATE ROLE dvk_people LOGIN PASSWORD :'people_password';

CREATE DATABASE dvk OWNER dvk_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
REVOKE ALL ON DATABASE dvk FROM PUBLIC;
GRANT CONNECT ON DATABASE dvk TO dvk_registry, dvk_evaluation, dvk_reporting, dvk_lists,
  dvk_people;

\connect dvk
-- Reporting owns the read models: it creates, rebuilds and swaps their tables in this schema,
-- which PostgreSQL searches first because it has the role's name.
CREATE SCHEMA dvk_reporting AUTHORIZATION dvk_reporting;
-- The list desk has a schema of its own likewise, and no right to anything else: it publishes over
-- HTTP as every publisher does. No other service reads it.
CREATE SCHEMA dvk_lists AUTHORIZATION dvk_lists;
-- Accounts and sessions, which the services open with this role beside their own.
CREATE SCHEMA dvk_people AUTHORIZATION dvk_people;
