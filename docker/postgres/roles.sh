#!/bin/sh
# Runs once, when the volume is new: the owner of the tables, and the role under which everything runs.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set owner_password `cat /run/secrets/owner_password`
\set app_password `cat /run/secrets/app_password`
CREATE ROLE callwright_owner LOGIN PASSWORD :'owner_password' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE ROLE callwright_app LOGIN PASSWORD :'app_password' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE DATABASE callwright OWNER callwright_owner;
REVOKE ALL ON DATABASE callwright FROM PUBLIC;
GRANT CONNECT ON DATABASE callwright TO callwright_app;
SQL
