import { safeParse } from 'valibot';
import type { ConfigurationProblem } from '../errors.js';
import { type GivenInCode, groupsOf } from './overrides.js';
import { presetDefault } from './presets.js';
import type { Variable } from './variable.js';
import { allVariables, variables } from './variables.js';

/** Variables by their names, as `process.env` holds them. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

type Origin = 'code' | 'environment' | 'default';

interface Setting {
  readonly value: unknown;
  readonly origin: Origin;
  /** The name by which it was given: the variable's, another name of it or, from code, the path. */
  readonly source: string;
}

/** The value of every variable: what code says, else what the environment says, else the default. */
export class Settings {
  readonly problems: ConfigurationProblem[] = [];
  readonly #settings = new Map<Variable, Setting>();
  readonly #environment: EnvironmentVariables;
  readonly #inCode: GivenInCode;

  constructor(environment: EnvironmentVariables, inCode: GivenInCode) {
    this.#environment = environment;
    this.#inCode = inCode;
    // In the order of the table: NODE_ENV comes before the defaults that hang on it.
    for (const variable of allVariables) {
      const setting = this.#read(variable);
      if (setting !== null) this.#settings.set(variable, setting);
    }
  }

  /** The value of a variable. Only for one that is valid. */
  get<T>(variable: Variable<T>): T {
    // What stands in the map under a variable was parsed by that variable's own kind.
    return this.#settings.get(variable)?.value as T;
  }

  /** Whether the value, given or by default, can be used. */
  isValid(variable: Variable): boolean {
    return this.#settings.has(variable);
  }

  /** Whether a value that can be used was given, in code or in the environment. */
  isGiven(variable: Variable): boolean {
    const origin = this.#settings.get(variable)?.origin;
    return origin === 'code' || origin === 'environment';
  }

  /** Whether nothing at all was given; false where what was given is wrong. */
  isUnset(variable: Variable): boolean {
    return this.#settings.get(variable)?.origin === 'default';
  }

  /** The name to use for a variable in a message. */
  nameOf(variable: Variable): string {
    return this.#settings.get(variable)?.source ?? variable.name;
  }

  /** Refuses the value of a variable for a reason that lies in another one. */
  refuse(variable: Variable, expected: string): void {
    const value = this.isUnset(variable) ? '(unset)' : variable.kind.show(this.get(variable));
    this.problems.push({ variable: this.nameOf(variable), value, expected });
  }

  #read(variable: Variable): Setting | null {
    const { path, otherPaths } = variable;
    const other = otherPaths.find((given) => this.#inCode.has(given));
    if (other !== undefined) return this.#fromCode(variable, other);
    if (this.#isLeftOut(variable)) return this.#byDefault(variable);
    if (path !== null && this.#inCode.has(path)) return this.#fromCode(variable, path);
    return this.#fromEnvironment(variable);
  }

  #isLeftOut({ path, partOf }: Variable): boolean {
    if (partOf !== null && this.#inCode.has(partOf)) return true;
    return groupsOf(path ?? partOf ?? '').some((group) => this.#inCode.get(group) === null);
  }

  #byDefault(variable: Variable): Setting {
    const said = this.isGiven(variables.environment) ? this.get(variables.environment) : null;
    // In the order of the table: the preset comes before what hangs on it.
    const preset = this.isValid(variables.cachePreset) ? this.get(variables.cachePreset) : null;
    const byPreset =
      preset === null || variable.path === null ? undefined : presetDefault(preset, variable.path);
    const value = (said === null ? undefined : variable.defaultIn[said]) ?? byPreset ?? variable.default;
    return { value, origin: 'default', source: variable.name };
  }

  #fromCode(variable: Variable, path: string): Setting | null {
    const given = this.#inCode.get(path);
    if (given === null && variable.nullable) return { value: null, origin: 'code', source: path };
    const parsed = safeParse(variable.kind.fromCode, given);
    if (parsed.success) return { value: parsed.output, origin: 'code', source: path };
    const { expected } = variable.kind;
    this.problems.push({ variable: path, value: variable.kind.show(given), expected });
    return null;
  }

  #fromEnvironment(variable: Variable): Setting | null {
    const { kind } = variable;
    const given = [variable.name, ...variable.aliases].flatMap((name) => {
      const text = this.#environment[name];
      const unset = text === undefined || text.trim() === '' || variable.ignored?.test(text) === true;
      return unset ? [] : [{ name, text, parsed: safeParse(kind.fromText, text) }];
    });
    const [first] = given;
    if (first === undefined) {
      if (!variable.required) return this.#byDefault(variable);
      this.problems.push({ variable: variable.name, value: '(unset)', expected: kind.expected });
      return null;
    }
    const wrong = given.filter(({ parsed }) => !parsed.success);
    for (const { name, text } of wrong) {
      this.problems.push({ variable: name, value: kind.show(text), expected: kind.expected });
    }
    if (wrong.length > 0) return null;
    if (given.some(({ parsed }) => parsed.output !== first.parsed.output)) {
      this.problems.push({
        variable: given.map(({ name }) => name).join(', '),
        value: given.map(({ text }) => kind.show(text)).join(', '),
        expected: 'one value, since these are names of one setting',
      });
      return null;
    }
    return { value: first.parsed.output, origin: 'environment', source: first.name };
  }
}
