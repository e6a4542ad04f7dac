/** The code of the error that a promise rejects with, or `resolved`. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: { code?: unknown }) => error.code,
  );

/** A promise that someone else resolves. */
export function signalled(): { promise: Promise<void>; fire: () => void } {
  let fire: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire: () => fire?.() };
}
