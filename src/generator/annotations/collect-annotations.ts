import type { SchemaProblem } from '../errors.js';
import { isModel, type SchemaComment } from '../schema-text/scan-schema.js';
import type { Annotation } from './annotation.js';
import { parseAnnotations } from './parse-text.js';

/** Every annotation in these comments that stands where one can, and what is wrong with the others. */
export function collectAnnotations(comments: readonly SchemaComment[]): {
  readonly annotations: readonly Annotation[];
  readonly problems: readonly SchemaProblem[];
} {
  const annotations: Annotation[] = [];
  const problems: SchemaProblem[] = [];
  for (const comment of comments) {
    const { file, line, owner } = comment;
    for (const found of parseAnnotations(comment.text)) {
      const place = { file, line, column: comment.column + found.at };
      const misplaced = misplacement(comment);
      if (misplaced !== null) problems.push({ ...place, message: `${found.text}: ${misplaced}` });
      else if ('mistake' in found) problems.push({ ...place, message: `${found.text}: ${found.mistake}.` });
      else if (owner !== null)
        annotations.push({ name: found.name, args: found.args, text: found.text, place, owner });
    }
  }
  return { annotations, problems };
}

/** Why nothing in this comment can be an annotation; null where it can. */
function misplacement({ kind, owner }: SchemaComment): string | null {
  // Passed over in silence, a scope that was meant to keep tenants apart would not be there.
  if (kind === 'plain') {
    return 'write it in a documentation comment, "///". To disable an annotation, take away its "@".';
  }
  if (kind === 'block') return 'write it in a documentation comment, "///".';
  if (owner === null) {
    return 'it belongs to nothing. Write it directly above a model, a view or a field, or behind a field.';
  }
  if (isModel(owner.keyword)) return null;
  return `only models, views and their fields have annotations, and ${owner.block} is a ${owner.keyword} block.`;
}
