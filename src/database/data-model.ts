import { createHash } from 'node:crypto';
import { WiringError } from '../errors.js';

interface RuntimeField {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
}

interface RuntimeDataModel {
  readonly models: Readonly<Record<string, { readonly fields: readonly RuntimeField[] }>>;
  readonly enums: Readonly<Record<string, unknown>>;
}

/** The models of a Prisma schema and how they hang together, read from the client itself. */
export class DataModel {
  /** Changes whenever a model, a field or a field's type does, so that no cache entry outlives its shape. */
  readonly fingerprint: string;
  readonly #model: RuntimeDataModel;

  constructor(model: RuntimeDataModel) {
    this.#model = model;
    this.fingerprint = createHash('sha256').update(JSON.stringify(model)).digest('base64url').slice(0, 12);
  }

  /**
   * @throws WiringError when the client holds no data model, as it does in Prisma 7. The property is not documented;
   * the metadata that the generator will write takes its place.
   */
  static of(client: object): DataModel {
    const model = (client as { _runtimeDataModel?: RuntimeDataModel })._runtimeDataModel;
    if (model?.models === undefined) {
      throw new WiringError(
        'The Prisma client holds no data model. holdfast works with Prisma 7: run "npm ls prisma".',
      );
    }
    return new DataModel(model);
  }

  /** @throws WiringError when the schema has no such model */
  assertModel(model: string): void {
    if (Object.hasOwn(this.#model.models, model)) return;
    throw new WiringError(
      `The schema has no model "${model}". It has: ${Object.keys(this.#model.models).join(', ')}.`,
    );
  }

  /** The models that a write may touch besides its own: none, or, where it nests, all that relations lead to. */
  modelsTouchedBy(model: string, data: object): readonly string[] {
    const fields = this.#model.models[model]?.fields ?? [];
    const nests = fields.some(
      (field) => field.kind === 'object' && (data as Record<string, unknown>)[field.name] !== undefined,
    );
    return nests ? this.relatedModels(model) : [];
  }

  /** The model itself and every model that can be reached from it through relations. */
  relatedModels(model: string): readonly string[] {
    const found = new Set<string>([model]);
    for (const name of found) {
      for (const field of this.#model.models[name]?.fields ?? []) {
        if (field.kind === 'object') found.add(field.type);
      }
    }
    return [...found];
  }
}
