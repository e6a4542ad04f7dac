import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';

/** PostgreSQL's internal type "char", in which its catalogues keep kinds, and bpchar, which is read the same way. */
const CHAR_OID = 18;
const BPCHAR_OID = 1042;

/** The part of the adapter that is mended below; it is not in its types. */
interface QueryResult {
  readonly fields: { dataTypeID: number }[];
  readonly rows: unknown[];
}
type PatchableAdapter = SqlDriverAdapter & { performIO(query: unknown): Promise<QueryResult> };

/**
 * Prisma's PostgreSQL adapter, fit for the schema engine. Each connection it opens is added to `connections`, because
 * the engine closes none.
 */
export function schemaEngineAdapter(
  databaseUrl: string,
  connections: SqlDriverAdapter[],
): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(connectionFields(databaseUrl));
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    connect: async () => {
      const adapter = (await factory.connect()) as unknown as PatchableAdapter;
      const connection = readingChar(sendingScriptsWhole(adapter));
      connections.push(connection);
      return connection;
    },
  };
}

/**
 * The adapter knows no column of type "char" (7.10.0), and the engine cannot read a database's tables without: it is
 * read as bpchar and then declared to be the character that the engine expects.
 */
function readingChar(adapter: PatchableAdapter): SqlDriverAdapter {
  const charColumns = new WeakMap<object, number[]>();
  const performIO = adapter.performIO.bind(adapter);
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.performIO = async (query) => {
    const result = await performIO(query);
    const columns = result.fields.flatMap((field, i) => (field.dataTypeID === CHAR_OID ? [i] : []));
    for (const field of result.fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = BPCHAR_OID;
    charColumns.set(result.rows, columns);
    return result;
  };
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const column of charColumns.get(result.rows) ?? []) {
      result.columnTypes[column] = ColumnTypeEnum.Character;
    }
    return result;
  };
  return adapter;
}

/**
 * The adapter sends a script piece by piece, cut at every semicolon (7.10.0), also within the body of a function. The
 * engine behind `prisma migrate` sends it as one, and so does this.
 */
function sendingScriptsWhole(adapter: PatchableAdapter): PatchableAdapter {
  const performIO = adapter.performIO.bind(adapter);
  adapter.executeScript = async (sql) => {
    await performIO({ sql, args: [], argTypes: [] });
  };
  return adapter;
}

/** Fields rather than a URL: with a URL the engine's shadow database was the main one. */
function connectionFields(databaseUrl: string) {
  const url = new URL(databaseUrl);
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}
