import pg from 'pg';
import type { MaintenanceSession } from './session.js';

/**
 * Everything with a name in `pg_class`: also what is no table, so that a name can be answered by what it is. Nothing
 * here waits for a lock. `MAINTAIN` is a privilege since PostgreSQL 17; before, it takes the owner or a superuser, for
 * VACUUM and ANALYZE also the owner of the database.
 */
const RELATIONS_SQL = `
SELECT c.oid::int8::float8                               AS "oid",
       n.nspname                                         AS "schema",
       c.relname                                         AS "name",
       c.relkind                                         AS "kind",
       c.relpersistence = 't'                            AS "isTemporary",
       n.nspname = 'information_schema'
         OR n.nspname LIKE 'pg\\_%'                       AS "isSystem",
       pg_table_is_visible(c.oid)                        AS "isVisible",
       i.inhparent::int8::float8                         AS "parentOid",
       c.relhasindex                                     AS "hasIndexes",
       CASE WHEN current_setting('server_version_num')::int >= 170000
            THEN has_table_privilege(c.oid, 'MAINTAIN')
            ELSE pg_has_role(c.relowner, 'USAGE')
       END                                               AS "mayReindex",
       CASE WHEN current_setting('server_version_num')::int >= 170000
            THEN has_table_privilege(c.oid, 'MAINTAIN')
            ELSE pg_has_role(c.relowner, 'USAGE')
       END OR NOT c.relisshared AND pg_has_role(d.datdba, 'USAGE')
                                                         AS "mayVacuum"
FROM   pg_class c
JOIN   pg_namespace n ON n.oid = c.relnamespace
JOIN   pg_database d ON d.datname = current_database()
LEFT   JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
ORDER  BY n.nspname, c.relname`;

/** A thing in the catalog, with what decides whether maintenance may touch it. */
export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** As `pg_class.relkind`: r table, p partitioned table, m materialized view, f foreign table, and others. */
  readonly kind: string;
  readonly isTemporary: boolean;
  /** Belongs to PostgreSQL itself. */
  readonly isSystem: boolean;
  /** Found by its bare name, through the search path. */
  readonly isVisible: boolean;
  /** The partitioned table that it is a partition of. */
  readonly parentOid: number | null;
  readonly hasIndexes: boolean;
  readonly mayReindex: boolean;
  readonly mayVacuum: boolean;
}

/** What there is in the database at this moment. */
export class Catalog {
  readonly relations: readonly Relation[];

  constructor(relations: readonly Relation[]) {
    this.relations = relations;
  }

  static async read(session: MaintenanceSession): Promise<Catalog> {
    return new Catalog(await session.query<Relation>(RELATIONS_SQL));
  }

  /** What maintenance works on when no table is named. */
  get userTables(): readonly Relation[] {
    return this.relations.filter(
      ({ kind, isSystem, isTemporary }) => 'rpm'.includes(kind) && !isSystem && !isTemporary,
    );
  }

  /** The partitions of a partitioned table, at every level, and among them only those that hold rows or lead to them. */
  partitionsOf(oid: number): readonly Relation[] {
    return this.relations
      .filter(({ parentOid, kind }) => parentOid === oid && 'rpf'.includes(kind))
      .flatMap((partition) => [partition, ...this.partitionsOf(partition.oid)]);
  }
}

/** The name for SQL: both parts quoted, always. */
export function quotedName(relation: Pick<Relation, 'schema' | 'name'>): string {
  return `${pg.escapeIdentifier(relation.schema)}.${pg.escapeIdentifier(relation.name)}`;
}

/** The name for people: as one would write it in SQL, quoted only where it would otherwise mean another. */
export function displayName(relation: Pick<Relation, 'schema' | 'name'>): string {
  return `${displayPart(relation.schema)}.${displayPart(relation.name)}`;
}

function displayPart(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : pg.escapeIdentifier(name);
}
