import { InvalidArgumentError } from '../../errors.js';

/** The protocol counts a statement's parameters in 16 bits: https://www.postgresql.org/docs/15/protocol-message-formats.html */
const MAX_PARAMETERS = 65_535;

/** A piece of SQL with its parameters, numbered only when it is complete. Immutable. */
export class Sql {
  /** One more than `values`: the text before, between and after them. */
  readonly strings: readonly string[];
  readonly values: readonly unknown[];

  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings;
    this.values = values;
  }

  /**
   * The statement as PostgreSQL takes it, with `$1`, `$2` ... for the parameters.
   *
   * @throws InvalidArgumentError when there are more parameters than the protocol can count
   */
  get text(): string {
    if (this.values.length > MAX_PARAMETERS) {
      throw new InvalidArgumentError(
        `A statement takes at most ${MAX_PARAMETERS} parameters, this one has ${this.values.length}.`,
      );
    }
    return this.strings.reduce((text, string, index) => `${text}$${index}${string}`);
  }
}

/** SQL from a template: what stands in `${}` becomes a parameter, another `Sql` is put in as it is. */
export function sql(strings: TemplateStringsArray, ...inserts: readonly unknown[]): Sql {
  return weave(strings, inserts);
}

/** Text that is SQL already: quoted names and key words, never anything from outside. */
export function trusted(text: string): Sql {
  return new Sql([text], []);
}

/** Pieces one after another, with the separator between them. */
export function joinSql(pieces: readonly Sql[], separator: string): Sql {
  if (pieces.length === 0) return trusted('');
  return weave(['', ...Array<string>(pieces.length - 1).fill(separator), ''], pieces);
}

function weave(strings: readonly string[], inserts: readonly unknown[]): Sql {
  const texts = [strings[0] ?? ''];
  const values: unknown[] = [];
  const append = (text: string): void => {
    texts[texts.length - 1] += text;
  };
  inserts.forEach((insert, index) => {
    if (insert instanceof Sql) {
      append(insert.strings[0] ?? '');
      values.push(...insert.values);
      texts.push(...insert.strings.slice(1));
    } else {
      values.push(insert);
      texts.push('');
    }
    append(strings[index + 1] ?? '');
  });
  return new Sql(texts, values);
}
