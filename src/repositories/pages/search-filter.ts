import { checkedTerm, type ModelMetadata } from '../../database/index.js';
import { InvalidArgumentError } from '../../errors.js';

/**
 * The filter for rows that have a term, in any case, in one of these fields. The term means itself: `%`, `_` and `\` are
 * characters. An index of trigrams on the columns serves it.
 *
 * @throws SearchTermError when the term, without the spaces around it, is too short or too long
 * @throws InvalidArgumentError when there are no fields, or one is none that holds text
 */
export function searchFilter(model: ModelMetadata, given: string, fields: readonly string[]): object {
  const term = checkedTerm(given, undefined);
  if (fields.length === 0) {
    throw new InvalidArgumentError(
      `A search needs fields to look into: give fields, or searchFields in the options of ${model.name}.`,
    );
  }
  // Prisma hands the text to LIKE as it is.
  const contains = term.replaceAll(/[\\%_]/g, '\\$&');
  return {
    OR: fields.map((field) => {
      const column = model.fields[field];
      if (column?.kind !== 'scalar' || column.type !== 'String' || column.list) {
        throw new InvalidArgumentError(`${model.name}.${field} holds no text that could be searched.`, {
          context: { model: model.name, field },
        });
      }
      return { [field]: { contains, mode: 'insensitive' } };
    }),
  };
}
