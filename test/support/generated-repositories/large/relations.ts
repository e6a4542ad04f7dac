import type { DraftModel } from './draft-model.js';

/** How one model points to another. */
export interface Pointing {
  readonly optional?: boolean;
  /** One to one. */
  readonly unique?: boolean;
  readonly onDelete?: string;
  readonly onUpdate?: string;
  /** What the field is called; its columns begin with it. */
  readonly field?: string;
  readonly opposite?: string;
}

/** Writes relations between models, each under a name of its own. */
export class Relations {
  count = 0;

  /** Adds a foreign key to `from`, and the other end to `to`, which may be the same model. */
  point(from: DraftModel, to: DraftModel, pointing: Pointing = {}): void {
    this.count += 1;
    const { optional = false, unique = false, onDelete, onUpdate } = pointing;
    const name = `Relation${this.count}`;
    const field = pointing.field ?? `to${this.count}`;
    const opposite = pointing.opposite ?? `from${this.count}`;
    const columns = to.key.columns.map((column) => ({ ...column, own: `${field}_${column.name}` }));
    const mark = optional ? '?' : '';
    const only = unique && columns.length === 1 ? '@unique' : '';
    for (const { own, type, native } of columns) {
      from.field(`${own} ${type}${mark} ${only} ${native} @map("fk ${own}")`);
    }
    const names = columns.map(({ own }) => own).join(', ');
    if (unique && columns.length > 1) from.block(`@@unique([${names}], map: "one_to_one_${this.count}")`);
    const actions = [
      ...(onDelete === undefined ? [] : [`onDelete: ${onDelete}`]),
      ...(onUpdate === undefined ? [] : [`onUpdate: ${onUpdate}`]),
      `map: "relation_${this.count}"`,
    ].join(', ');
    const references = to.key.columns.map((column) => column.name).join(', ');
    from.field(
      `${field} ${to.name}${mark} @relation("${name}", fields: [${names}], references: [${references}], ${actions})`,
    );
    to.field(`${opposite} ${from.name}${unique ? '?' : '[]'} @relation("${name}")`);
  }

  /** Joins two models, or one with itself, by a table that Prisma makes. */
  join(a: DraftModel, b: DraftModel, name = `Join${this.count + 1}`): void {
    this.count += 1;
    a.field(`joins${this.count} ${b.name}[] @relation("${name}")`);
    b.field(`joined${this.count} ${a.name}[] @relation("${name}")`);
  }
}
