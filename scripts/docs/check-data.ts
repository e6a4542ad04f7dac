import { allVariables } from '../../src/config/variables.js';
import { type Example, sourceOf } from './examples.js';
import type { Problem } from './pages.js';

const SETTINGS = new Set(allVariables.flatMap(({ name, aliases }) => [name, ...aliases]));

/** Whether a JSON example can be parsed. */
export function checkJson(example: Example): Problem[] {
  const { text, pageLine } = sourceOf(example);
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = Number(/position (\d+)/.exec(error.message)?.[1] ?? text.length);
    const line = text.slice(0, position).split('\n').length;
    return [{ file: example.page, line: pageLine(line), message: `this is no JSON: ${error.message}` }];
  }
}

/** Whether an example of an `.env` file has lines `NAME=value` only, with settings that there are. */
export function checkEnvironment(example: Example): Problem[] {
  const { text, pageLine } = sourceOf(example);
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const name = /^([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
    if (name !== undefined && SETTINGS.has(name)) return [];
    const message = name === undefined ? 'this is not NAME=value' : `there is no setting ${name}`;
    return [{ file: example.page, line: pageLine(index + 1), message }];
  });
}
