import { changeOf, type Targets } from './shared-store.js';

/** What travels through the channel that all processes with a near cache listen to. */
export type Message =
  /** Something changes: drop these entries, and all that hang on these guards, and tell the writer. */
  | {
      readonly kind: 'change';
      readonly token: string;
      readonly keys: readonly string[];
      /** As `changeOf` calls them. */
      readonly versions: readonly string[];
    }
  /** A process is alive and has seen all that came before. */
  | { readonly kind: 'heartbeat'; readonly process: string; readonly count: number };

// Ids hold no NUL, since PostgreSQL's text cannot.
const SEPARATOR = '\0';

export function encodeChange(token: string, targets: Targets): string {
  const versions = targets.guards.map(changeOf);
  return ['C', token, targets.keys.length, ...targets.keys, ...versions].join(SEPARATOR);
}

export function encodeHeartbeat(process: string, count: number): string {
  return ['H', process, count].join(SEPARATOR);
}

/** Null for what this version does not know. */
export function decodeMessage(text: string): Message | null {
  const [letter, name, number, ...rest] = text.split(SEPARATOR);
  if (name === undefined || number === undefined || !/^\d+$/.test(number)) return null;
  const count = Number(number);
  if (letter === 'H') return { kind: 'heartbeat', process: name, count };
  if (letter !== 'C' || rest.length < count) return null;
  return { kind: 'change', token: name, keys: rest.slice(0, count), versions: rest.slice(count) };
}

/** What the end of a write announces, so that who is late with hearing of its fence is not taken to have heard of this. */
export function endOf(token: string): string {
  return `${token}!`;
}

/** The process that a token was made by. */
export function processOf(token: string): string {
  return token.slice(0, token.lastIndexOf('.'));
}
