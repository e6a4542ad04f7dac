/** Where in a text the term is to be found. */
export type LikePlace = 'contains' | 'startsWith' | 'endsWith';

/** A pattern for LIKE and ILIKE that matches the term itself, its `%`, `_` and `\` included, at this place. */
export function likePattern(term: string, place: LikePlace): string {
  const literal = term.replaceAll(/[\\%_]/g, '\\$&');
  return `${place === 'startsWith' ? '' : '%'}${literal}${place === 'endsWith' ? '' : '%'}`;
}
