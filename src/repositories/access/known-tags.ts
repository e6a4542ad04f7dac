import { type SchemaMetadata, type WriteEffects, writeEffects } from '../../database/index.js';
import type { EntityKey } from './entity-key.js';
import type { RepositoryWrite } from './repository-write.js';

const BULK = { updateMany: 'update', deleteMany: 'delete' } as const;

/**
 * The tags of a write, if it changes no other rows of its model than those whose tags they are. What is nested in it, or
 * follows from foreign keys, may: a comment that goes with the comment it answers.
 */
export function knownTags(
  metadata: SchemaMetadata,
  model: string,
  key: EntityKey,
  write: RepositoryWrite,
  effects: WriteEffects,
): readonly string[] | null {
  if (write.tags === undefined || write.tags === null) return null;
  const { operation } = write;
  if (operation !== 'updateMany' && operation !== 'deleteMany') {
    return touchesOthers(effects, model) ? null : write.tags;
  }
  // As if it were about one row: what it touches of the model besides that is not in its filter.
  const where = key.uniqueWhere(Object.fromEntries(key.fields.map((field) => [field, 0])));
  const alone = writeEffects(metadata, model, BULK[operation], { ...write.args, where });
  return !alone.ownRow || touchesOthers(alone, model) ? null : write.tags;
}

function touchesOthers({ models }: WriteEffects, model: string): boolean {
  return models.some((effect) => effect.model === model && effect.rows !== 'none');
}
