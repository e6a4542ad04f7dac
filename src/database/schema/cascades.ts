import type { ForeignKey } from './foreign-keys.js';
import type { IndexedModel, SchemaIndex } from './schema-index.js';
import { Touched } from './touched.js';

/** Something that happens to rows of a model: they go, or a field of theirs takes a value, or becomes null. */
type Event =
  | { readonly kind: 'delete'; readonly model: string }
  | { readonly kind: 'change' | 'clear'; readonly model: string; readonly field: string };

/**
 * What PostgreSQL does by itself when rows go or change, because foreign keys say so: at any depth, and in a circle at
 * most once. Each answer is worked out once. None speaks of the rows that the event itself is about.
 */
export class Cascades {
  readonly #schema: SchemaIndex;
  readonly #known = new Map<string, Touched>();

  constructor(schema: SchemaIndex) {
    this.#schema = schema;
  }

  ofDelete(model: string): Touched {
    return this.#following({ kind: 'delete', model });
  }

  /** The field takes another value: rows that name it follow, and where it is part of a key, a value appears. */
  ofChange(model: string, field: string): Touched {
    return this.#following({ kind: 'change', model, field });
  }

  /** The field becomes null. No lookup by a unique key can ask for null, so nothing appears. */
  ofClear(model: string, field: string): Touched {
    return this.#following({ kind: 'clear', model, field });
  }

  #following(first: Event): Touched {
    const known = this.#known.get(nameOf(first));
    if (known !== undefined) return known;
    const touched = new Touched();
    const events = new Map([[nameOf(first), first]]);
    for (const event of events.values()) {
      for (const next of this.#consequencesOf(event, touched)) events.set(nameOf(next), next);
    }
    this.#known.set(nameOf(first), touched);
    return touched;
  }

  /** Notes what the event touches besides its own rows, and returns what it brings about there. */
  #consequencesOf(event: Event, touched: Touched): Event[] {
    const model = this.#schema.model(event.model);
    if (event.kind === 'change' && model.keyFields.has(event.field)) touched.model(model.name, 'none', true);
    this.#joinRows(event, model, touched);
    return model.referencedBy.flatMap((key) => {
      const following = event.kind === 'delete' ? onDelete(key) : onUpdate(key, event.kind, event.field);
      if (following.length > 0) touched.model(key.holder, 'any').table(this.#schema.model(key.holder).table);
      return following;
    });
  }

  /** A row's lines in the tables of implicit many-to-many relations go with it, and follow its primary key. */
  #joinRows(event: Event, model: IndexedModel, touched: Touched): void {
    if (event.kind !== 'delete' && !model.metadata.id.includes(event.field)) return;
    for (const { field, target } of model.relations.values()) {
      if (field.joinTable !== null) touched.model(target, 'none').table(field.joinTable);
    }
  }
}

function onDelete(key: ForeignKey): Event[] {
  const gone: Event[] = key.onDelete === 'Cascade' ? [{ kind: 'delete', model: key.holder }] : [];
  // Of a key that is only supposed the action is too, and no action is the worst of all.
  return [...gone, ...replaced(key, key.isExact ? key.onDelete : 'SetDefault')];
}

function onUpdate(key: ForeignKey, kind: 'change' | 'clear', field: string): Event[] {
  const position = key.references.indexOf(field);
  if (position === -1) return [];
  if (key.onUpdate !== 'Cascade') return replaced(key, key.onUpdate);
  const fields = key.isExact ? key.fields.slice(position, position + 1) : key.fields;
  return fields.map((name) => ({ kind, model: key.holder, field: name }));
}

function replaced(key: ForeignKey, action: ForeignKey['onDelete']): Event[] {
  if (action !== 'SetNull' && action !== 'SetDefault') return [];
  const kind = action === 'SetNull' ? 'clear' : 'change';
  return key.fields.map((field) => ({ kind, model: key.holder, field }));
}

function nameOf(event: Event): string {
  return event.kind === 'delete' ? event.model : `${event.model}.${event.field}.${event.kind}`;
}
