/*
 * What a bench process and its parent say to each other: the parent asks, one thing at a time or several, and each question
 * has one answer. The first question is always `open`, whose answer means that the process is ready.
 */

/** What a process can be asked, by name. Arguments and answers go through the structured clone. */
export type Commands = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/** What a command takes. */
export type ArgumentOf<All extends Commands, Name extends keyof All> = Parameters<All[Name]>[0];
/** What a command gives. */
export type AnswerOf<All extends Commands, Name extends keyof All> = Awaited<ReturnType<All[Name]>>;

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: string };

/** The question that hands over the task, and the one after which the process ends by itself. */
export const OPEN = 'open';
export const CLOSE = 'close';
