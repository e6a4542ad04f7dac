-- Made by installInvalidationTriggers of holdfast. Can be run again, also with other tables.

CREATE SCHEMA IF NOT EXISTS "holdfast_outbox";

-- Changes that the caches have not been told of. "ids" is NULL where any row of the table may have changed.
CREATE TABLE IF NOT EXISTS "holdfast_outbox"."outbox" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "recorded_at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    "table_schema" TEXT NOT NULL,
    "table_name" TEXT NOT NULL,
    "ids" TEXT[]
);

-- A queue: every row is deleted soon after it came, so all that VACUUM finds is dead. It is to come by the number of dead
-- rows alone, since a share of a table that is empty or was once large says nothing, and to be done quickly, since those
-- who take the oldest rows must step over the dead ones before them. It does not give space back to the system: for that
-- it would lock out the writers whose triggers insert here.
ALTER TABLE "holdfast_outbox"."outbox" SET (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 0,
    vacuum_truncate = false,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 1000,
    toast.autovacuum_vacuum_cost_delay = 0,
    toast.vacuum_truncate = false
);

CREATE OR REPLACE FUNCTION "holdfast_outbox"."record_users"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $holdfast$
DECLARE
  sent CONSTANT text := current_query();
  fenced text[];
  changed text[];
BEGIN
  -- Depth 1 is the statement as it was sent, with its cascades: those the fences are for. Deeper is what triggers do.
  IF starts_with(sent, '/*holdfast holdfast_outbox:') AND pg_trigger_depth() = 1 THEN
    fenced := string_to_array(substr(sent, 28, strpos(sent, '*/') - 28), ',');
    IF TG_TABLE_NAME = ANY (fenced) OR TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME = ANY (fenced) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP = 'INSERT' THEN
    changed := ARRAY(SELECT r."id"::text FROM holdfast_new AS r LIMIT 1001);
  ELSIF TG_OP = 'UPDATE' THEN
    changed := ARRAY((SELECT r."id"::text FROM holdfast_old AS r LIMIT 1001) UNION (SELECT r."id"::text FROM holdfast_new AS r LIMIT 1001));
  ELSIF TG_OP = 'DELETE' THEN
    changed := ARRAY(SELECT r."id"::text FROM holdfast_old AS r LIMIT 1001);
  END IF;
  IF cardinality(changed) = 0 THEN
    RETURN NULL;
  ELSIF cardinality(changed) > 1000 THEN
    changed := NULL;
  END IF;
  INSERT INTO "holdfast_outbox"."outbox" (table_schema, table_name, ids)
  VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME, changed);
  RETURN NULL;
END
$holdfast$;

CREATE OR REPLACE TRIGGER "holdfast_outbox_insert" AFTER INSERT ON "users"
    REFERENCING NEW TABLE AS holdfast_new
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_users"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_update" AFTER UPDATE ON "users"
    REFERENCING OLD TABLE AS holdfast_old NEW TABLE AS holdfast_new
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_users"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_delete" AFTER DELETE ON "users"
    REFERENCING OLD TABLE AS holdfast_old
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_users"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_truncate" AFTER TRUNCATE ON "users"
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_users"();

CREATE OR REPLACE FUNCTION "holdfast_outbox"."record_projects"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $holdfast$
DECLARE
  sent CONSTANT text := current_query();
  fenced text[];
  changed text[];
BEGIN
  -- Depth 1 is the statement as it was sent, with its cascades: those the fences are for. Deeper is what triggers do.
  IF starts_with(sent, '/*holdfast holdfast_outbox:') AND pg_trigger_depth() = 1 THEN
    fenced := string_to_array(substr(sent, 28, strpos(sent, '*/') - 28), ',');
    IF TG_TABLE_NAME = ANY (fenced) OR TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME = ANY (fenced) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP = 'INSERT' THEN
    changed := ARRAY(SELECT r."id"::text FROM holdfast_new AS r LIMIT 1001);
  ELSIF TG_OP = 'UPDATE' THEN
    changed := ARRAY((SELECT r."id"::text FROM holdfast_old AS r LIMIT 1001) UNION (SELECT r."id"::text FROM holdfast_new AS r LIMIT 1001));
  ELSIF TG_OP = 'DELETE' THEN
    changed := ARRAY(SELECT r."id"::text FROM holdfast_old AS r LIMIT 1001);
  END IF;
  IF cardinality(changed) = 0 THEN
    RETURN NULL;
  ELSIF cardinality(changed) > 1000 THEN
    changed := NULL;
  END IF;
  INSERT INTO "holdfast_outbox"."outbox" (table_schema, table_name, ids)
  VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME, changed);
  RETURN NULL;
END
$holdfast$;

CREATE OR REPLACE TRIGGER "holdfast_outbox_insert" AFTER INSERT ON "projects"
    REFERENCING NEW TABLE AS holdfast_new
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_projects"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_update" AFTER UPDATE ON "projects"
    REFERENCING OLD TABLE AS holdfast_old NEW TABLE AS holdfast_new
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_projects"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_delete" AFTER DELETE ON "projects"
    REFERENCING OLD TABLE AS holdfast_old
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_projects"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_truncate" AFTER TRUNCATE ON "projects"
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_projects"();

CREATE OR REPLACE FUNCTION "holdfast_outbox"."record_conversion_jobs"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $holdfast$
DECLARE
  sent CONSTANT text := current_query();
  fenced text[];
  changed text[];
BEGIN
  -- Depth 1 is the statement as it was sent, with its cascades: those the fences are for. Deeper is what triggers do.
  IF starts_with(sent, '/*holdfast holdfast_outbox:') AND pg_trigger_depth() = 1 THEN
    fenced := string_to_array(substr(sent, 28, strpos(sent, '*/') - 28), ',');
    IF TG_TABLE_NAME = ANY (fenced) OR TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME = ANY (fenced) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP = 'INSERT' THEN
    changed := ARRAY(SELECT r."id"::text FROM holdfast_new AS r LIMIT 1001);
  ELSIF TG_OP = 'UPDATE' THEN
    changed := ARRAY((SELECT r."id"::text FROM holdfast_old AS r LIMIT 1001) UNION (SELECT r."id"::text FROM holdfast_new AS r LIMIT 1001));
  ELSIF TG_OP = 'DELETE' THEN
    changed := ARRAY(SELECT r."id"::text FROM holdfast_old AS r LIMIT 1001);
  END IF;
  IF cardinality(changed) = 0 THEN
    RETURN NULL;
  ELSIF cardinality(changed) > 1000 THEN
    changed := NULL;
  END IF;
  INSERT INTO "holdfast_outbox"."outbox" (table_schema, table_name, ids)
  VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME, changed);
  RETURN NULL;
END
$holdfast$;

CREATE OR REPLACE TRIGGER "holdfast_outbox_insert" AFTER INSERT ON "conversion_jobs"
    REFERENCING NEW TABLE AS holdfast_new
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_conversion_jobs"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_update" AFTER UPDATE ON "conversion_jobs"
    REFERENCING OLD TABLE AS holdfast_old NEW TABLE AS holdfast_new
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_conversion_jobs"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_delete" AFTER DELETE ON "conversion_jobs"
    REFERENCING OLD TABLE AS holdfast_old
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_conversion_jobs"();
CREATE OR REPLACE TRIGGER "holdfast_outbox_truncate" AFTER TRUNCATE ON "conversion_jobs"
    FOR EACH STATEMENT EXECUTE FUNCTION "holdfast_outbox"."record_conversion_jobs"();
