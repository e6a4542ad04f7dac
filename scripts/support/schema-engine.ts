import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type * as EngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import { readMigrations } from './migration-files.js';
import { schemaEngineAdapter } from './schema-engine-adapter.js';

/** The part of the WebAssembly API used here; its types come with the DOM library, which this project leaves out. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
};

const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Prisma's schema engine as WebAssembly, on one database. It is the engine behind `prisma migrate`, and the only form
 * of it that needs no download.
 */
export class SchemaEngine {
  readonly #engine: EngineModule.SchemaEngine;
  readonly #schema: { readonly path: string; readonly content: string };
  readonly #connections: readonly SqlDriverAdapter[];

  private constructor(
    engine: EngineModule.SchemaEngine,
    schema: { path: string; content: string },
    connections: readonly SqlDriverAdapter[],
  ) {
    this.#engine = engine;
    this.#schema = schema;
    this.#connections = connections;
  }

  /** Opens the engine on a database, for one schema file. `close` gives its connections back. */
  static async open(databaseUrl: string, schemaFile: string): Promise<SchemaEngine> {
    const { SchemaEngine: Engine } = await loadEngine();
    const content = await readFile(schemaFile, 'utf8');
    const connections: SqlDriverAdapter[] = [];
    const adapter = bindMigrationAwareSqlAdapterFactory(schemaEngineAdapter(databaseUrl, connections));
    const engine = await Engine.new({ datamodels: [[schemaFile, content]] }, () => undefined, adapter);
    return new SchemaEngine(engine, { path: schemaFile, content }, connections);
  }

  /** The SQL that leads from the tables that the database has to those that the schema describes; '' when they agree. */
  async missingSql(): Promise<string> {
    return this.#diff({
      tag: 'schemaDatasource',
      files: [this.#schema],
      configDir: path.dirname(this.#schema.path),
    });
  }

  /** The SQL that creates everything the schema describes. */
  async completeSql(): Promise<string> {
    return this.#diff({ tag: 'empty' });
  }

  /** Applies the migrations of a folder as `prisma migrate deploy` does, and returns the names of those it applied. */
  async applyMigrations(folder: string): Promise<string[]> {
    const migrations = await readMigrations(folder);
    const result = await this.#engine.applyMigrations({
      filters: NO_FILTERS,
      migrationsList: {
        baseDir: folder,
        lockfile: {
          path: 'migration_lock.toml',
          content: await readFile(path.join(folder, 'migration_lock.toml'), 'utf8'),
        },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: sql } },
        })),
      },
    });
    return result.appliedMigrationNames;
  }

  async close(): Promise<void> {
    this.#engine.free();
    for (const connection of this.#connections) await connection.dispose();
  }

  async #diff(from: EngineModule.DiffTarget): Promise<string> {
    const result = await this.#engine.diff({
      from,
      to: { tag: 'schemaDatamodel', files: [this.#schema] },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    });
    const sql = result.stdout ?? '';
    return sql.includes('This is an empty migration') ? '' : sql;
  }
}

let loading: Promise<typeof EngineModule> | undefined;

/**
 * Loads the package's WebAssembly by hand: its entry point imports the .wasm file as a module, which Node 20 cannot.
 */
function loadEngine(): Promise<typeof EngineModule> {
  loading ??= (async () => {
    // Where a panic of the engine leaves its message; without one it dies of a TypeError that says nothing.
    Object.assign(globalThis, {
      PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.emitWarning(message) },
    });
    const engine: typeof EngineModule = await import('@prisma/schema-engine-wasm/schema_engine_bg');
    const directory = path.dirname(
      createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
    );
    const wasm = await WebAssembly.instantiate(
      await readFile(path.join(directory, 'schema_engine_bg.wasm')),
      {
        './schema_engine_bg.js': withUnreferencedTimers(engine),
      },
    );
    const { exports } = wasm.instance;
    engine.__wbg_set_wasm(exports);
    (exports['__wbindgen_start'] as () => void)();
    return engine;
  })();
  return loading;
}

/**
 * The engine's imports with a `setTimeout` that keeps no process alive. It starts a timer of 10 s for the advisory lock
 * and leaves it running when it has the lock.
 */
function withUnreferencedTimers(imports: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(imports).map(([name, value]) => [
      name,
      // The generated name ends in a hash that changes with every build.
      name.startsWith('__wbg_setTimeout_')
        ? (callback: () => void, delayMs: number) => setTimeout(callback, delayMs >>> 0).unref()
        : value,
    ]),
  );
}
