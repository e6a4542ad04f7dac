import type { Cascades } from './cascades.js';
import type { IndexedRelation } from './indexed-relation.js';
import { argumentsOf, givenIn, isGiven, itemsOf } from './prisma-arguments.js';
import type { IndexedModel, SchemaIndex } from './schema-index.js';
import type { Touched } from './touched.js';

/** Whether the row that holds a nested write is being created, or was there. */
type Parent = 'new' | 'existing';

/** One relation of one parent, in one nested write. */
interface Link {
  readonly model: IndexedModel;
  readonly relation: IndexedRelation;
  readonly target: IndexedModel;
  readonly parent: Parent;
}

/** Walks through the `data` of a write and notes what its nested writes touch, at any depth. */
export class NestedWrites {
  readonly #schema: SchemaIndex;
  readonly #cascades: Cascades;
  readonly #touched: Touched;

  constructor(schema: SchemaIndex, cascades: Cascades, touched: Touched) {
    this.#schema = schema;
    this.#cascades = cascades;
    this.#touched = touched;
  }

  /** Notes what this data does besides making the row, or changing the row that was there. */
  walk(model: IndexedModel, data: unknown, parent: Parent): void {
    const given = argumentsOf(data);
    if (given === null) {
      this.#touched.beyondKnowledge();
      return;
    }
    for (const [name, value] of givenIn(given)) {
      const relation = model.relations.get(name);
      if (relation !== undefined) {
        this.#relation({ model, relation, target: this.#schema.model(relation.target), parent }, value);
      } else if (!model.fields.has(name)) this.#touched.beyondKnowledge();
      else if (parent === 'existing') this.#touched.include(this.#cascades.ofChange(model.name, name));
    }
  }

  #relation(link: Link, value: unknown): void {
    const given = argumentsOf(value);
    if (given === null || link.relation.kept === 'unknown') this.#touched.beyondKnowledge();
    else for (const [operation, argument] of givenIn(given)) this.#operation(link, operation, argument);
  }

  #operation(link: Link, operation: string, argument: unknown): void {
    switch (operation) {
      case 'create':
        for (const data of itemsOf(argument)) this.#create(link, data);
        break;
      case 'createMany':
        for (const data of itemsOf(argumentsOf(argument)?.['data'])) this.#create(link, data);
        break;
      case 'connectOrCreate':
        for (const item of itemsOf(argument)) this.#create(link, argumentsOf(item)?.['create']);
        this.#connect(link);
        break;
      case 'connect':
        this.#connect(link);
        break;
      case 'disconnect':
        this.#part(link);
        break;
      case 'set':
        this.#part(link);
        this.#connect(link);
        break;
      case 'update':
      case 'updateMany':
        for (const item of itemsOf(argument)) this.#update(link, item);
        break;
      case 'upsert':
        for (const item of itemsOf(argument)) this.#upsert(link, item);
        break;
      case 'delete':
      case 'deleteMany':
        this.#delete(link);
        break;
      default:
        this.#touched.beyondKnowledge();
    }
  }

  #create(link: Link, data: unknown): void {
    this.#touched.model(link.target.name, 'none', true).table(link.target.table);
    this.walk(link.target, data, 'new');
    this.#keyOfParentChanges(link);
    this.#joinRows(link);
    // The new row takes the place of the one that the parent had.
    if (link.relation.oneToOne && link.relation.kept === 'there' && link.parent === 'existing')
      this.#part(link);
  }

  #connect(link: Link): void {
    const { relation, target, model } = link;
    this.#keyOfParentChanges(link);
    this.#joinRows(link);
    if (relation.kept === 'there') {
      this.#rows(target);
      for (const field of relation.key) this.#touched.include(this.#cascades.ofChange(target.name, field));
    }
    // Whoever held the other row loses it.
    if (relation.kept === 'here' && relation.oneToOne) this.#clear(model, relation);
  }

  #part(link: Link): void {
    const { relation, target, model, parent } = link;
    this.#joinRows(link);
    if (relation.kept === 'there') this.#clear(target, relation);
    if (relation.kept !== 'here' || parent === 'new') return;
    for (const field of relation.key) this.#touched.include(this.#cascades.ofClear(model.name, field));
  }

  #update(link: Link, item: unknown): void {
    const { target } = link;
    const given = argumentsOf(item);
    this.#rows(target);
    const wraps = given !== null && isGiven(given['data']);
    if (wraps) this.walk(target, given['data'], 'existing');
    // Of a to-one relation Prisma also takes the data as it is, and a field may bear the name `data`.
    if (!wraps || target.fields.has('data')) this.walk(target, item, 'existing');
  }

  #upsert(link: Link, item: unknown): void {
    const given = argumentsOf(item);
    this.#create(link, given?.['create']);
    this.#update(link, { data: given?.['update'] });
  }

  #delete(link: Link): void {
    this.#rows(link.target);
    this.#touched.include(this.#cascades.ofDelete(link.target.name));
    this.#part(link);
  }

  #keyOfParentChanges({ relation, model, parent }: Link): void {
    if (relation.kept !== 'here' || parent === 'new') return;
    for (const field of relation.key) this.#touched.include(this.#cascades.ofChange(model.name, field));
  }

  #joinRows({ relation, model, target }: Link): void {
    const { joinTable } = relation.field;
    if (joinTable !== null)
      this.#touched.model(model.name, 'none').model(target.name, 'none').table(joinTable);
  }

  /** Rows of the holder lose what they were bound to. */
  #clear(holder: IndexedModel, relation: IndexedRelation): void {
    this.#rows(holder);
    for (const field of relation.key) this.#touched.include(this.#cascades.ofClear(holder.name, field));
  }

  #rows(model: IndexedModel): void {
    this.#touched.model(model.name, 'any').table(model.table);
  }
}
