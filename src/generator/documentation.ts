import { parseAnnotations } from './annotations/parse-text.js';
import type { Dmmf } from './dmmf.js';

/** What the schema says of each model in documentation comments, line by line, without the annotations. */
export function documentationOf({ datamodel }: Dmmf): ReadonlyMap<string, readonly string[]> {
  return new Map(
    datamodel.models.map(({ name, documentation }) => [name, withoutAnnotations(documentation ?? '')]),
  );
}

function withoutAnnotations(documentation: string): readonly string[] {
  const lines = documentation.split('\n').flatMap((line) => {
    const found = parseAnnotations(line);
    if (found.length === 0) return [line];
    const rest = found.reduce((text, annotation) => text.replace(annotation.text, ''), line);
    return rest.trim() === '' ? [] : [rest.replaceAll(/ {2,}/g, ' ').trim()];
  });
  while (lines.at(-1)?.trim() === '') lines.pop();
  while (lines[0]?.trim() === '') lines.shift();
  return lines;
}
