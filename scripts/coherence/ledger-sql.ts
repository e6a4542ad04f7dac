/**
 * Puts a stamp on every state that a hot row is in, and takes down, in the order of the commits, which states there
 * were. Triggers do it, so that it holds for every way of writing: a stamp is never given twice, also not after a
 * rollback, so a stamp that is read and not in the ledger was never committed.
 *
 * The entries are made when a transaction commits, and one at a time: the lock is held until the commit can be seen, so
 * their positions are in the order in which the commits became visible.
 */
export const LEDGER_SQL = `
CREATE SCHEMA coherence_check;
CREATE SEQUENCE coherence_check.stamps;

CREATE TABLE coherence_check.ledger (
    position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction XID8 NOT NULL DEFAULT pg_current_xact_id(),
    id          UUID NOT NULL,
    gone        BOOLEAN NOT NULL,
    stamp       BIGINT NOT NULL, -- of a row that is gone, its last
    mark        TEXT NOT NULL,   -- what the write left in it
    owner_id    UUID,            -- of a project
    github_id   TEXT,            -- of a user
    email       TEXT
);

CREATE FUNCTION coherence_check.stamp_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.file_count := nextval('coherence_check.stamps');
    RETURN NEW;
END $$;

CREATE FUNCTION coherence_check.stamp_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name := nextval('coherence_check.stamps')::text;
    RETURN NEW;
END $$;

CREATE FUNCTION coherence_check.note_project() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    project projects := coalesce(NEW, OLD);
BEGIN
    PERFORM pg_advisory_xact_lock(1970170);
    INSERT INTO coherence_check.ledger (id, gone, stamp, mark, owner_id)
    VALUES (project.id, TG_OP = 'DELETE', project.file_count, project.name, project.owner_id);
    RETURN NULL;
END $$;

CREATE FUNCTION coherence_check.note_user() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person users := coalesce(NEW, OLD);
BEGIN
    PERFORM pg_advisory_xact_lock(1970170);
    INSERT INTO coherence_check.ledger (id, gone, stamp, mark, github_id, email)
    VALUES (person.id, TG_OP = 'DELETE', person.name::bigint, person.username, person.github_id, person.email);
    RETURN NULL;
END $$;

CREATE TRIGGER coherence_check_stamp BEFORE INSERT OR UPDATE ON projects
    FOR EACH ROW EXECUTE FUNCTION coherence_check.stamp_project();
CREATE TRIGGER coherence_check_stamp BEFORE INSERT OR UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION coherence_check.stamp_user();
CREATE CONSTRAINT TRIGGER coherence_check_note AFTER INSERT OR UPDATE OR DELETE ON projects
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION coherence_check.note_project();
CREATE CONSTRAINT TRIGGER coherence_check_note AFTER INSERT OR UPDATE OR DELETE ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION coherence_check.note_user();
`;
