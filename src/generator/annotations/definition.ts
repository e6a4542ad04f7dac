import type { GeneratedModel } from '../metadata-types.js';
import type { AnnotationArgument } from './annotation.js';
import type { ModelSettings } from './model-settings.js';

/** What an annotation stands on. */
export interface Target {
  readonly model: GeneratedModel;
  /** Null where it stands on the model. */
  readonly field: string | null;
}

/** Settings that are being put together. */
export type Draft = { -readonly [Key in keyof ModelSettings]: ModelSettings[Key] };

/** One annotation that the generator knows. */
export interface AnnotationDefinition {
  /** How it is written, for who wrote it wrongly. */
  readonly usage: string;
  readonly standsOn: 'model' | 'field' | 'model or field';
  /** False for what has no sense on a view, whose rows are never cached and cannot be written. */
  readonly onViews: boolean;
  /** Whether it may stand there more than once. */
  readonly repeatable: boolean;
  /** Adds what it says to the settings, or says what is wrong with it, as a sentence without its full stop. */
  apply(target: Target, args: readonly AnnotationArgument[], settings: Draft): string | null;
}

/** The only argument, where it is a whole number in these bounds; else null. */
export function wholeNumber(args: readonly AnnotationArgument[], least: number, most: number): number | null {
  const [only] = args;
  if (args.length !== 1 || only?.kind !== 'number') return null;
  const value = Number(only.value);
  return Number.isInteger(value) && value >= least && value <= most ? value : null;
}

/** The only argument, where it is a string; else null. */
export function text(args: readonly AnnotationArgument[]): string | null {
  const [only] = args;
  return args.length === 1 && only?.kind === 'string' ? only.value : null;
}
