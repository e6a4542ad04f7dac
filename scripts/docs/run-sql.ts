import pg from 'pg';
import { type Example, sourceOf } from './examples.js';
import type { Problem } from './pages.js';

/**
 * Executes SQL examples one after the other in a database. One with parameters (`$1`) is prepared, which checks it as
 * far as can be without values.
 */
export async function runSqlExamples(databaseUrl: string, examples: readonly Example[]): Promise<Problem[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  const problems: Problem[] = [];
  await client.connect();
  try {
    for (const example of examples) {
      const { text, pageLine } = sourceOf(example);
      const prefix = /\$\d/.test(text) ? `PREPARE example_${example.line} AS ` : '';
      try {
        await client.query(prefix + text);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        const position = Number(error.position ?? 1) - 1 - prefix.length;
        const line = text.slice(0, Math.max(0, position)).split('\n').length;
        problems.push({
          file: example.page,
          line: pageLine(line),
          message: `PostgreSQL says: ${error.message}`,
        });
      }
    }
  } finally {
    await client.end();
  }
  return problems;
}
