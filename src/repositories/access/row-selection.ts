import type { ModelMetadata } from '../../database/index.js';

/** Whether a selection can be taken from the whole row: all of it, or columns of it by `select`. */
export function isRowSelection(model: ModelMetadata, selection: object): boolean {
  const given = Object.entries(selection).filter(([, value]) => value !== undefined);
  const [only, ...more] = given;
  if (only === undefined) return true;
  const [name, fields] = only;
  if (name !== 'select' || more.length > 0 || typeof fields !== 'object' || fields === null) return false;
  const wanted = Object.entries(fields);
  // Prisma refuses a selection of nothing.
  return (
    wanted.some(([, isWanted]) => isWanted === true) &&
    wanted.every(([field, isWanted]) => {
      return (
        (typeof isWanted === 'boolean' || isWanted === undefined) && model.fields[field]?.kind === 'scalar'
      );
    })
  );
}

/** Whether a selection asks for rows of other models too. */
export function selectsRelations(model: ModelMetadata, selection: object): boolean {
  const { include, select } = selection as { readonly include?: object; readonly select?: object };
  const wanted = Object.entries({ ...include, ...select }).filter(([, isWanted]) => Boolean(isWanted));
  return wanted.some(([field]) => model.fields[field]?.kind !== 'scalar');
}

/** The selected columns of a row. */
export function picked(row: object | null, selection: object | undefined): object | null {
  const select: unknown = selection === undefined ? undefined : Reflect.get(selection, 'select');
  if (row === null || typeof select !== 'object' || select === null) return row;
  const wanted = select as Readonly<Record<string, unknown>>;
  return Object.freeze(Object.fromEntries(Object.entries(row).filter(([field]) => wanted[field] === true)));
}
