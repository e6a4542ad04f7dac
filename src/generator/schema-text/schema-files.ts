import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** One file of a Prisma schema. */
export interface SchemaFile {
  /** As an error shows it: relative to the current directory where it lies below that. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/**
 * The files of the schema that Prisma read, which is a file or a folder with files in it at any depth. DMMF and data model
 * tell neither files nor lines.
 */
export function readSchemaFiles(schemaPath: string): readonly SchemaFile[] {
  const absolute = path.resolve(schemaPath);
  const paths = statSync(absolute).isDirectory() ? schemaFilesIn(absolute) : [absolute];
  return paths.map((file) => ({ name: shownName(file), path: file, text: readFileSync(file, 'utf8') }));
}

function schemaFilesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.prisma'))
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

function shownName(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative.replaceAll(path.sep, '/');
}
