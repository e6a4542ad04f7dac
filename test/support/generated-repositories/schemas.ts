import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../prisma/schemas/', import.meta.url);

/** A schema written for these tests, without generator blocks. */
export interface TestSchema {
  readonly text: string;
  readonly models: readonly string[];
  readonly views: readonly string[];
}

/** The schema of this name; `viewsSql` makes its views, which Prisma does not. */
export function schemaOf(name: string): TestSchema & { readonly viewsSql: string } {
  return { ...describeSchema(contentOf(`${name}.prisma`)), viewsSql: contentOf(`${name}.views.sql`) };
}

export function describeSchema(text: string): TestSchema {
  const named = (keyword: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^${keyword} (\\w+)`, 'gm'))].map(([, name = '']) => name);
  return { text, models: named('model'), views: named('view') };
}

function contentOf(file: string): string {
  return readFileSync(fileURLToPath(new URL(file, FOLDER)), 'utf8');
}
